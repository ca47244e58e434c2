"""Reads and writes the file in which an administrator enters a year's notice.

The format is described, with an example, in `data/README.md`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from workdays.notices import CalendarDay, DayKind, YearNotice, is_weekend
from workdays.statutory import (
    REGULATION_OF_2024,
    number_of_statutory_days,
    statutory_days,
)
from workdays.years import first_day, last_day, notice_year

WHOLE_FILE: Final = 0

_COLUMNS: Final = ("date", "kind", "name")
_EXPECTED_COLUMNS: Final = f"expected {','.join(_COLUMNS)}"
_YEAR: Final = "year"
_SOURCE: Final = "source"
_EXTRA_REST_DAYS: Final = "extra_rest_days"
_HEADINGS: Final = (_YEAR, _SOURCE, _EXTRA_REST_DAYS)
_HEADING: Final = re.compile(r"#\s*(\w+)\s*:\s*(.*)")
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2999


class DefectReason(StrEnum):
    """What may be wrong with a notice file."""

    HEADING_MALFORMED = "HEADING_MALFORMED"
    HEADING_REPEATED = "HEADING_REPEATED"
    YEAR_INVALID = "YEAR_INVALID"
    SOURCE_MISSING = "SOURCE_MISSING"
    EXTRA_REST_DAYS_INVALID = "EXTRA_REST_DAYS_INVALID"
    COLUMNS_INVALID = "COLUMNS_INVALID"
    ROW_MALFORMED = "ROW_MALFORMED"
    DATE_INVALID = "DATE_INVALID"
    KIND_INVALID = "KIND_INVALID"
    NAME_MISSING = "NAME_MISSING"
    DATE_REPEATED = "DATE_REPEATED"
    DATE_OUTSIDE_YEAR = "DATE_OUTSIDE_YEAR"
    WORKDAY_ON_WEEKDAY = "WORKDAY_ON_WEEKDAY"
    STATUTORY_DAY_WORKED = "STATUTORY_DAY_WORKED"
    REST_DAYS_UNBALANCED = "REST_DAYS_UNBALANCED"


@dataclass(frozen=True, slots=True)
class NoticeDefect:
    """One thing wrong; `line` counts from 1, or is WHOLE_FILE."""

    line: int
    reason: DefectReason
    detail: str


class NoticeError(ValueError):
    """The file is not a notice; `defects` says everything that is wrong with it."""

    def __init__(self, defects: tuple[NoticeDefect, ...]) -> None:
        super().__init__("; ".join(f"line {d.line}: {d.reason}: {d.detail}" for d in defects))
        self.defects = defects


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    headings: dict[str, str] = field(default_factory=dict)
    entries: dict[int, CalendarDay] = field(default_factory=dict)  # by line
    defects: list[NoticeDefect] = field(default_factory=list)

    def refuse(self, line: int, reason: DefectReason, detail: str) -> None:
        self.defects.append(NoticeDefect(line, reason, detail))


def import_year(text: str) -> YearNotice:
    """Return the notice that a file holds, or raise NoticeError with all that is wrong.

    Whether the days add up is judged once every line can be read: a line that cannot
    would only be reported a second time.
    """
    draft = _Draft()
    _read_lines(draft, text)
    notice = _notice(draft)
    if not draft.defects:
        draft.defects.extend(consistency_defects(notice))
    if draft.defects:
        raise NoticeError(tuple(sorted(draft.defects, key=lambda defect: defect.line)))
    return notice


def export_year(notice: YearNotice) -> str:
    """Return the file that `import_year` reads as `notice`."""
    buffer = io.StringIO()
    buffer.write(f"# {_YEAR}: {notice.year}\n# {_SOURCE}: {notice.source}\n")
    buffer.write(f"# {_EXTRA_REST_DAYS}: {notice.extra_rest_days}\n")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((entry.day, entry.kind, entry.name) for entry in sorted(notice.days))
    return buffer.getvalue()


def consistency_defects(notice: YearNotice) -> Iterator[NoticeDefect]:
    """Yield where a notice contradicts the regulation: the usual sign of a mistyped date.

    Source: 全国年节及纪念日放假办法 (2024年修订) 第二条、第六条.
    """
    if notice.year >= REGULATION_OF_2024:
        off_days, makeup_days = notice.off_days, notice.makeup_days
        for statutory in statutory_days(notice.year):
            day = statutory.day
            if day in makeup_days or not (day in off_days or is_weekend(day)):
                detail = f"{day} is {statutory.name} and must be a rest day"
                yield NoticeDefect(WHOLE_FILE, DefectReason.STATUTORY_DAY_WORKED, detail)
    statutory_number = number_of_statutory_days(notice.year)
    if statutory_number is None:
        return
    expected = statutory_number + notice.extra_rest_days
    if notice.net_rest_days != expected:
        detail = f"rest less make-up days are {notice.net_rest_days}, not {expected}"
        yield NoticeDefect(WHOLE_FILE, DefectReason.REST_DAYS_UNBALANCED, detail)


def _read_lines(draft: _Draft, text: str) -> None:
    columns_seen = False
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip(" ,"):  # spreadsheets leave rows of bare commas
            continue
        if line.startswith("#"):
            _read_heading(draft, number, line)
        elif columns_seen:
            _read_entry(draft, number, _cells(line))
        else:
            columns_seen = True
            if tuple(_cells(line)) != _COLUMNS:
                draft.refuse(number, DefectReason.COLUMNS_INVALID, _EXPECTED_COLUMNS)
    if not columns_seen:
        draft.refuse(WHOLE_FILE, DefectReason.COLUMNS_INVALID, _EXPECTED_COLUMNS)


def _read_heading(draft: _Draft, number: int, line: str) -> None:
    heading = _HEADING.fullmatch(line.rstrip(" ,"))
    if heading is None or heading[1] not in _HEADINGS:
        detail = f"expected one of {', '.join(_HEADINGS)}"
        draft.refuse(number, DefectReason.HEADING_MALFORMED, detail)
    elif heading[1] in draft.headings:
        draft.refuse(number, DefectReason.HEADING_REPEATED, heading[1])
    else:
        draft.headings[heading[1]] = heading[2].strip()


def _read_entry(draft: _Draft, number: int, cells: list[str]) -> None:
    if len(cells) != len(_COLUMNS):
        draft.refuse(number, DefectReason.ROW_MALFORMED, f"{len(cells)} cells, not 3")
        return
    day_text, kind_text, name = cells
    day = _date(day_text)
    if day is None:
        draft.refuse(number, DefectReason.DATE_INVALID, day_text)
    if kind_text not in DayKind.__members__:
        draft.refuse(number, DefectReason.KIND_INVALID, kind_text)
    if not name:
        draft.refuse(number, DefectReason.NAME_MISSING, day_text)
    if day is None or kind_text not in DayKind.__members__ or not name:
        return
    entry = CalendarDay(day, DayKind(kind_text), name)
    if entry.kind is DayKind.WORKDAY and not is_weekend(day):
        draft.refuse(number, DefectReason.WORKDAY_ON_WEEKDAY, f"{day} is worked anyway")
    if any(day == known.day for known in draft.entries.values()):
        draft.refuse(number, DefectReason.DATE_REPEATED, str(day))
    draft.entries[number] = entry


def _notice(draft: _Draft) -> YearNotice:
    year = _number(draft.headings.get(_YEAR, ""), _FIRST_YEAR, _LAST_YEAR)
    source = draft.headings.get(_SOURCE, "")
    extra = _number(draft.headings.get(_EXTRA_REST_DAYS, "0"), 0, 31)
    if year is None:
        detail = f"{_FIRST_YEAR} to {_LAST_YEAR}"
        draft.refuse(WHOLE_FILE, DefectReason.YEAR_INVALID, detail)
    else:
        _refuse_other_years(draft, year)
    if not source:
        draft.refuse(WHOLE_FILE, DefectReason.SOURCE_MISSING, "which document is this")
    if extra is None:
        draft.refuse(WHOLE_FILE, DefectReason.EXTRA_REST_DAYS_INVALID, "0 to 31")
    return YearNotice(year or 0, source, tuple(sorted(draft.entries.values())), extra or 0)


def _refuse_other_years(draft: _Draft, year: int) -> None:
    for number, entry in draft.entries.items():
        if notice_year(entry.day) != year:
            detail = f"{entry.day} is not from {first_day(year)} to {last_day(year)}"
            draft.refuse(number, DefectReason.DATE_OUTSIDE_YEAR, detail)


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line]))]
    except csv.Error:  # a cell beyond the reader's limit of length
        return []


def _date(text: str) -> date | None:
    """Return a day written as 2027-01-01; other ISO forms are more likely a slip."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _number(text: str, least: int, most: int) -> int | None:
    """Return a number in plain digits within its bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if least <= int(text) <= most else None
