"""The yearly holiday notice (节假日安排的通知) as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_SATURDAY: Final = 5


class DayKind(StrEnum):
    """How a notice changes a day."""

    HOLIDAY = "HOLIDAY"  # a rest day; on a weekend only its name is news
    WORKDAY = "WORKDAY"  # a Saturday or Sunday worked in exchange (调休上班)


@dataclass(frozen=True, slots=True, order=True)
class CalendarDay:
    """One day that a notice speaks of."""

    day: date
    kind: DayKind
    name: str


@dataclass(frozen=True, slots=True)
class YearNotice:
    """What the notice for one year says; every other day is Monday to Friday."""

    year: int
    source: str
    days: tuple[CalendarDay, ...]
    # Rest days given for one year only, beyond those the regulation names.
    extra_rest_days: int = 0

    @property
    def off_days(self) -> frozenset[date]:
        return frozenset(entry.day for entry in self.days if entry.kind is DayKind.HOLIDAY)

    @property
    def makeup_days(self) -> frozenset[date]:
        return frozenset(entry.day for entry in self.days if entry.kind is DayKind.WORKDAY)

    @property
    def net_rest_days(self) -> int:
        """Rest days on Monday to Friday, less the weekend days worked for them.

        Exchanging days moves rest and does not create it, so this equals the number of
        statutory days and shows a mistyped notice at once.
        """
        off_weekdays = sum(not is_weekend(day) for day in self.off_days)
        return off_weekdays - len(self.makeup_days)


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY
