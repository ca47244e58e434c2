"""Keeps what would be gone by the time somebody asks why a step failed.

The node of `make cluster-up` is a few processes of this machine: when it ends, or when the next
one is started, its logs, its events and what the kernel said are lost. So they are copied at once.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy.cluster.cluster import node_runs
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.layout import Layout

TAIL_BYTES: Final = 400_000  # of each part's log; the kubelet writes about this much in an hour
POD_BYTES: Final = 60_000
POD_LINES: Final = 300
ASK_SECONDS: Final = 60
KERNEL_WORDS: Final = re.compile(
    r"out of memory|oom|killed process|segfault|hung task|i/o error|no space", re.IGNORECASE
)
# How full the machine is: a node that was killed is most often one for which there was no room.
MACHINE: Final = {
    "disk.txt": ("df", "--human-readable"),
    "inodes.txt": ("df", "--inodes"),
    "memory.txt": ("cat", "/proc/meminfo", "/proc/loadavg", "/proc/vmstat"),
    "processes.txt": ("ps", "-e", "--sort=-rss", "-o", "pid,ppid,lstart,rss,pcpu,stat,args"),
}
CLUSTER: Final = {
    "nodes.txt": ("describe", "nodes"),
    "pods.txt": ("get", "pods", "--output=wide"),
    "pods.yaml": ("get", "pods", "--output=yaml"),
    "events.txt": ("get", "events", "--sort-by=.lastTimestamp", "--output=wide"),
    "workloads.txt": ("describe", "deployments,statefulsets,jobs"),
}


class Evidence:
    """One folder for each failure, below the folder that is given."""

    def __init__(
        self,
        folder: Path,
        kubectl: Kubectl,
        layout: Layout | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._kubectl = kubectl
        self._layout = layout  # None: the cluster is not one of this machine
        self._now = now

    def keep(self, step: str) -> str:
        """Copy everything that there is and say where; a source that is silent is named there."""
        name = re.sub(r"\W+", "-", step).strip("-")
        place = self._folder / f"{self._now():%Y%m%dT%H%M%S}-{name}"
        place.mkdir(parents=True)
        for file, command in MACHINE.items():
            _write(place / file, *_asked(list(command)))
        kernel, complaint = _asked(["dmesg", "--ctime"])
        found = "\n".join(line for line in kernel.splitlines() if KERNEL_WORDS.search(line))
        _write(place / "kernel.txt", found or "(no line about memory or disks)", complaint)
        if self._layout is not None:
            self._keep_node(place, self._layout)
        if self.gone() is None:
            self._keep_cluster(place)
        return f"kept in {place}"

    def gone(self) -> str | None:
        """Say that there is no cluster to ask any more, and how that is known."""
        if self._layout is not None and not node_runs(self._layout):
            log = self._layout.logs / "node.log"
            last = _tail(log, 600).strip().splitlines()[-3:] if log.exists() else []
            return f"the node is gone; the end of {log}: {' | '.join(last) or 'nothing'}"
        told, complaint = _asked(self._kubectl.command("get", "--raw=/readyz"))
        return None if told else f"the cluster does not answer: {complaint.strip()[-300:]}"

    def _keep_node(self, place: Path, layout: Layout) -> None:
        for log in sorted(layout.logs.rglob("*.log")):
            size = TAIL_BYTES if log.parent == layout.logs else POD_BYTES
            _write(place / "node" / log.relative_to(layout.logs), _tail(log, size))

    def _keep_cluster(self, place: Path) -> None:
        for file, words in CLUSTER.items():
            _write(place / file, *_asked(self._kubectl.command(*words)))
        names, complaint = _asked(self._kubectl.command("get", "pods", "--output=name"))
        if complaint:
            _write(place / "pods" / "unknown.txt", complaint)
        for name in names.split():
            options = ("logs", name, "--all-containers", "--prefix", f"--tail={POD_LINES}")
            pod = name.rpartition("/")[2]
            _write(place / "pods" / f"{pod}.log", *_asked(self._kubectl.command(*options)))
            before, _ = _asked(self._kubectl.command(*options, "--previous"))
            if before:  # only a container that was started again has one
                _write(place / "pods" / f"{pod}.previous.log", before)


def _asked(command: list[str]) -> tuple[str, str]:
    """Return what a command printed, and its complaint if it has one."""
    try:
        done = subprocess.run(  # noqa: S603 -- our own command
            command, capture_output=True, text=True, errors="replace", timeout=ASK_SECONDS,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return done.stdout, done.stderr if done.returncode else ""


def _write(path: Path, text: str, complaint: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    note = f"\n(not told: {complaint.strip()})\n" if complaint else ""
    path.write_text(text + note, encoding="utf-8")


def _tail(path: Path, size: int) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - size))
        return stream.read().decode("utf-8", errors="replace")
