"""The statutory days, and the calendar they give while a year's notice is not published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import cache
from typing import Final

from workdays.notices import CalendarDay, DayKind, YearNotice, is_weekend
from workdays.resources import read_table

ASSUMED_SOURCE: Final = "全国年节及纪念日放假办法 第二条、第六条"
REGULATION_OF_2024: Final = 2025  # the first year under the revision of 2024-11-10

_ONE_DAY: Final = timedelta(days=1)
_NEW_YEAR: Final = "元旦"
_SPRING: Final = "春节"
_CLEAR_BRIGHTNESS: Final = "清明节"
_LABOUR: Final = "劳动节"
_DRAGON_BOAT: Final = "端午节"
_MID_AUTUMN: Final = "中秋节"
_NATIONAL: Final = "国庆节"

_FIXED_DAYS: Final = (
    (1, 1, _NEW_YEAR),
    (5, 1, _LABOUR),
    (5, 2, _LABOUR),
    (10, 1, _NATIONAL),
    (10, 2, _NATIONAL),
    (10, 3, _NATIONAL),
)
# First year, and the statutory days per year from then on.
_NUMBER_OF_DAYS: Final = ((2025, 13), (2008, 11), (2000, 10))


@dataclass(frozen=True, slots=True)
class StatutoryDay:
    """A day on which all citizens rest."""

    day: date
    name: str


def statutory_days(year: int) -> tuple[StatutoryDay, ...]:
    """Return the statutory days of `year` in order; where two festivals meet, both are listed.

    For a year outside the table of festivals only the fixed days are known.

    Source: 全国年节及纪念日放假办法 (2024年修订) 第二条.
    """
    if year > MAXYEAR:
        return ()
    fixed = [StatutoryDay(date(year, month, day), name) for month, day, name in _FIXED_DAYS]
    known = [*fixed, *_festival_table().get(year, ())]
    return tuple(sorted(known, key=lambda statutory: statutory.day))


def festivals_known(year: int) -> bool:
    """Tell whether the days that follow the moon are tabulated for `year`."""
    return year in _festival_table()


def number_of_statutory_days(year: int) -> int | None:
    """Return how many days all citizens rest in `year`; None before the rules of 1999."""
    return next((number for first, number in _NUMBER_OF_DAYS if year >= first), None)


@cache
def assumed_notice(year: int) -> YearNotice:
    """Return the calendar to work with until the notice for `year` is published.

    Monday to Friday less the statutory days. One that falls on a weekend, or on another
    one, is made good on the next free working day: the regulation promises a working day
    and leaves open which; the notices have always taken the nearest ones.

    Source: 全国年节及纪念日放假办法 (2024年修订) 第二条、第六条.
    """
    listed = statutory_days(year)
    entries = {entry.day: entry.name for entry in reversed(listed)}
    for lost in _lost_days(listed):
        substitute = lost.day
        while substitute in entries or is_weekend(substitute):
            substitute += _ONE_DAY
        entries[substitute] = lost.name
    days = (CalendarDay(day, DayKind.HOLIDAY, name) for day, name in sorted(entries.items()))
    return YearNotice(year, ASSUMED_SOURCE, tuple(days))


def _lost_days(listed: tuple[StatutoryDay, ...]) -> Iterator[StatutoryDay]:
    taken: set[date] = set()
    for entry in listed:
        if is_weekend(entry.day) or entry.day in taken:
            yield entry
        taken.add(entry.day)


@cache
def _festival_table() -> dict[int, tuple[StatutoryDay, ...]]:
    table = {}
    for row in read_table("festivals.csv"):
        spring = date.fromisoformat(row["spring_festival"])
        table[spring.year] = (
            *(StatutoryDay(spring + offset * _ONE_DAY, _SPRING) for offset in range(-1, 3)),
            StatutoryDay(date.fromisoformat(row["clear_brightness"]), _CLEAR_BRIGHTNESS),
            StatutoryDay(date.fromisoformat(row["dragon_boat"]), _DRAGON_BOAT),
            StatutoryDay(date.fromisoformat(row["mid_autumn"]), _MID_AUTUMN),
        )
    return table
