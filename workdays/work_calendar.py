"""Working-day arithmetic on the official calendar."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Self

from workdays.deadlines import Due
from workdays.notices import YearNotice, is_weekend
from workdays.official import official_notices
from workdays.statutory import assumed_notice, festivals_known
from workdays.years import first_day, last_day, notice_year


class YearStatus(StrEnum):
    """Whether the days of a year are settled."""

    PUBLISHED = "PUBLISHED"
    PROVISIONAL = "PROVISIONAL"


class YearBasis(StrEnum):
    """What the days of a year are taken from."""

    NOTICE = "NOTICE"
    STATUTORY_DAYS = "STATUTORY_DAYS"
    # Beyond the table of festivals: those that follow the moon are taken for working days.
    FIXED_DAYS_ONLY = "FIXED_DAYS_ONLY"


@dataclass(frozen=True, slots=True, repr=False)
class WorkCalendar:
    """The working days (工作日) that the published notices give, and a forecast beyond them.

    Answers for every day from year 1 to 9999; a year without a notice never fails, it
    makes the answer provisional. A year here is that of the notice: see `workdays.years`.

    Source: 行政许可法 第八十二条.
    """

    notices: tuple[YearNotice, ...]
    _by_year: dict[int, YearNotice] = field(init=False, compare=False)
    # The ordinals of each year's working days, filled on demand: a kilobyte for a year.
    _ordinals: dict[int, array[int]] = field(init=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        by_year = {notice.year: notice for notice in self.notices}
        if len(by_year) != len(self.notices):
            raise ValueError("two notices for one year")
        object.__setattr__(self, "_by_year", by_year)

    def __repr__(self) -> str:
        spans: list[list[int]] = []
        for year in sorted(self._by_year):
            if spans and year == spans[-1][-1] + 1:
                spans[-1][1:] = [year]
            else:
                spans.append([year])
        return f"WorkCalendar({', '.join('-'.join(map(str, span)) for span in spans)})"

    @classmethod
    def of(cls, notices: Iterable[YearNotice]) -> Self:
        """Return a calendar of these notices, in any order, one for a year."""
        return cls(tuple(sorted(notices, key=lambda notice: notice.year)))

    @staticmethod
    def official() -> WorkCalendar:
        """Return the calendar shipped with the package; the same object every time."""
        return _official()

    def with_year(self, notice: YearNotice) -> WorkCalendar:
        """Return a calendar in which `notice` settles its year, replacing an earlier one."""
        others = (known for known in self.notices if known.year != notice.year)
        return WorkCalendar.of((*others, notice))

    def notice(self, year: int) -> YearNotice:
        """Return the published notice for `year`, or the one assumed until it is published."""
        return self._by_year.get(year) or assumed_notice(year)

    def status(self, year: int) -> YearStatus:
        """Tell whether the notice for `year` is published."""
        return YearStatus.PUBLISHED if year in self._by_year else YearStatus.PROVISIONAL

    def basis(self, year: int) -> YearBasis:
        """Tell what the days of `year` are taken from."""
        if year in self._by_year:
            return YearBasis.NOTICE
        if festivals_known(year):
            return YearBasis.STATUTORY_DAYS
        return YearBasis.FIXED_DAYS_ONLY

    def is_provisional(self, first: date, last: date) -> bool:
        """Tell whether a day from `first` to `last`, both included, is not settled."""
        if last < first:
            return False
        years = range(notice_year(first), notice_year(last) + 1)
        return any(year not in self._by_year for year in years)

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is a working day."""
        ordinals = self._working_days(notice_year(day))
        position = bisect_right(ordinals, day.toordinal())
        return position > 0 and ordinals[position - 1] == day.toordinal()

    def add(self, start: date, working_days: int) -> Due:
        """Return the day that is `working_days` working days after `start`.

        The start is not counted, whether or not it is a working day.

        Source: 行政许可法 第八十二条; 民法典 第二百零一条第一款 by analogy.
        """
        if working_days < 0:
            raise ValueError(f"cannot count {working_days} working days")
        if working_days == 0:
            return Due(start)
        year = notice_year(start)
        ordinals = self._working_days(year)
        rank = bisect_right(ordinals, start.toordinal()) + working_days
        while rank > len(ordinals):
            rank -= len(ordinals)
            year += 1
            ordinals = self._working_days(year)
        on = date.fromordinal(ordinals[rank - 1])
        return Due(on, self.is_provisional(start + timedelta(days=1), on))

    def on_or_after(self, day: date) -> Due:
        """Return `day` if it is a working day, else the next one."""
        on = day if self.is_working_day(day) else self.add(day, 1).on
        return Due(on, self.is_provisional(day, on))

    def count(self, after: date, until: date) -> int:
        """Return the number of working days in (after, until]; negative if `until` is earlier.

        The inverse of `add`: from today to a due day it is what remains, or what is overdue.
        """
        if until < after:
            return -self.count(until, after)
        first, last = notice_year(after), notice_year(until)
        whole_years = sum(len(self._working_days(year)) for year in range(first, last))
        return whole_years + self._rank(until) - self._rank(after)

    def _rank(self, day: date) -> int:
        """Return the number of working days of the notice's year up to and including `day`."""
        return bisect_right(self._working_days(notice_year(day)), day.toordinal())

    def _working_days(self, year: int) -> array[int]:
        known = self._ordinals.get(year)
        if known is None:
            known = self._ordinals[year] = _working_ordinals(self.notice(year))
        return known


def _working_ordinals(notice: YearNotice) -> array[int]:
    off_days, makeup_days = notice.off_days, notice.makeup_days
    first, last = first_day(notice.year), last_day(notice.year)
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return array(
        "i",
        (
            day.toordinal()
            for day in days
            if day in makeup_days or not (is_weekend(day) or day in off_days)
        ),
    )


@cache
def _official() -> WorkCalendar:
    return WorkCalendar.of(official_notices())
