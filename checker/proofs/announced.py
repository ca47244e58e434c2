"""Service by announcement (公告送达): after a failure, for thirty days, told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from checker.days import Works, calendars, last_day
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.values import civil_day, day, instant

__all__ = ["prove_announcements"]

_DAYS: Final = 30  # calendar days; 民事诉讼法 第九十五条
_ANNOUNCED: Final = "ANNOUNCED"


class AnnouncementWrong(Finding):
    """A result was announced without a failure before, or its period is another (readings 9)."""

    id = "LAW_ANNOUNCEMENT_WRONG"


def prove_announcements(evidence: Evidence) -> Iterator[Finding]:
    """What is announced failed before, and is served when thirty days have run, not earlier.

    Source: 民事诉讼法 第九十五条 by analogy; 民法典 第二百零三条; readings 9.
    """
    if not evidence.having("intake"):
        return
    catalog = evidence.services.get("catalog")
    known = calendars(None if catalog is None else catalog.database)
    sql = """SELECT number, announced_at, announced_until, served_at, service_means
        FROM case_file WHERE announced_at IS NOT NULL OR service_means = 'ANNOUNCED'
        ORDER BY number"""
    for row in evidence.services["intake"].database.rows(sql):
        case = evidence.cases.intake.get(row["number"])
        for wrong in _wrong(row, case, known):
            yield AnnouncementWrong(service="intake", subject=row["number"], detail=wrong)


def _wrong(
    row: Mapping[str, Any], case: IntakeCase | None, known: tuple[Works, ...]
) -> Iterator[str]:
    at, until = instant(row["announced_at"]), day(row["announced_until"])
    if at is None or until is None:
        yield f"served by an announcement {at} that runs until {until}"
        return
    if case is None or not any(each.failure for each in case.dispatches):
        yield "announced, and no parcel had failed"
    if not any(
        last_day(civil_day(at), _DAYS, "CALENDAR_DAY", frozenset(), works) == until
        for works in known
    ):
        yield f"announced {at}, runs until {until}"
    served = instant(row["served_at"])
    if row["service_means"] == _ANNOUNCED and (
        served is None or civil_day(served) != until + timedelta(days=1)
    ):
        yield f"runs until {until}, served {served}"
