"""The official calendar with the years that the catalogue told of."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, select

from services.metrics.adapters.orm import calendar_year
from workdays import WorkCalendar, import_year

__all__ = ["load_calendar"]


def load_calendar(connection: Connection) -> WorkCalendar:
    """Return the calendar as it is known inside this transaction."""
    rows = connection.execute(select(calendar_year.c.notice).order_by(calendar_year.c.year))
    return _calendar(tuple(rows.scalars()))


@lru_cache(maxsize=8)
def _calendar(notices: tuple[str, ...]) -> WorkCalendar:
    calendar = WorkCalendar.official()
    for notice in notices:
        calendar = calendar.with_year(import_year(notice))
    return calendar
