"""CPU seconds and memory by the role of processes, read from /proc.

CPU is the figure that neighbours on the machine disturb least: a command that
waits for a core uses none.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CpuMeter", "descendants_of", "resident_bytes", "role_memory"]

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")

Roots = Mapping[str, Iterable[int]]


@dataclass(frozen=True, slots=True)
class _Stat:
    parent: int
    seconds: float  # its own and those of its children that ended
    resident: int


class CpuMeter:
    """Counts the CPU seconds of trees of processes between two looks.

    What a process ends with is added to its parent when that waits for it, so
    that connections of PostgreSQL which came and went are counted with the
    server; the roots must live from the first look to the last.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = {role: tuple(pids) for role, pids in roots.items()}
        self._before = self._seconds()

    def start(self) -> None:
        """Count from now on."""
        self._before = self._seconds()

    def spent(self) -> dict[str, float]:
        """Return the seconds of each role since the start."""
        now = self._seconds()
        return {role: max(0.0, now[role] - self._before[role]) for role in self._roots}

    def _seconds(self) -> dict[str, float]:
        stats = _all()
        return {
            role: sum(stats[pid].seconds for root in pids for pid in _tree(stats, root))
            for role, pids in self._roots.items()
        }


def descendants_of(root: int) -> list[int]:
    """Return a process and everything below it."""
    return _tree(_all(), root)


def resident_bytes(pids: Iterable[int]) -> int:
    """Return the resident memory of processes, shared pages counted in each."""
    stats = _all()
    return sum(stats[pid].resident for pid in pids if pid in stats)


def role_memory(roots: Roots) -> dict[str, int]:
    """Return the resident memory of each role, in bytes."""
    stats = _all()
    return {
        role: sum(stats[pid].resident for root in pids for pid in _tree(stats, root))
        for role, pids in roots.items()
    }


def _tree(stats: Mapping[int, _Stat], root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for pid, stat in stats.items():
        children[stat.parent].append(pid)
    found: list[int] = []
    waiting = [root] if root in stats else []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children[pid])
    return found


def _all() -> dict[int, _Stat]:
    found = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (stat := _stat(entry)) is not None:
            found[int(entry.name)] = stat
    return found


def _stat(folder: Path) -> _Stat | None:
    try:
        text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None  # it ended while we looked
    # The second field is the name in brackets and may hold blanks and brackets itself.
    fields = text[text.rindex(")") + 2 :].split()
    ticks = sum(int(field) for field in fields[11:15])
    return _Stat(int(fields[1]), ticks / _TICKS, int(fields[21]) * _PAGE)
