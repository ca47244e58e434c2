"""The worked examples every service relies on, on the official calendar of 2025 and 2026."""

from __future__ import annotations

from datetime import date

import pytest

from workdays import Due, ExcludedPeriod, Limit, Unit, WorkCalendar, due, excluded_time

OFFICIAL = WorkCalendar.official()


@pytest.mark.parametrize(
    ("event_on", "working_days", "due_on"),
    [
        pytest.param(date(2026, 9, 21), 5, date(2026, 9, 29), id="across-mid-autumn"),
        pytest.param(date(2026, 9, 21), 20, date(2026, 10, 26), id="across-national-day"),
        pytest.param(date(2026, 9, 21), 30, date(2026, 11, 9), id="twenty-extended-by-ten"),
        pytest.param(date(2026, 9, 21), 45, date(2026, 11, 30), id="joint-handling"),
        pytest.param(date(2026, 2, 9), 5, date(2026, 2, 14), id="ends-on-a-worked-saturday"),
        pytest.param(date(2026, 2, 13), 20, date(2026, 3, 19), id="two-worked-saturdays-count"),
        pytest.param(date(2026, 4, 29), 5, date(2026, 5, 9), id="labour-day-worked-saturday"),
        pytest.param(date(2026, 10, 1), 5, date(2026, 10, 13), id="submitted-on-a-holiday"),
        pytest.param(date(2026, 6, 18), 1, date(2026, 6, 22), id="dragon-boat"),
        pytest.param(date(2025, 12, 22), 20, date(2026, 1, 20), id="across-the-new-year"),
        pytest.param(date(2026, 3, 2), 45, date(2026, 5, 8), id="joint-in-spring"),
        pytest.param(date(2026, 3, 2), 60, date(2026, 5, 28), id="joint-extended-by-fifteen"),
    ],
)
def test_working_days_end_on_the_day_the_official_calendar_gives(event_on, working_days, due_on):
    limit = Limit(working_days, Unit.WORKING_DAY)
    assert due(event_on, limit, OFFICIAL) == Due(due_on, provisional=False)


def test_an_expert_review_gives_back_the_six_working_days_it_took():
    review = ExcludedPeriod(after=date(2026, 9, 28), until=date(2026, 10, 12))
    assert OFFICIAL.count(review.after, review.until) == 6
    limit = Limit(20, Unit.WORKING_DAY)
    assert due(date(2026, 9, 21), limit, OFFICIAL, [review]) == Due(date(2026, 11, 3))


def test_the_same_review_follows_from_its_notice_and_the_days_told():
    review = excluded_time(
        started_on=date(2026, 9, 28),
        notified_on=date(2026, 9, 28),
        working_days_told=6,
        calendar=OFFICIAL,
    )
    assert review == ExcludedPeriod(date(2026, 9, 28), date(2026, 10, 12))


def test_a_date_that_crosses_into_an_unpublished_year_is_provisional_and_does_not_fail():
    limit = Limit(20, Unit.WORKING_DAY)
    assert due(date(2026, 12, 4), limit, OFFICIAL) == Due(date(2027, 1, 4), provisional=True)


def test_seven_calendar_days_that_end_in_the_national_holiday_end_after_it():
    limit = Limit(7, Unit.CALENDAR_DAY)
    assert due(date(2026, 9, 24), limit, OFFICIAL) == Due(date(2026, 10, 8))
