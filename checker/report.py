"""What a check found, and how it says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

__all__ = ["Finding", "Report", "kinds"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it must be. `subject` is what to look up: a key, never a name."""

    id: ClassVar[str] = ""

    service: str
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        words = f"{self.id} {self.service} {self.subject}"
        return f"{words}: {self.detail}" if self.detail else words


@dataclass(frozen=True)
class Report:
    """The findings, in the order of the proofs, and what was counted on the way."""

    findings: tuple[Finding, ...] = ()
    facts: dict[str, int | str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def verdict(self) -> str:
        """The last line of the command: what was read, and whether it holds."""
        read = (
            f"{self.facts.get('commands', 0)} commands, {self.facts.get('events', 0)} events, "
            f"{self.facts.get('cases', 0)} cases"
        )
        if self.ok:
            return f"OK: nothing lost, doubled or in disagreement in {read}"
        return f"FAILED: {len(self.findings)} findings in {read}"

    def ids(self) -> tuple[str, ...]:
        """The ids of the findings, each once, in the order in which they first appear."""
        return tuple(dict.fromkeys(finding.id for finding in self.findings))

    def lines(self) -> Iterator[str]:
        """Each finding, then the verdict."""
        yield from (str(finding) for finding in self.findings)
        yield self.verdict


def kinds() -> dict[str, type[Finding]]:
    """Every kind of finding by its id."""
    found = {kind.id: kind for kind in _below(Finding)}
    return dict(sorted(found.items()))


def _below(kind: type[Finding]) -> Iterable[type[Finding]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
