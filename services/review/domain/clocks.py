"""The two clocks of a case as data: what is measured, from when, until which day.

A clock never ticks. What it shows at an instant is computed when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from workdays import (
    CHINA_STANDARD_TIME,
    Due,
    ExcludedPeriod,
    Limit,
    Start,
    Unit,
    WorkCalendar,
    due,
    due_at,
    merged,
)

__all__ = ["Clock", "Light", "SourcedLimit", "civil_day"]

_NO_CALENDAR = WorkCalendar.of(())  # hours are counted through every day


def civil_day(instant: datetime) -> date:
    """Return the day on which `instant` falls in China."""
    return instant.astimezone(CHINA_STANDARD_TIME).date()


class Light(StrEnum):
    """Light of supervision (绿/黄/红), and what is beyond it."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    SUSPENDED = "SUSPENDED"  # 特别程序中
    PAST_LAW = "PAST_LAW"  # 超法定


@dataclass(frozen=True, slots=True)
class SourcedLimit:
    """A limit of time with the clause that sets it; `source` is empty for a mere promise."""

    amount: int
    unit: Unit
    start: Start
    source: str = ""

    @property
    def limit(self) -> Limit:
        return Limit(self.amount, self.unit, self.start)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: the statutory or the promised one.

    `excluded` holds the periods that do not count (特别程序); it is part of the
    clock, because a period may stop the one clock and not the other.

    Source: 行政许可法 第四十二条, 第四十五条; readings 15, 18.
    """

    limit: SourcedLimit
    started_at: datetime
    due: Due
    excluded: tuple[ExcludedPeriod, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """The instant before which an act is in time: 24:00 of the last day, or the last hour.

        Source: 民法典 第二百零一条第二款, 第二百零三条第二款.
        """
        if self.limit.unit is not Unit.HOUR:
            return self.due.at
        hours = due_at(self.started_at, self.limit.limit, _NO_CALENDAR, self.excluded)
        return min(hours.at, self.due.at)

    def computed_due(self, calendar: WorkCalendar) -> Due:
        """Return the last day of the limit as `calendar` has it.

        Source: 行政许可法 第四十五条, 第八十二条; readings 15.
        """
        if self.limit.unit is Unit.HOUR:
            hours = due_at(self.started_at, self.limit.limit, calendar, self.excluded)
            return Due(civil_day(hours.at), hours.provisional)
        return due(civil_day(self.started_at), self.limit.limit, calendar, self.excluded)

    def with_due(self, last: Due) -> Self:
        """Return the clock with another last day, unless that is less certain than its own.

        A settled day came from a service that has the year's notice; a calendar
        without that notice knows less and has no say.
        """
        if last.provisional and not self.due.provisional:
            return self
        return replace(self, due=last)

    def redated(self, excluded: tuple[ExcludedPeriod, ...], calendar: WorkCalendar) -> Self:
        """Return the clock with other excluded periods, or with what `calendar` knows better.

        Where the periods changed, the day follows from them, however certain it was before.

        Source: 行政许可法 第四十五条; readings 18.
        """
        if excluded == self.excluded:
            return self.with_due(self.computed_due(calendar))
        changed = replace(self, excluded=excluded)
        return replace(changed, due=changed.computed_due(calendar))

    def extended(self, amount: int, calendar: WorkCalendar) -> Self:
        """Return the clock with `amount` more of its unit, counted as one period.

        Source: 行政许可法 第四十二条.
        """
        longer = self.limit.limit.extended(amount).amount
        changed = replace(self, limit=replace(self.limit, amount=longer))
        return replace(changed, due=changed.computed_due(calendar))

    def stands_still(self, day: date) -> bool:
        """Tell whether `day` is one that does not count."""
        return any(period.after < day <= period.until for period in self.excluded)

    def days_left(self, day: date, calendar: WorkCalendar) -> int:
        """Return the working days from `day` to the last day, excluded ones left out.

        Zero on the last day, negative once a working day after it has begun.
        """
        last = self.due.on
        return calendar.count(day, last) - self._excluded_between(day, last, calendar)

    def length(self, calendar: WorkCalendar) -> int:
        """Return the whole limit in working days, whatever its unit."""
        return self.days_left(civil_day(self.started_at), calendar)

    def _excluded_between(self, after: date, until: date, calendar: WorkCalendar) -> int:
        return sum(
            max(0, calendar.count(max(after, period.after), min(until, period.until)))
            for period in merged(self.excluded)
            if period.until > after and period.after < until
        )
