"""podman or docker, whichever is there and answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["Engine", "EngineError", "find_engine"]

# A build fetches and compiles; on a busy machine it takes its time.
SECONDS: Final = 3600
IGNORED: Final = "deploy/image/Containerfile.dockerignore"
# Files in a layer get one time, so that a layer that holds the same is the same.
EPOCH: Final = 1_700_000_000

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class EngineError(Exception):
    """No engine is there, or it did not do what it was asked; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that builds and runs images, with the words it needs on this machine."""

    program: Path
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.program.name

    def __call__(self, *arguments: str, show: bool = False, folder: Path | None = None) -> str:
        """Run it; return what it printed, or raise `EngineError` with its last lines."""
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            [str(self.program), *self.words, *arguments],
            cwd=folder,
            env={**os.environ, "DOCKER_BUILDKIT": "1"},
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            told = "\n".join(((done.stdout or "") + (done.stderr or "")).splitlines()[-20:])
            raise EngineError(f"{self.name} {arguments[0]} failed ({done.returncode})\n{told}")
        return done.stdout or ""

    def build(
        self, root: Path, tag: str, arguments: Mapping[str, str], secrets: Mapping[str, Path]
    ) -> None:
        """Build the image from the folder `root`; a secret is lent to the steps that ask for it."""
        words = ["build", "--network", "host", "-f", "deploy/image/Containerfile", "-t", tag]
        if self.name == "podman":
            words += ["--layers", "--ignorefile", IGNORED, "--timestamp", str(EPOCH)]
        words += [
            word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")
        ]
        words += [
            word for name, path in secrets.items() for word in ("--secret", f"id={name},src={path}")
        ]
        self(*words, ".", show=True, folder=root)

    def inspect(self, image: str) -> dict[str, Any]:
        """Return what the engine knows of an image."""
        found: dict[str, Any] = json.loads(self("image", "inspect", image))[0]
        return found

    def layers(self, image: str) -> list[int]:
        """Return how many bytes each layer that holds something has, the uppermost first."""
        if self.name == "podman":
            told = json.loads(self("history", "--format", "json", image))
            sizes = [int(each["size"]) for each in told]
        else:
            told = self("history", "--human=false", "--format", "{{.Size}}", image)
            sizes = [int(each) for each in told.split()]
        return [size for size in sizes if size]

    def try_out(self, image: str, *words: str) -> str:
        """Run a container as the chart does: its root read-only, no network, no capability."""
        return self(
            "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:rw,size=512m,mode=1777",  # noqa: S108
            # podman asks for more than a confined root may give.
            "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=4096:4096",
            image, *words,
        )  # fmt: skip

    def has(self, image: str) -> bool:
        try:
            self.inspect(image)
        except EngineError:
            return False
        return True


def find_engine(
    which: Callable[[str], str | None] = shutil.which, run: Run = subprocess.run
) -> Engine:
    """Return podman, or docker with a daemon that answers; podman needs none and comes first."""
    silent = []
    for name in ("podman", "docker"):
        path = which(name)
        if path is None:
            continue
        done = run([path, "info", "--format", "json"] if name == "podman" else [path, "info"],
                   capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
        if done.returncode == 0:
            return Engine(Path(path), _podman_words(done.stdout, which) if name == "podman" else ())
        silent.append(f"{path} does not answer: {done.stderr.strip().splitlines()[-1:]}")
    raise EngineError(
        "an image is built with podman or docker, and neither works here"
        + "".join(f"; {each}" for each in silent)
        + ". On Debian: apt-get install --no-install-recommends podman runc"
    )


def _podman_words(info: str, which: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return what podman must be told where crun fails: on hosts that still have cgroup v1."""
    host = json.loads(info)["host"]
    if host.get("cgroupVersion") == "v1" and os.geteuid() == 0 and which("runc"):
        return ("--runtime", "runc", "--cgroup-manager", "cgroupfs")
    return ()
