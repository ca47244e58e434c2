"""Writes the shipped tables anew: `python -m workdays.seed`.

Needs the development dependency `chinesecalendar` (MIT), whose data for 2004 to 2026 is
taken over with one correction. A test holds the shipped tables to what this module makes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

from workdays.almanac import festivals
from workdays.notices import DayKind

FIRST_YEAR: Final = 2004
LAST_PUBLISHED_YEAR: Final = 2026
# Later new moons fall too close to midnight for the day to be certain (2089, 2097).
LAST_FESTIVAL_YEAR: Final = 2080

_TITLE: Final = "国务院办公厅关于{year}年部分节假日安排的通知"
# 2015: the seventieth anniversary of victory. 2020: Spring Festival prolonged to 2 February.
_EXTRA_REST_DAYS: Final = {2015: 1, 2020: 2}
_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class _Row(NamedTuple):
    day: date
    kind: DayKind
    name: str
    source: str


# A Saturday worked for the New Year holiday of 2006, which the package takes for a rest day.
_CORRECTION: Final = _Row(
    date(2005, 12, 31), DayKind.WORKDAY, "元旦", _TITLE.format(year=2006) + " (correction)"
)


def tables() -> dict[str, str]:
    """Return the text of every shipped table by file name."""
    return {
        "calendar.csv": _text(("date", "kind", "name", "source"), _calendar_rows()),
        "years.csv": _text(
            ("year", "extra_rest_days", "source"),
            (
                (year, _EXTRA_REST_DAYS.get(year, 0), _TITLE.format(year=year))
                for year in range(FIRST_YEAR, LAST_PUBLISHED_YEAR + 1)
            ),
        ),
        "festivals.csv": _text(
            ("spring_festival", "clear_brightness", "dragon_boat", "mid_autumn"),
            (festivals(year) for year in range(FIRST_YEAR, LAST_FESTIVAL_YEAR + 1)),
        ),
    }


def _calendar_rows() -> list[_Row]:
    # Untyped and absent at run time, hence not imported by name.
    package: Any = import_module("chinese_calendar.constants")
    source = f"chinesecalendar {version('chinesecalendar')}"
    rows = [
        _Row(day, kind, _NAMES[name], source)
        for kind, days in ((DayKind.HOLIDAY, package.holidays), (DayKind.WORKDAY, package.workdays))
        for day, name in days.items()
    ]
    return sorted([*rows, _CORRECTION])


def _text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def main() -> None:
    """Write the tables into the package's source tree."""
    folder = Path(__file__).parent / "data"
    for name, text in tables().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
