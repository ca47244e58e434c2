"""Whether a promise can ever end after the law's own limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from workdays import CHINA_STANDARD_TIME, Limit, Start, Unit, WorkCalendar, due_at

__all__ = ["first_day_broken", "starts_later"]

_ORDER: Final = (Start.RECEIVED, Start.RECEIVED_COMPLETE, Start.ACCEPTED)
_OPENING: Final = time(0, 0)
_CLOSING: Final = time(23, 59, 59)


def starts_later(promised: Limit, statutory: Limit) -> bool:
    """Tell whether the promise runs from a later event than the statutory limit.

    How long an application takes from one event to the other is bounded by nothing, so no
    worst case exists.

    Source: readings 15.
    """
    return _ORDER.index(promised.start) > _ORDER.index(statutory.start)


def first_day_broken(promised: Limit, statutory: Limit, calendar: WorkCalendar) -> date | None:
    """Return the first known day from which the promise would end after the statutory limit.

    Three working days look shorter than seven days, and are longer over a Spring Festival. Days
    that rest on an unpublished year are left out.

    Source: 优化营商环境条例 第三十六条; readings 16.
    """
    if promised.unit is Unit.ON_THE_SPOT:
        return None
    if promised.unit is statutory.unit:
        return None if promised.amount <= statutory.amount else _first_known(calendar)
    times: tuple[time, ...] = (_OPENING,)
    if Unit.HOUR in (promised.unit, statutory.unit):
        times = (_OPENING, _CLOSING)
    for day in _known_days(calendar):
        for clock_time in times:
            event_at = datetime.combine(day, clock_time, CHINA_STANDARD_TIME)
            if _is_broken(promised, statutory, event_at, calendar):
                return day
    return None


def _is_broken(
    promised: Limit, statutory: Limit, event_at: datetime, calendar: WorkCalendar
) -> bool:
    own, legal = due_at(event_at, promised, calendar), due_at(event_at, statutory, calendar)
    return own.at > legal.at and not (own.provisional or legal.provisional)


def _first_known(calendar: WorkCalendar) -> date | None:
    return next(_known_days(calendar), None)


def _known_days(calendar: WorkCalendar) -> Iterator[date]:
    for notice in calendar.notices:
        day = date(notice.year, 1, 1)
        while day.year == notice.year:
            yield day
            day += timedelta(days=1)
