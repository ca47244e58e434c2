"""The notices shipped with the package."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from workdays.notices import CalendarDay, DayKind, YearNotice
from workdays.resources import read_table
from workdays.years import notice_year


def official_notices() -> tuple[YearNotice, ...]:
    """Return every shipped notice in the order of years."""
    days: defaultdict[int, list[CalendarDay]] = defaultdict(list)
    for row in read_table("calendar.csv"):
        entry = CalendarDay(date.fromisoformat(row["date"]), DayKind(row["kind"]), row["name"])
        days[notice_year(entry.day)].append(entry)
    return tuple(
        YearNotice(
            year=int(row["year"]),
            source=row["source"],
            days=tuple(days[int(row["year"])]),
            extra_rest_days=int(row["extra_rest_days"]),
        )
        for row in read_table("years.csv")
    )
