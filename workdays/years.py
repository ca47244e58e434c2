"""Which yearly notice a day belongs to.

The notice for a year is issued in November or December before it and may move the last
days of that December: 2018-12-31 was an ordinary Monday until the notice for 2019 made it
a rest day. So the year of a notice runs from 25 December to 24 December, every day belongs
to exactly one notice, and the last week of a year is not settled before the next is issued.
The earliest day a notice has ever reached back to is 29 December (those for 2008 and 2019).
"""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date
from typing import Final

_DECEMBER: Final = 12
_FIRST_DAY: Final = 25
_LAST_DAY: Final = 24


def notice_year(day: date) -> int:
    """Return the year whose notice settles whether `day` is a working day."""
    if day.month == _DECEMBER and day.day >= _FIRST_DAY:
        return day.year + 1
    return day.year


def first_day(year: int) -> date:
    """Return the first day that the notice for `year` may speak of."""
    return date(year - 1, _DECEMBER, _FIRST_DAY) if year > MINYEAR else date.min


def last_day(year: int) -> date:
    """Return the last day that the notice for `year` may speak of."""
    return date(year, _DECEMBER, _LAST_DAY) if year <= MAXYEAR else date.max
