"""Limits of time, what is excluded from them, and when they end."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from workdays.deadlines import CHINA_STANDARD_TIME, Due, DueInstant
from workdays.work_calendar import WorkCalendar

_MAX_AMOUNT: Final = 1000
_ONE_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAY = "WORKING_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"
    HOUR = "HOUR"
    MONTH = "MONTH"
    ON_THE_SPOT = "ON_THE_SPOT"  # 当场: before the day ends


class Start(StrEnum):
    """The event from which a limit is counted."""

    ACCEPTED = "ACCEPTED"  # 受理
    RECEIVED_COMPLETE = "RECEIVED_COMPLETE"  # the last required material arrived
    RECEIVED = "RECEIVED"  # 收到申请材料


@dataclass(frozen=True, slots=True)
class Limit:
    """How long an act may take, counted from what.

    The unit and the start are part of the value: statutes count in working days, days,
    hours and months, and not all of them from acceptance.

    Source: 行政许可法 第四十二条, 第八十二条; 建筑法 第八条; 环境影响评价法 第二十二条.
    """

    amount: int
    unit: Unit
    start: Start = Start.ACCEPTED

    def __post_init__(self) -> None:
        least, most = (0, 0) if self.unit is Unit.ON_THE_SPOT else (1, _MAX_AMOUNT)
        if not least <= self.amount <= most:
            raise ValueError(f"{self.amount} {self.unit} is not a limit")

    def extended(self, amount: int) -> Self:
        """Return the limit with `amount` more of its unit, counted as one period.

        Whether it may be extended, once, and by whom, is for the caller to know.

        Source: 行政许可法 第四十二条.
        """
        if amount < 1 or self.unit is Unit.ON_THE_SPOT:
            raise ValueError(f"{self.unit} cannot be extended by {amount}")
        return replace(self, amount=self.amount + amount)


@dataclass(frozen=True, slots=True, order=True)
class ExcludedPeriod:
    """The days in (after, until], which no limit counts; nothing where they are the same day.

    Source: 行政许可法 第四十五条.
    """

    after: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.after:
            raise ValueError(f"an excluded period cannot end on {self.until} before it starts")


def excluded_time(
    started_on: date,
    notified_on: date,
    working_days_told: int,
    calendar: WorkCalendar,
    ended_on: date | None = None,
) -> ExcludedPeriod:
    """Return the days that a special procedure (特别程序) takes out of the clock.

    Only days after the applicant was told in writing count, and no more of them than were
    told; a procedure that takes longer needs a further notice in time, which is a further
    period starting where this one ends. Without `ended_on` the procedure still runs, and
    the days told are assumed to be needed.

    Source: 行政许可法 第四十五条.
    """
    after = max(started_on, notified_on)
    told = calendar.add(started_on, working_days_told).on
    until = told if ended_on is None else min(ended_on, told)
    return ExcludedPeriod(after, max(after, until))


def merged(periods: Iterable[ExcludedPeriod]) -> tuple[ExcludedPeriod, ...]:
    """Return the same days as periods that neither overlap nor touch, in order."""
    result: list[ExcludedPeriod] = []
    for period in sorted(periods):
        if period.after == period.until:
            continue
        if result and period.after <= result[-1].until:
            until = max(period.until, result[-1].until)
            result[-1] = ExcludedPeriod(result[-1].after, until)
        else:
            result.append(period)
    return tuple(result)


def due(
    event_day: date,
    limit: Limit,
    calendar: WorkCalendar,
    excluded: Iterable[ExcludedPeriod] = (),
) -> Due:
    """Return the last day of a limit whose start event happened on `event_day`.

    The day of the event is not counted. An excluded day does not count and cannot be the
    last; one that comes after the limit has run out gives nothing back. Hours are refused:
    they run from an instant, see `due_at`.

    Source: 民法典 第二百零一条至第二百零三条 by analogy; 行政许可法 第四十五条, 第八十二条.
    """
    periods = _since(event_day, excluded)
    match limit.unit:
        case Unit.ON_THE_SPOT:
            return Due(event_day)
        case Unit.WORKING_DAY:
            return _working_days(event_day, limit.amount, calendar, periods)
        case Unit.CALENDAR_DAY:
            return _rolled(event_day + limit.amount * _ONE_DAY, calendar, periods)
        case Unit.MONTH:
            return _rolled(_months_later(event_day, limit.amount), calendar, periods)
        case Unit.HOUR:
            raise ValueError("hours run from an instant, not from a day")


def due_at(
    event_at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    excluded: Iterable[ExcludedPeriod] = (),
) -> DueInstant:
    """Return the instant at which a limit ends whose start event happened at `event_at`.

    Every unit is understood. Hours run through nights and rest days, as no statute says
    otherwise; an excluded day takes out twenty-four of them.

    Source: 民法典 第二百零一条第二款, 第二百零三条第二款.
    """
    if event_at.tzinfo is None:
        raise ValueError(f"{event_at} has no time zone")
    event_day = event_at.astimezone(CHINA_STANDARD_TIME).date()
    if limit.unit is not Unit.HOUR:
        last = due(event_day, limit, calendar, excluded)
        return DueInstant(last.at, last.provisional)
    at = event_at + timedelta(hours=limit.amount)
    for period in _since(event_day, excluded):
        if at.astimezone(CHINA_STANDARD_TIME).date() <= period.after:
            break
        at += period.until - period.after
    return DueInstant(at)


def _since(event_day: date, excluded: Iterable[ExcludedPeriod]) -> tuple[ExcludedPeriod, ...]:
    """Return what of the excluded periods lies after the start event."""
    return merged(
        ExcludedPeriod(max(event_day, period.after), period.until)
        for period in excluded
        if period.until > event_day
    )


def _working_days(
    event_day: date, amount: int, calendar: WorkCalendar, periods: tuple[ExcludedPeriod, ...]
) -> Due:
    last = calendar.add(event_day, amount)
    for period in periods:
        if last.on <= period.after:
            break
        amount += calendar.count(period.after, period.until)
        last = calendar.add(event_day, amount)
    return last


def _rolled(last: date, calendar: WorkCalendar, periods: tuple[ExcludedPeriod, ...]) -> Due:
    """Return the end of a period of calendar days, moved off days that cannot end it.

    第二百零三条 names legal rest days (法定休假日). Saturdays and Sundays are such days, as
    the courts count them; one that is worked in exchange is not.
    """
    for period in periods:
        if last <= period.after:
            break
        last += period.until - period.after
    end = calendar.on_or_after(last).on
    for period in periods:
        if period.after < end <= period.until:
            end = calendar.on_or_after(period.until + _ONE_DAY).on
    return Due(end, calendar.is_provisional(last, end))


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it is shorter.

    Source: 民法典 第二百零二条.
    """
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
