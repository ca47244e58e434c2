"""The shared kernel: working-day arithmetic and the official calendar."""

from __future__ import annotations

from workdays.deadlines import CHINA_STANDARD_TIME, Due, DueInstant, deadline_instant
from workdays.limits import (
    ExcludedPeriod,
    Limit,
    Start,
    Unit,
    due,
    due_at,
    excluded_time,
    merged,
)
from workdays.notice_files import (
    DefectReason,
    NoticeDefect,
    NoticeError,
    export_year,
    import_year,
)
from workdays.notices import CalendarDay, DayKind, YearNotice
from workdays.work_calendar import WorkCalendar, YearBasis, YearStatus
from workdays.years import notice_year

__all__ = [
    "CHINA_STANDARD_TIME",
    "CalendarDay",
    "DayKind",
    "DefectReason",
    "Due",
    "DueInstant",
    "ExcludedPeriod",
    "Limit",
    "NoticeDefect",
    "NoticeError",
    "Start",
    "Unit",
    "WorkCalendar",
    "YearBasis",
    "YearNotice",
    "YearStatus",
    "deadline_instant",
    "due",
    "due_at",
    "excluded_time",
    "export_year",
    "import_year",
    "merged",
    "notice_year",
]
