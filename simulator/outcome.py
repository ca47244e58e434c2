"""What became of one schedule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one schedule."""

    seed: int
    findings: tuple[str, ...]
    fingerprint: str
    faults: Counter[str]
    steps: int
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.findings
