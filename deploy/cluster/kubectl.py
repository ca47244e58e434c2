"""Speaks to a cluster through kubectl, and waits for what takes its time."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from deploy.cluster.build import cache_folder
from deploy.cluster.errors import ClusterError

POLL_SECONDS: Final = 1.0
CALL_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl for one cluster; without a configuration for the one of the current context."""

    program: str
    kubeconfig: Path | None = None
    namespace: str | None = None

    def within(self, namespace: str) -> Kubectl:
        return replace(self, namespace=namespace)

    def command(self, *words: str) -> list[str]:
        """Return the words of a call, for whoever wants to run it differently."""
        options = []
        if self.kubeconfig is not None:
            options.append(f"--kubeconfig={self.kubeconfig}")
        if self.namespace is not None:
            options.append(f"--namespace={self.namespace}")
        return [self.program, *options, *words]

    def __call__(self, *words: str, stdin: str | None = None) -> str:
        """Return what the call printed; ClusterError with its complaint when it failed."""
        done = self.attempt(*words, stdin=stdin)
        if done.returncode:
            raise ClusterError(
                f"`kubectl {' '.join(words)}` failed ({done.returncode}):\n{done.stderr[-2000:]}"
            )
        return done.stdout

    def attempt(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 -- our own command
            self.command(*words),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
            check=False,
        )

    def get(self, *words: str) -> dict[str, Any]:
        """Return one object, or a list of them, as the server has it."""
        document: dict[str, Any] = json.loads(self("get", *words, "--output=json"))
        return document

    def apply(self, *documents: Mapping[str, object]) -> None:
        items = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
        self("apply", "--filename=-", stdin=json.dumps(items))

    def rolled_out(self, what: str, seconds: int) -> None:
        self("rollout", "status", what, f"--timeout={seconds}s")


def find_kubectl() -> str:
    """Return the kubectl that the cluster was built with, else the one on the PATH."""
    built = cache_folder() / "bin" / "kubectl"
    found = str(built) if built.exists() else shutil.which("kubectl")
    if found is None:
        raise ClusterError("kubectl is not on the PATH; `python -m deploy.cluster build` makes it")
    return found


def wait_until(
    lacking: Callable[[], str | None], seconds: float, *, pause: float = POLL_SECONDS
) -> None:
    """Return when nothing is lacking; ClusterError with what still is when the time is over."""
    limit = time.monotonic() + seconds
    while (missing := lacking()) is not None:
        if time.monotonic() > limit:
            raise ClusterError(f"after {seconds:.0f} s still: {missing}")
        time.sleep(pause)


def pods(kubectl: Kubectl, selector: str) -> Sequence[dict[str, Any]]:
    """Return the pods that a selector names and that are not on their way out."""
    found = kubectl.get("pods", f"--selector={selector}")["items"]
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)
