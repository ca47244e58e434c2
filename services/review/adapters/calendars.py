"""The official calendar: what ships with the project, and the notices imported since."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, delete, select, update

from services.review.adapters.orm import calendar_head, calendar_year
from workdays import WorkCalendar, import_year

__all__ = ["SqlCalendars", "read_calendar"]

_NOTICES = select(calendar_year.c.notice).order_by(calendar_year.c.year)
_SHARED = select(calendar_head.c.version).with_for_update(read=True)


def read_calendar(connection: Connection) -> WorkCalendar:
    """Return the calendar as this transaction sees it, without waiting for an import."""
    return _calendar(tuple(connection.execute(_NOTICES).scalars()))


@lru_cache(maxsize=4)
def _calendar(notices: tuple[str, ...]) -> WorkCalendar:
    calendar = WorkCalendar.official()
    for notice in notices:
        calendar = calendar.with_year(import_year(notice))
    return calendar


class SqlCalendars:
    """The calendar inside a transaction: readers and importers wait for each other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self) -> WorkCalendar:
        self._connection.execute(_SHARED)
        return read_calendar(self._connection)

    def add(self, year: int, notice: str, source: str, at: datetime) -> None:
        """Keep the notice of a year; a later one for the same year replaces it."""
        self._connection.execute(update(calendar_head).values(version=calendar_head.c.version + 1))
        self._connection.execute(delete(calendar_year).where(calendar_year.c.year == year))
        self._connection.execute(
            calendar_year.insert().values(year=year, notice=notice, source=source, imported_at=at)
        )
