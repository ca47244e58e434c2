"""The yearly notice of holidays and make-up days, as it was imported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from servicekit.errors import FieldViolation
from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.errors import CalendarNoticeInvalidError
from services.catalog.domain.events import CalendarYearImported
from workdays import NoticeError, WorkCalendar, YearNotice, import_year

__all__ = ["CalendarYear", "calendar_with", "read_notice"]

# More defects than this do not fit into the answer; who mends these learns of the rest.
_MOST_DEFECTS: Final = 40


def read_notice(text: str) -> YearNotice:
    """Return the notice that `text` holds, or refuse it with every error it has.

    Source: 全国年节及纪念日放假办法.
    """
    try:
        return import_year(text)
    except NoticeError as error:
        lines = [
            FieldViolation("notice", f"line {defect.line}: {defect.reason}: {defect.detail}"[:200])
            for defect in error.defects
        ]
        raise CalendarNoticeInvalidError(
            f"the notice has {len(lines)} errors",
            fields=lines[:_MOST_DEFECTS],
            count=str(len(lines)),
            lines="、".join(sorted({str(d.line) for d in error.defects if d.line}, key=int)[:20])
            or "—",
        ) from error


@dataclass(eq=False, kw_only=True)
class CalendarYear(Aggregate):
    """The notice of one year, word for word, so that every service can recompute its dates.

    Source: 行政许可法 第八十二条.
    """

    year: int
    notice: str
    source: str
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def take(cls, text: str, notice: YearNotice) -> Self:
        """Import the notice of a year for the first time."""
        year = cls(year=notice.year, notice=text, source=notice.source)
        year._imported()
        return year

    def correct(self, text: str, notice: YearNotice) -> bool:
        """Replace the notice by a later one; the same once more changes nothing."""
        if text == self.notice:
            return False
        self.notice, self.source = text, notice.source
        self._imported()
        return True

    @property
    def stream_id(self) -> str:
        return f"calendar-{self.year}"

    @property
    def ownership(self) -> Ownership:
        return Ownership()

    def _imported(self) -> None:
        self.happened(CalendarYearImported(year=self.year, notice=self.notice, source=self.source))


def calendar_with(shipped: WorkCalendar, notices: Iterable[str]) -> WorkCalendar:
    """Return the shipped calendar with the imported years in it."""
    calendar = shipped
    for text in notices:
        calendar = calendar.with_year(import_year(text))
    return calendar
