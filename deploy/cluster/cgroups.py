"""The control groups below which a cluster's pods run, made and removed with the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")


def hierarchies() -> list[Path]:
    """Return the hierarchies of version 1, or the one of version 2."""
    if (ROOT / "cgroup.controllers").exists():
        return [ROOT]
    return sorted(path for path in ROOT.iterdir() if (path / "cgroup.procs").exists())


def make_cgroup(name: str) -> None:
    """Make the group in every hierarchy; the kubelet wants to find it.

    A new group of version 1 has no processor and no memory node: nothing could run in it.
    """
    for hierarchy in hierarchies():
        folder = hierarchy / name.lstrip("/")
        folder.mkdir(exist_ok=True)
        for file in ("cpuset.cpus", "cpuset.mems"):
            if (hierarchy / file).exists():
                given = (hierarchy / file).read_text(encoding="ascii")
                (folder / file).write_text(given, encoding="ascii")


def remove_cgroup(name: str) -> None:
    """Remove the group and all below it; they are empty when their processes have ended."""
    for hierarchy in hierarchies():
        folder = hierarchy / name.lstrip("/")
        if folder.is_dir():
            for path in sorted(folder.rglob("*"), reverse=True):
                if path.is_dir():
                    path.rmdir()
            folder.rmdir()
