"""Importing the yearly notice of holidays and make-up days."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalog.domain.calendar_years import CalendarYear, read_notice
from services.catalog.ports import CatalogUnitOfWork

__all__ = ["ImportCalendarYear", "ImportedYear", "import_calendar_year"]


@dataclass(frozen=True, slots=True)
class ImportCalendarYear:
    """Take over the notice of a year, in the import format of `workdays`."""

    notice: str


@dataclass(frozen=True, slots=True)
class ImportedYear:
    """The year that is settled now."""

    year: int


def import_calendar_year(command: ImportCalendarYear, *, uow: CatalogUnitOfWork) -> ImportedYear:
    """Import a year, or correct one that was imported before."""
    notice = read_notice(command.notice)
    known = uow.years.find(notice.year)
    if known is None:
        uow.years.add(CalendarYear.take(command.notice, notice))
    else:
        known.correct(command.notice, notice)
    return ImportedYear(notice.year)
