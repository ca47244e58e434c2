"""The official calendar with the years imported since it was shipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.adapters.orm import calendar_year
from workdays import WorkCalendar, import_year

__all__ = ["keep_year", "load_calendar"]

_INSERTS: Mapping[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_NOTICES = select(calendar_year.c.notice).order_by(calendar_year.c.year)


def load_calendar(connection: Connection) -> WorkCalendar:
    """Return the calendar as it is known inside this transaction."""
    return _calendar(tuple(connection.execute(_NOTICES).scalars()))


@lru_cache(maxsize=8)
def _calendar(notices: tuple[str, ...]) -> WorkCalendar:
    calendar = WorkCalendar.official()
    for notice in notices:
        calendar = calendar.with_year(import_year(notice))
    return calendar


def keep_year(
    connection: Connection, year: int, notice: str, source: str, imported_at: datetime
) -> None:
    """Keep the notice of a year; a later notice for the same year replaces it."""
    values = {"notice": notice, "source": source, "imported_at": imported_at}
    insert = _INSERTS[connection.dialect.name](calendar_year).values(year=year, **values)
    connection.execute(
        insert.on_conflict_do_update(index_elements=[calendar_year.c.year], set_=values)
    )
