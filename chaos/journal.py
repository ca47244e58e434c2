"""What the rounds of a seed came to, on disk, so that an interrupted run goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One round that was brought to its end."""

    number: int
    journey: str
    strikes: tuple[tuple[str, ...], ...]
    seconds: float
    findings: tuple[str, ...] = ()
    facts: dict[str, int | str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.findings


class Journal:
    """A line for each finished round; the line is on the disk before the next round begins."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        """Return the rounds that are done; a line that was torn by a kill is none."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [_entry(content) for line in lines if (content := _content(line)) is not None]

    def add(self, entry: Entry) -> None:
        """Append a round. A torn line before it is ended first."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(entry), ensure_ascii=False)
        with self._path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            torn = file.read(1) not in (b"", b"\n")
            file.write((("\n" if torn else "") + line + "\n").encode())
            file.flush()
            os.fsync(file.fileno())

    def begin_anew(self) -> None:
        self._path.unlink(missing_ok=True)


def _content(line: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found


def _entry(content: dict[str, Any]) -> Entry:
    strikes: Sequence[Sequence[str]] = content.pop("strikes")
    findings: Sequence[str] = content.pop("findings")
    return Entry(
        strikes=tuple(tuple(strike) for strike in strikes), findings=tuple(findings), **content
    )
