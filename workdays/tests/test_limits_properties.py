from __future__ import annotations

from datetime import date, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from workdays import (
    ExcludedPeriod,
    Limit,
    Unit,
    WorkCalendar,
    deadline_instant,
    due,
    due_at,
    merged,
    notice_year,
)

OFFICIAL = WorkCalendar.official()
ONE_DAY = timedelta(days=1)

event_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@st.composite
def periods_after(draw, event_on):
    after = event_on + draw(st.integers(-20, 90)) * ONE_DAY
    return ExcludedPeriod(after, after + draw(st.integers(0, 30)) * ONE_DAY)


@st.composite
def events(draw):
    event_on = draw(event_days)
    return event_on, draw(st.lists(periods_after(event_on), max_size=5))


day_limits = st.builds(
    Limit, st.integers(1, 60), st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY])
)


def is_excluded(day, periods):
    return any(period.after < day <= period.until for period in periods)


def counted_by_hand(event_on, limit, periods):
    """The definition itself: walk the days, count those that count, end where one may end."""
    left = limit.amount
    for offset in count(1):
        day = event_on + offset * ONE_DAY
        if is_excluded(day, periods):
            continue
        works = OFFICIAL.is_working_day(day)
        left -= works or limit.unit is Unit.CALENDAR_DAY
        if left <= 0 and works:
            return day
    raise AssertionError


@given(events(), day_limits)
def test_a_limit_ends_where_counting_by_hand_ends(event, limit):
    event_on, periods = event
    assert due(event_on, limit, OFFICIAL, periods).on == counted_by_hand(event_on, limit, periods)


@given(events(), day_limits, st.randoms())
def test_the_order_of_excluded_periods_does_not_matter(event, limit, random):
    event_on, periods = event
    shuffled = random.sample(periods, len(periods))
    assert merged(shuffled) == merged(periods)
    assert due(event_on, limit, OFFICIAL, shuffled) == due(event_on, limit, OFFICIAL, periods)


@given(events())
def test_merging_keeps_every_day_and_leaves_gaps(event):
    event_on, periods = event
    result = merged(periods)
    span = [event_on + offset * ONE_DAY for offset in range(-25, 130)]
    assert [is_excluded(day, result) for day in span] == [is_excluded(day, periods) for day in span]
    assert all(left.until < right.after for left, right in pairwise(result))
    assert merged(result) == result


@given(events(), day_limits)
def test_an_excluded_period_never_shortens_a_limit(event, limit):
    event_on, periods = event
    assert due(event_on, limit, OFFICIAL, periods).on >= due(event_on, limit, OFFICIAL).on


@given(events(), day_limits, st.integers(1, 30))
def test_an_extension_always_ends_no_earlier(event, limit, more):
    event_on, periods = event
    extended = due(event_on, limit.extended(more), OFFICIAL, periods)
    assert extended.on >= due(event_on, limit, OFFICIAL, periods).on


@given(event_days, st.builds(Limit, st.integers(1, 36), st.just(Unit.MONTH)))
def test_months_end_on_a_working_day_no_earlier_than_the_corresponding_day(event_on, limit):
    on = due(event_on, limit, OFFICIAL).on
    assert OFFICIAL.is_working_day(on)
    months = (on.year - event_on.year) * 12 + on.month - event_on.month
    assert months >= limit.amount
    assert (on - event_on).days >= 28 * limit.amount


@given(event_days, st.builds(Limit, st.integers(1, 60), st.just(Unit.CALENDAR_DAY)))
def test_calendar_days_are_provisional_exactly_if_their_end_is_not_settled(event_on, limit):
    last = event_on + limit.amount * ONE_DAY
    result = due(event_on, limit, OFFICIAL)
    assert result.provisional == (notice_year(result.on) > 2026)
    assert last <= result.on


@given(event_days, day_limits)
def test_the_instant_is_the_end_of_the_day(event_on, limit):
    event_at = deadline_instant(event_on) - timedelta(seconds=1)
    by_day = due(event_on, limit, OFFICIAL)
    assert due_at(event_at, limit, OFFICIAL).at == by_day.at
    assert due_at(event_at, limit, OFFICIAL).provisional == by_day.provisional
