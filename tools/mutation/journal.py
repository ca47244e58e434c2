"""Keeps each verdict as it is given, so that a long judgement may be cut off and gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.mutation.mutants import Mutant, Verdict

__all__ = ["Journal"]


class Journal:
    """A line for each mutant that was judged; what was changed since is judged again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sources: dict[str, str] = {}

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def note(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = [self._source(verdict.mutant), verdict.mutant.number, verdict.fate]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def verdicts(self, mutants: Iterable[Mutant]) -> list[Verdict]:
        """Return what is known of `mutants`; of a line that was cut off, nothing."""
        fates = {(source, number): fate for source, number, fate in self._lines()}
        named = ((each, (self._source(each), each.number)) for each in mutants)
        return [Verdict(each, fates[name]) for each, name in named if name in fates]

    def _lines(self) -> Iterator[tuple[str, int, str]]:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                source, number, fate = json.loads(line)
            except json.JSONDecodeError:  # cut off; its mutant is judged again
                continue
            yield source, number, fate

    def _source(self, mutant: Mutant) -> str:
        name = mutant.place.path
        if name not in self._sources:
            self._sources[name] = hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]
        return self._sources[name]
