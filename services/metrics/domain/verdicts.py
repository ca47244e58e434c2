"""What a case or an item is to a ratio, and how verdicts add up to a fraction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.items import DeclaredItem
from services.metrics.domain.rating import Grade
from workdays import WorkCalendar

__all__ = ["AsOf", "CountedCase", "Fraction", "Verdict", "Weight", "verdict"]


class Verdict(Enum):
    """What a case or an item is to a ratio."""

    COUNTS = "counts"  # numerator and denominator
    AGAINST = "against"  # denominator only
    EXCLUDED = "excluded"  # left out of both, and shown as left out
    OUTSIDE = "outside"  # the ratio is not about it


@dataclass(frozen=True, slots=True)
class Weight:
    """What a case or an item adds to a ratio that does not count by one."""

    counts: int = 0
    against: int = 0
    excluded: int = 0

    @classmethod
    def of(cls, judged: Verdict | Weight) -> Weight:
        match judged:
            case Verdict.COUNTS:
                return cls(counts=1)
            case Verdict.AGAINST:
                return cls(against=1)
            case Verdict.EXCLUDED:
                return cls(excluded=1)
            case Verdict.OUTSIDE:
                return cls()
            case Weight():
                return judged

    @classmethod
    def over(cls, numerator: int, denominator: int) -> Weight:
        """Return what adds these two; the numerator may be negative or exceed the other."""
        return cls(numerator, denominator - numerator)

    @property
    def denominator(self) -> int:
        return self.counts + self.against


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator over a denominator, and what was left out of both."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0

    @classmethod
    def of(cls, judged: Iterable[Verdict | Weight]) -> Fraction:
        weights = [Weight.of(each) for each in judged]
        return cls(
            sum(each.counts for each in weights),
            sum(each.denominator for each in weights),
            sum(each.excluded for each in weights),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCase:
    """The facts of a case with what the ratios join to them.

    `item` is the version under which the case was received, None until the
    catalogue told of it; `accepting_kind` the kind of unit that accepted it.
    """

    facts: CaseFacts
    item: DeclaredItem | None = None
    accepting_kind: str = ""
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day a ratio is counted for, the calendar as it is known, and for whom.

    `authority` is the one whose reach it is: of a case on which several work,
    what the others did is not held against it. Empty for whoever sees all.
    """

    on: date
    calendar: WorkCalendar
    authority: str = ""


def verdict(counts: bool) -> Verdict:
    return Verdict.COUNTS if counts else Verdict.AGAINST
