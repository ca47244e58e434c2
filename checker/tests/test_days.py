"""The checker's own counting of days agrees with the shared kernel, which it does not use."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from checker.days import (
    Calendar,
    calendars,
    last_day,
    working_days_between,
    working_days_on,
)
from workdays import ExcludedPeriod, Limit, Unit, WorkCalendar, due, export_year

[WORKS] = calendars(None)
THEIRS = WorkCalendar.official()


@pytest.mark.parametrize("year", [2018, 2020, 2025, 2026, 2027, 2028, 2029])
def test_each_day_is_worked_in_both(year):
    days = [date(year, 1, 1) + timedelta(days=step) for step in range(366)]

    assert [WORKS(day) for day in days] == [THEIRS.is_working_day(day) for day in days]


def test_an_imported_notice_is_read_alike():
    text = export_year(THEIRS.notice(2026)).replace("year: 2026", "year: 2027")
    text = text.replace("\n2026-", "\n2027-")
    lines = [line for line in text.splitlines() if "WORKDAY" not in line]
    notice = "\n".join(lines).replace("extra_rest_days: 0", "extra_rest_days: 20") + "\n"

    ours = Calendar({}).with_notice(notice)

    assert ours.notices[2027] == dict.fromkeys(
        (date.fromisoformat(line[:10]) for line in lines if line[0].isdigit()), False
    )


@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.CALENDAR_DAY])
@pytest.mark.parametrize("start", [date(2026, 9, 21), date(2026, 12, 4), date(2026, 9, 24)])
@pytest.mark.parametrize("amount", [1, 5, 7, 20, 45])
@pytest.mark.parametrize("excluded", [None, (date(2026, 9, 28), date(2026, 10, 12))])
def test_last_days_are_counted_alike(unit, start, amount, excluded):
    periods = () if excluded is None else (ExcludedPeriod(*excluded),)
    days = set()
    if excluded is not None:
        after, until = excluded
        days = {after + timedelta(days=step) for step in range(1, (until - after).days + 1)}

    ours = last_day(start, amount, unit.value, days, WORKS)

    assert ours == due(start, Limit(amount, unit), THEIRS, periods).on


def test_working_days_are_added_and_counted_alike():
    start = date(2026, 9, 21)

    assert working_days_on(start, 20, WORKS) == THEIRS.add(start, 20).on == date(2026, 10, 26)
    assert working_days_between(start, date(2026, 10, 26), WORKS) == 20
    assert working_days_between(date(2026, 10, 26), start, WORKS) == 0


def test_what_is_not_counted_in_days_is_not_counted():
    assert last_day(date(2026, 9, 21), 3, "HOUR", set(), WORKS) is None
    assert last_day(date(2026, 9, 21), 0, "ON_THE_SPOT", set(), WORKS) == date(2026, 9, 21)
