"""The checker's own calendar and its own counting of days, one after the other.

Only the tables of the published notices are shared with the services: they are
data. How a year without a notice is taken is stated here a second time.

Source: 全国年节及纪念日放假办法 第二条, 第六条; 行政许可法 第四十五条, 第八十二条;
民法典 第二百零一条至第二百零三条.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from checker.databases import Database

__all__ = ["Works", "calendars", "last_day", "working_days_between", "working_days_on"]

Works = Callable[[date], bool]

_DATA: Final = Path(__file__).resolve().parents[1] / "workdays" / "data"
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_LAST_WEEK: Final = (12, 25)  # from here a day belongs to the notice of the next year
_FIXED: Final = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_SPRING: Final = range(-1, 3)  # from the eve of the festival, four days

# A day to whether it is worked, where a notice says other than the day of the week.
_Notice = Mapping[date, bool]


@dataclass(frozen=True)
class Calendar:
    """The notices that are known, by year."""

    notices: Mapping[int, _Notice]

    def works(self, day: date) -> bool:
        """Whether a day is worked: as its notice says, or without one as the regulation does."""
        year = day.year + ((day.month, day.day) >= _LAST_WEEK)
        notice = self.notices.get(year)
        known = _assumed(year) if notice is None else notice
        return known.get(day, not _is_weekend(day))

    def with_notice(self, text: str) -> Calendar:
        """Return the calendar with a notice in the form in which it is imported."""
        year, days = 0, {}
        for line in text.splitlines():
            words = line.strip()
            if words.startswith("# year:"):
                year = int(words.partition(":")[2])
            elif words and words[0].isdigit():
                day, kind, *_ = words.split(",")
                days[date.fromisoformat(day)] = kind == "WORKDAY"
        return Calendar({**self.notices, year: days})


@cache
def _shipped() -> Calendar:
    notices: dict[int, dict[date, bool]] = {int(row["year"]): {} for row in _table("years.csv")}
    for row in _table("calendar.csv"):
        day = date.fromisoformat(row["date"])
        year = day.year + ((day.month, day.day) >= _LAST_WEEK)
        notices[year][day] = row["kind"] == "WORKDAY"
    return Calendar(notices)


@cache
def _assumed(year: int) -> _Notice:
    """Return the rest days of a year without a notice: the statutory ones, lost ones made good."""
    listed = sorted([date(year, month, day) for month, day in _FIXED] + _festivals(year))
    rest = set(listed)
    seen: set[date] = set()
    for day in listed:
        if _is_weekend(day) or day in seen:
            free = day
            while free in rest or _is_weekend(free):
                free += _DAY
            rest.add(free)
        seen.add(day)
    return dict.fromkeys(rest, False)


def _festivals(year: int) -> list[date]:
    for row in _table("festivals.csv"):
        spring = date.fromisoformat(row["spring_festival"])
        if spring.year == year:
            others = (row[name] for name in ("clear_brightness", "dragon_boat", "mid_autumn"))
            return [spring + _DAY * step for step in _SPRING] + [
                date.fromisoformat(each) for each in others
            ]
    return []


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def calendars(database: Database | None) -> tuple[Works, ...]:
    """Return the calendar as shipped, and as it is after each year imported since.

    What was decided before a year was imported keeps the days of before.
    """
    notices: Iterable[str] = ()
    if database is not None:
        rows = database.rows("SELECT notice FROM calendar_year ORDER BY year")
        notices = [row["notice"] for row in rows]
    known = [_shipped()]
    for notice in notices:
        known.append(known[-1].with_notice(notice))
    return tuple(calendar.works for calendar in known)


def working_days_on(start: date, number: int, works: Works) -> date:
    """Return the day that is so many working days after `start`, which does not count."""
    day = start
    while number > 0:
        day += _DAY
        number -= works(day)
    return day


def working_days_between(after: date, until: date, works: Works) -> int:
    """Return how many working days lie in (after, until]; 0 if `until` is not later."""
    return sum(works(after + _DAY * step) for step in range(1, (until - after).days + 1))


def last_day(
    start: date, amount: int, unit: str, excluded: AbstractSet[date], works: Works
) -> date | None:
    """Return the last day of a limit; None for a unit that is not counted in days.

    An excluded day is not counted and cannot be the last; the last of calendar
    days is worked.
    """
    if unit == "ON_THE_SPOT":
        return start
    if unit not in {"WORKING_DAY", "CALENDAR_DAY"}:
        return None
    day, left = start, amount
    while left > 0:
        day += _DAY
        left -= day not in excluded and (unit == "CALENDAR_DAY" or works(day))
    while unit == "CALENDAR_DAY" and (day in excluded or not works(day)):
        day += _DAY
    return day
