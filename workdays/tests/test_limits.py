from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from workdays import (
    CHINA_STANDARD_TIME,
    Due,
    DueInstant,
    ExcludedPeriod,
    Limit,
    Start,
    Unit,
    WorkCalendar,
    deadline_instant,
    due,
    due_at,
    excluded_time,
    merged,
)

OFFICIAL = WorkCalendar.official()
TWENTY = Limit(20, Unit.WORKING_DAY)
ACCEPTED_ON = date(2026, 9, 21)


@pytest.mark.parametrize(
    ("event_on", "limit", "expected"),
    [
        pytest.param(
            date(2026, 11, 2), Limit(7, Unit.CALENDAR_DAY), Due(date(2026, 11, 9)), id="monday"
        ),
        pytest.param(
            date(2026, 11, 1), Limit(6, Unit.CALENDAR_DAY), Due(date(2026, 11, 9)), id="off-weekend"
        ),
        pytest.param(
            date(2026, 10, 3),
            Limit(7, Unit.CALENDAR_DAY),
            Due(date(2026, 10, 10)),
            id="stays-on-a-worked-saturday",
        ),
        pytest.param(
            date(2026, 1, 31),
            Limit(1, Unit.MONTH),
            Due(date(2026, 2, 28)),
            id="month-without-that-day-ends-on-its-last-a-worked-saturday",
        ),
        pytest.param(
            date(2026, 4, 1),
            Limit(6, Unit.MONTH),
            Due(date(2026, 10, 8)),
            id="month-ends-in-a-holiday",
        ),
        pytest.param(
            date(2024, 1, 31), Limit(25, Unit.MONTH), Due(date(2026, 2, 28)), id="months-over-years"
        ),
        pytest.param(
            date(2026, 11, 26),
            Limit(30, Unit.CALENDAR_DAY),
            Due(date(2026, 12, 28), provisional=True),
            id="rolls-within-an-unsettled-week",
        ),
        pytest.param(
            date(2026, 11, 24),
            Limit(30, Unit.CALENDAR_DAY),
            Due(date(2026, 12, 24)),
            id="ends-on-the-last-settled-day",
        ),
        pytest.param(
            date(2026, 10, 1),
            Limit(0, Unit.ON_THE_SPOT),
            Due(date(2026, 10, 1)),
            id="on-the-spot-even-on-a-holiday",
        ),
    ],
)
def test_a_limit_ends_on_the_day_its_unit_gives(event_on, limit, expected):
    assert due(event_on, limit, OFFICIAL) == expected


def test_an_end_moved_off_an_unsettled_day_is_provisional():
    only_2023 = WorkCalendar.of((OFFICIAL.notice(2023),))
    week = Limit(7, Unit.CALENDAR_DAY)
    expected = Due(date(2022, 12, 26), provisional=True)
    assert due(date(2022, 12, 17), week, only_2023) == expected


def test_an_extension_lengthens_the_one_period():
    assert due(ACCEPTED_ON, TWENTY.extended(10), OFFICIAL) == Due(date(2026, 11, 9))


def test_an_extension_keeps_unit_and_start():
    limit = Limit(7, Unit.CALENDAR_DAY, Start.RECEIVED_COMPLETE)
    assert limit.extended(3) == Limit(10, Unit.CALENDAR_DAY, Start.RECEIVED_COMPLETE)


def test_a_limit_counts_from_acceptance_unless_its_law_says_otherwise():
    assert TWENTY.start is Start.ACCEPTED


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        pytest.param(0, Unit.WORKING_DAY, id="nothing"),
        pytest.param(-5, Unit.CALENDAR_DAY, id="negative"),
        pytest.param(1001, Unit.HOUR, id="too-long"),
        pytest.param(1, Unit.ON_THE_SPOT, id="immediate-takes-no-amount"),
    ],
)
def test_an_impossible_limit_is_refused(amount, unit):
    with pytest.raises(ValueError, match="is not a limit"):
        Limit(amount, unit)


@pytest.mark.parametrize(
    ("limit", "amount"),
    [
        pytest.param(Limit(0, Unit.ON_THE_SPOT), 1, id="immediate"),
        pytest.param(TWENTY, 0, id="by-nothing"),
    ],
)
def test_an_impossible_extension_is_refused(limit, amount):
    with pytest.raises(ValueError, match="cannot be extended"):
        limit.extended(amount)


def test_hours_are_refused_where_only_the_day_is_known():
    with pytest.raises(ValueError, match="instant"):
        due(ACCEPTED_ON, Limit(24, Unit.HOUR), OFFICIAL)


def test_hours_run_from_the_instant_through_the_night_and_the_weekend():
    event_at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    expected = DueInstant(datetime(2026, 11, 22, 8, 30, tzinfo=UTC))
    assert due_at(event_at, Limit(48, Unit.HOUR), OFFICIAL) == expected


def test_an_excluded_day_takes_twenty_four_hours_out():
    event_at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    test = ExcludedPeriod(date(2026, 11, 20), date(2026, 11, 23))
    expected = DueInstant(datetime(2026, 11, 25, 8, 30, tzinfo=UTC))
    assert due_at(event_at, Limit(48, Unit.HOUR), OFFICIAL, [test]) == expected


def test_a_test_after_the_hours_ran_out_gives_nothing_back():
    event_at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    late = ExcludedPeriod(date(2026, 11, 22), date(2026, 11, 25))
    expected = DueInstant(datetime(2026, 11, 22, 8, 30, tzinfo=UTC))
    assert due_at(event_at, Limit(48, Unit.HOUR), OFFICIAL, [late]) == expected


def test_days_end_at_midnight_in_china_of_the_day_the_event_had_there():
    event_at = datetime(2026, 9, 20, 16, 30, tzinfo=UTC)  # 00:30 on the 21st in China
    expected = DueInstant(datetime(2026, 10, 26, 16, 0, tzinfo=UTC))
    assert due_at(event_at, TWENTY, OFFICIAL) == expected


def test_an_instant_that_rests_on_an_unpublished_year_is_provisional():
    event_at = datetime(2026, 12, 4, 2, 0, tzinfo=UTC)
    assert due_at(event_at, TWENTY, OFFICIAL).provisional


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 12, 4, 2, 0), TWENTY, OFFICIAL)  # noqa: DTZ001


def test_the_last_day_counts_to_its_last_second():
    end = deadline_instant(date(2026, 12, 31))
    assert end == datetime(2027, 1, 1, tzinfo=CHINA_STANDARD_TIME)
    assert end.tzinfo is UTC
    assert Due(date(2026, 12, 31)).at == end


@pytest.mark.parametrize(
    ("notified_on", "told", "ended_on", "expected"),
    [
        pytest.param(date(2026, 11, 2), 5, None, (2, 9), id="runs-as-long-as-told"),
        pytest.param(date(2026, 11, 2), 5, date(2026, 11, 5), (2, 5), id="ended-early"),
        pytest.param(date(2026, 11, 2), 5, date(2026, 11, 20), (2, 9), id="ended-late"),
        pytest.param(date(2026, 11, 4), 5, date(2026, 11, 20), (4, 9), id="told-late"),
        pytest.param(date(2026, 10, 30), 5, date(2026, 11, 20), (2, 9), id="told-before"),
        pytest.param(date(2026, 11, 12), 5, date(2026, 11, 20), (12, 12), id="told-too-late"),
        pytest.param(date(2026, 11, 6), 5, date(2026, 11, 4), (6, 6), id="told-after-its-end"),
    ],
)
def test_only_days_told_in_writing_beforehand_are_excluded(notified_on, told, ended_on, expected):
    after, until = (date(2026, 11, day) for day in expected)
    period = excluded_time(date(2026, 11, 2), notified_on, told, OFFICIAL, ended_on)
    assert period == ExcludedPeriod(after, until)


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        ExcludedPeriod(date(2026, 11, 3), date(2026, 11, 2))


def test_days_before_acceptance_are_not_given_back():
    early = ExcludedPeriod(date(2026, 9, 1), date(2026, 9, 22))
    one_day = ExcludedPeriod(date(2026, 9, 21), date(2026, 9, 22))
    expected = due(ACCEPTED_ON, TWENTY, OFFICIAL, [one_day])
    assert due(ACCEPTED_ON, TWENTY, OFFICIAL, [early]) == expected == Due(date(2026, 10, 27))


def test_a_period_after_the_limit_ran_out_gives_nothing_back():
    late = ExcludedPeriod(date(2026, 10, 26), date(2026, 11, 20))
    assert due(ACCEPTED_ON, TWENTY, OFFICIAL, [late]) == Due(date(2026, 10, 26))


def test_a_period_within_the_days_another_gave_back_counts():
    first = ExcludedPeriod(date(2026, 10, 19), date(2026, 10, 23))
    second = ExcludedPeriod(date(2026, 10, 28), date(2026, 10, 29))
    assert due(ACCEPTED_ON, TWENTY, OFFICIAL, [first]) == Due(date(2026, 10, 30))
    assert due(ACCEPTED_ON, TWENTY, OFFICIAL, [second, first]) == Due(date(2026, 11, 2))


def test_calendar_days_give_back_calendar_days():
    test = ExcludedPeriod(date(2026, 11, 4), date(2026, 11, 10))
    limit = Limit(7, Unit.CALENDAR_DAY)
    assert due(date(2026, 11, 2), limit, OFFICIAL, [test]) == Due(date(2026, 11, 16))


def test_a_period_of_calendar_days_moved_off_a_holiday_does_not_end_on_an_excluded_day():
    test = ExcludedPeriod(date(2026, 10, 5), date(2026, 10, 12))
    limit = Limit(7, Unit.CALENDAR_DAY)
    assert due(date(2026, 9, 24), limit, OFFICIAL, [test]) == Due(date(2026, 10, 13))


def test_periods_that_overlap_or_touch_are_one():
    first = ExcludedPeriod(date(2026, 11, 2), date(2026, 11, 5))
    touching = ExcludedPeriod(date(2026, 11, 5), date(2026, 11, 9))
    within = ExcludedPeriod(date(2026, 11, 3), date(2026, 11, 4))
    nothing = ExcludedPeriod(date(2026, 11, 20), date(2026, 11, 20))
    assert merged([touching, nothing, within, first]) == (
        ExcludedPeriod(first.after, first.after + timedelta(days=7)),
    )
