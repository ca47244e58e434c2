"""Finds the helm that the chart is worked on with, or builds it when it is missing.

It is the official command line, built from its Go module at a pinned version; the checksum
database that Go asks says that it is what its authors published.
It is kept in the user's cache folder. `python -m deploy.tools` prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["HELM_VERSION", "ToolMissingError", "find_helm", "require_helm"]

HELM_VERSION: Final = "v3.22.0"
NAME: Final = f"helm-{HELM_VERSION}"
KUBERNETES_MINOR: Final = "37"  # of the Kubernetes libraries that this helm is built with
# Of the user, not of the checkout: what takes minutes to build is built once for all of them.
FOLDER: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liandong" / "tools"
)
BUILD_SECONDS: Final = 1800

_MODULE: Final = "helm.sh/helm/v3"
# What the authors' own build sets too: without it helm takes the cluster for Kubernetes 1.20.
_STAMPS: Final = {
    "internal/version.version": HELM_VERSION,
    "pkg/chartutil.k8sVersionMajor": "1",
    "pkg/chartutil.k8sVersionMinor": KUBERNETES_MINOR,
    "pkg/lint/rules.k8sVersionMajor": "1",
    "pkg/lint/rules.k8sVersionMinor": KUBERNETES_MINOR,
}


class ToolMissingError(Exception):
    """Neither the tool nor what it is built with is on this machine."""


def find_helm() -> Path | None:
    """Return the helm built for this user, or one on the PATH of just the pinned version."""
    built = FOLDER / NAME
    on_path = shutil.which("helm")
    for candidate in (built, *([Path(on_path)] if on_path else [])):
        if candidate.exists() and _version(candidate).startswith(HELM_VERSION):
            return candidate
    return None


def require_helm() -> Path:
    """Return helm; build it first when it is missing, which takes minutes."""
    found = find_helm()
    if found is not None:
        return found
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise ToolMissingError(
            f"the chart is tested with helm {HELM_VERSION}: it is not in {FOLDER} nor on the PATH,"
            " and there is no go to build it with. Install either of them."
        )
    _build(go)
    return FOLDER / NAME


def _build(go: str) -> None:
    """Build into a folder beside the place and move it there, so that nobody meets half a file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamps = " ".join(f"-X {_MODULE}/{name}={value}" for name, value in _STAMPS.items())
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        done = subprocess.run(  # noqa: S603 -- our own command
            [go, "install", "-trimpath", "-ldflags", f"-s -w {stamps}",
             f"{_MODULE}/cmd/helm@{HELM_VERSION}"],
            env={**os.environ, "GOBIN": folder},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise ToolMissingError(
                f"helm {HELM_VERSION} could not be built:\n{done.stderr[-2000:]}"
            )
        (Path(folder) / "helm").replace(FOLDER / NAME)


def _version(helm: Path) -> str:
    done = subprocess.run(  # noqa: S603 -- our own command
        [str(helm), "version", "--template", "{{.Version}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip()


def main() -> int:
    sys.stdout.write(f"{require_helm()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
