"""Both clocks: where they start, when they end, what they show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.review.domain import rules
from services.review.domain.clocks import Clock, Light, SourcedLimit
from services.review.domain.review_case import read_clock
from services.review.tests import builders as given
from services.review.tests.builders import CALENDAR, at
from workdays import Due, ExcludedPeriod, Start, Unit, due

RECEIVED_AT, COMPLETED_AT, ACCEPTED_AT = at(9, 1), at(9, 3), at(9, 4)


def clock(amount: int = 5, unit: Unit = Unit.WORKING_DAY, started_at=given.ACCEPTED_AT, **more):
    limit = SourcedLimit(amount, unit, Start.ACCEPTED)
    bare = Clock(limit=limit, started_at=started_at, due=Due(date.max), **more)
    return replace(bare, due=bare.computed_due(CALENDAR))


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        pytest.param(Start.ACCEPTED, ACCEPTED_AT, id="from-acceptance"),
        pytest.param(Start.RECEIVED_COMPLETE, COMPLETED_AT, id="from-the-last-material"),
        pytest.param(Start.RECEIVED, RECEIVED_AT, id="from-receipt"),
    ],
)
def test_a_limit_runs_from_the_event_its_law_names(start, instant):
    assert instant == rules.started_at(
        start,
        deemed=False,
        received_at=RECEIVED_AT,
        completed_at=COMPLETED_AT,
        accepted_at=ACCEPTED_AT,
    )


@pytest.mark.parametrize("start", list(Start))
def test_after_deemed_acceptance_every_limit_runs_from_receipt(start):
    """Readings 15, 17."""
    started_at = rules.started_at(
        start,
        deemed=True,
        received_at=RECEIVED_AT,
        completed_at=COMPLETED_AT,
        accepted_at=ACCEPTED_AT,
    )
    assert started_at == RECEIVED_AT


@pytest.mark.parametrize(
    ("promised", "statutory", "last"),
    [
        pytest.param(
            given.settled(9, 14), given.settled(10, 9), given.settled(9, 14), id="earlier"
        ),
        pytest.param(
            given.settled(10, 12), given.settled(10, 9), given.settled(10, 9), id="capped"
        ),
        pytest.param(given.settled(10, 12), None, given.settled(10, 12), id="no-law"),
    ],
)
def test_a_promise_never_goes_beyond_the_law(promised, statutory, last):
    """Readings 16."""
    assert rules.promise_due(promised, statutory) == last


def test_an_expert_review_gives_its_days_back():
    """The vector of domain.md 1.5: 20 working days, six of them excluded."""
    review = clock(
        20, started_at=at(9, 21), excluded=(ExcludedPeriod(date(2026, 9, 28), date(2026, 10, 12)),)
    )
    assert (review.due.on, review.length(CALENDAR)) == (date(2026, 11, 3), 20)


@pytest.mark.parametrize(
    ("decided_at", "kept"),
    [
        pytest.param(at(9, 14, 23, 59), True, id="last-minute-of-the-last-day"),
        pytest.param(at(9, 15, 0, 0), False, id="midnight"),
        pytest.param(datetime(2026, 9, 14, 16, 0, tzinfo=UTC), False, id="midnight-told-in-utc"),
    ],
)
def test_a_promise_is_kept_until_the_last_day_is_over_in_china(decided_at, kept):
    """Readings 19: measured at the decision."""
    assert rules.is_kept(clock(), decided_at) is kept


def test_where_no_law_sets_a_limit_none_is_broken():
    assert rules.is_kept(None, at(12, 31))


def test_a_limit_in_hours_ends_at_its_hour_and_not_at_midnight():
    two_hours = clock(2, Unit.HOUR, started_at=at(9, 7, 9))
    assert [rules.is_kept(two_hours, at(9, 7, 10, 59)), rules.is_kept(two_hours, at(9, 7, 11))] == [
        True,
        False,
    ]


def test_a_limit_in_hours_ends_on_the_day_of_its_last_hour():
    assert clock(24, Unit.HOUR, started_at=at(9, 7, 9)).due == given.settled(9, 8)


@pytest.mark.parametrize(
    ("promised", "instant", "light", "left"),
    [
        pytest.param(clock(5), at(9, 10), Light.GREEN, 2, id="two-of-five-left"),
        pytest.param(clock(5), at(9, 11), Light.YELLOW, 1, id="one-of-five-left"),
        pytest.param(clock(5), at(9, 12), Light.YELLOW, 1, id="saturday-before-the-last-day"),
        pytest.param(clock(5), at(9, 14, 23, 59), Light.YELLOW, 0, id="last-day"),
        pytest.param(clock(5), at(9, 15, 0, 0), Light.RED, -1, id="past-the-last-day"),
        pytest.param(clock(20), at(9, 24), Light.GREEN, 6, id="six-of-twenty-left"),
        pytest.param(clock(20), at(9, 28), Light.GREEN, 5, id="five-of-twenty-left"),
        pytest.param(clock(20), at(9, 29), Light.YELLOW, 4, id="a-fifth-of-twenty-left"),
        pytest.param(clock(20), at(10, 3), Light.YELLOW, 3, id="national-day-costs-nothing"),
        pytest.param(clock(0, Unit.ON_THE_SPOT), at(9, 7, 12), Light.YELLOW, 0, id="on-the-spot"),
        pytest.param(clock(0, Unit.ON_THE_SPOT), at(9, 8, 0), Light.RED, -1, id="spot-is-over"),
    ],
)
def test_lights_follow_what_is_left(promised, instant, light, left):
    """domain.md 1.9."""
    reading = read_clock(promised, instant, CALENDAR)
    assert (reading.light, reading.days_left) == (light, left)


def test_days_that_are_excluded_are_not_left():
    running = clock(5, excluded=(ExcludedPeriod(date(2026, 9, 9), date(2026, 9, 18)),))
    assert running.days_left(date(2026, 9, 9), CALENDAR) == 3


amounts = st.integers(1, 60)
starts = st.integers(0, 900 * 24).map(
    lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)
waits = st.timedeltas(timedelta(0), timedelta(days=150))
units = st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY])
gaps = st.builds(
    lambda first, length: ExcludedPeriod(
        date(2024, 1, 1) + timedelta(first), date(2024, 1, 1) + timedelta(first + length)
    ),
    st.integers(0, 1100),
    st.integers(0, 40),
)
clocks = st.builds(
    lambda amount, unit, start, excluded: clock(amount, unit, start, excluded=tuple(excluded)),
    amounts,
    units,
    starts,
    st.lists(gaps, max_size=3),
)


@for_all(clocks, waits)
def test_a_clock_is_red_if_and_only_if_its_limit_is_broken(any_clock, wait):
    instant = any_clock.started_at + wait
    red = rules.light(any_clock, instant, CALENDAR) is Light.RED
    assert red is not rules.is_kept(any_clock, instant)


@for_all(clocks, waits, waits)
def test_a_light_never_turns_back(any_clock, one, other):
    order = [Light.GREEN, Light.YELLOW, Light.RED]
    earlier, later = sorted([any_clock.started_at + one, any_clock.started_at + other])
    assert order.index(rules.light(any_clock, earlier, CALENDAR)) <= order.index(
        rules.light(any_clock, later, CALENDAR)
    )


@for_all(clocks)
def test_the_last_day_is_never_green(any_clock):
    last_minute = any_clock.ends_at - timedelta(minutes=1)
    assert rules.light(any_clock, last_minute, CALENDAR) is Light.YELLOW


@for_all(clocks, waits)
def test_green_means_more_than_a_fifth_and_more_than_a_day(any_clock, wait):
    instant = any_clock.started_at + wait
    reading = read_clock(any_clock, instant, CALENDAR)
    enough = reading.days_left > max(1, any_clock.length(CALENDAR) / 5)
    assert (rules.light(any_clock, instant, CALENDAR) is Light.GREEN) is enough


@for_all(amounts, starts, st.lists(gaps, max_size=3))
def test_a_limit_in_working_days_is_as_long_as_it_says(amount, start, excluded):
    assert clock(amount, started_at=start, excluded=tuple(excluded)).length(CALENDAR) == amount


@for_all(clocks, gaps)
def test_excluded_time_never_brings_the_last_day_forward(any_clock, gap):
    longer = replace(any_clock, excluded=(*any_clock.excluded, gap))
    assert longer.computed_due(CALENDAR).on >= any_clock.due.on


def test_the_vectors_of_the_law_hold():
    assert due(date(2026, 9, 21), given.STATUTORY.limit, CALENDAR).on == date(2026, 10, 26)
