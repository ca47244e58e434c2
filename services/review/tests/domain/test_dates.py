"""The last days follow from limits, calendar, procedures and extension, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.review.domain import dates, rules
from services.review.domain.acts import SpecialProcedure, SpecialProcedureKind
from services.review.domain.clocks import Clock, SourcedLimit
from services.review.domain.dates import Cause
from services.review.tests import builders as given
from services.review.tests.builders import CALENDAR
from workdays import Due, Start, Unit, WorkCalendar, due, excluded_time, merged

FIRST = date(2024, 1, 1)
ONE_DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def accepted_on(day: date, amount: int, unit: Unit = Unit.WORKING_DAY):
    """A case accepted on `day` with one limit of the law, and a promise that is the same."""
    limit = SourcedLimit(amount, unit, Start.ACCEPTED, "行政许可法第四十二条第一款")
    last = due(day, limit.limit, CALENDAR)
    instant = noon(day)
    return given.case(
        receive_time=instant, complete_time=instant, accept_time=instant,
        statutory_limit=limit, promised_limit=replace(limit, source=""),
        statutory_due=last, promise_due=last,
    )  # fmt: skip


def procedure(start: date, days: int, notice: date | None, end: date | None, stops=True):
    return SpecialProcedure(
        procedure=f"{given.CASE}-S1",
        kind=SpecialProcedureKind.EXPERT_REVIEW,
        days=days,
        start_date=start,
        institution="专家委员会",
        stops_promise=stops,
        source="行政许可法第四十五条",
        planned_by="p-reviewer",
        plan_time=noon(start),
        notice_time=None if notice is None else noon(notice),
        end_date=end,
    )


days = st.integers(0, 700).map(lambda offset: FIRST + offset * ONE_DAY)
amounts = st.integers(1, 60)


@st.composite
def procedures(draw):
    start = draw(days)
    notice = draw(st.none() | st.integers(-5, 20).map(lambda n: start + n * ONE_DAY))
    end = draw(st.none() | st.integers(0, 60).map(lambda n: start + n * ONE_DAY))
    return procedure(start, draw(st.integers(1, 30)), notice, end, draw(st.booleans()))


@pytest.mark.parametrize(
    ("accepted", "amount", "last"),
    [
        pytest.param(date(2026, 9, 21), 5, date(2026, 9, 29), id="across-mid-autumn"),
        pytest.param(date(2026, 9, 21), 20, date(2026, 10, 26), id="across-national-day"),
        pytest.param(date(2026, 9, 21), 30, date(2026, 11, 9), id="twenty-extended-by-ten"),
        pytest.param(date(2026, 9, 21), 45, date(2026, 11, 30), id="joint-handling"),
        pytest.param(date(2026, 2, 9), 5, date(2026, 2, 14), id="ends-on-a-worked-saturday"),
        pytest.param(date(2026, 2, 13), 20, date(2026, 3, 19), id="two-worked-saturdays-count"),
        pytest.param(date(2026, 4, 29), 5, date(2026, 5, 9), id="labour-day-worked-saturday"),
        pytest.param(date(2026, 10, 1), 5, date(2026, 10, 13), id="accepted-on-a-holiday"),
        pytest.param(date(2026, 6, 18), 1, date(2026, 6, 22), id="dragon-boat"),
        pytest.param(date(2025, 12, 22), 20, date(2026, 1, 20), id="across-the-new-year"),
        pytest.param(date(2026, 3, 2), 45, date(2026, 5, 8), id="joint-in-spring"),
        pytest.param(date(2026, 3, 2), 60, date(2026, 5, 28), id="joint-extended-by-fifteen"),
    ],
)
def test_the_clock_shows_the_vectors_of_the_law(accepted, amount, last):
    """domain.md 1.5."""
    review = accepted_on(accepted, amount)
    dates.recompute(review, CALENDAR)
    assert (review.statutory.due, review.promise.due) == (Due(last), Due(last))
    assert review.statutory.computed_due(CALENDAR) == Due(last)


def test_the_clock_shows_the_vector_of_the_expert_review():
    review = accepted_on(date(2026, 9, 21), 20)
    review.procedures.append(procedure(date(2026, 9, 28), 6, date(2026, 9, 28), None))
    dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    assert review.statutory.due == Due(date(2026, 11, 3))


def test_the_clock_shows_the_vector_in_calendar_days():
    """建筑法 8: seven days, rolled off the holiday."""
    review = accepted_on(date(2026, 9, 24), 7, Unit.CALENDAR_DAY)
    assert review.statutory.computed_due(CALENDAR) == Due(date(2026, 10, 8))


def test_a_clock_into_an_unpublished_year_is_provisional_and_does_not_fail():
    review = accepted_on(date(2026, 12, 4), 20)
    assert review.statutory.computed_due(CALENDAR) == Due(date(2027, 1, 4), provisional=True)


def test_an_extension_counts_as_one_period_with_the_limit():
    clock = accepted_on(date(2026, 9, 21), 20).statutory
    assert clock.extended(10, CALENDAR).due == Due(date(2026, 11, 9))


def by_hand(limit: SourcedLimit, start: date, periods, calendar: WorkCalendar) -> date:
    """The definition itself: walk the days and count those that count."""
    left, day = limit.amount, start
    while left:
        day += ONE_DAY
        excluded = any(period.after < day <= period.until for period in periods)
        left -= calendar.is_working_day(day) and not excluded
    return day


@settings(max_examples=150, deadline=None)
@for_all(days, amounts, st.lists(procedures(), max_size=4))
def test_the_last_day_is_what_counting_by_hand_gives(start, amount, planned):
    """Overlaps count once, make-up days count, days before the notice count."""
    review = accepted_on(start, amount)
    review.procedures.extend(planned)
    dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    periods = [
        excluded_time(
            each.start_date, rules.civil_day(each.notice_time), each.days, CALENDAR, each.end_date
        )
        for each in planned
        if each.notice_time is not None
    ]
    limit = review.statutory.limit
    assert review.statutory.due.on == by_hand(limit, start, merged(periods), CALENDAR)
    assert review.promise.due <= review.statutory.due


@settings(deadline=None)
@for_all(days, amounts, st.lists(procedures(), max_size=3), st.randoms())
def test_the_order_of_procedures_does_not_matter(start, amount, planned, random):
    one, other = accepted_on(start, amount), accepted_on(start, amount)
    one.procedures.extend(planned)
    shuffled = list(planned)
    random.shuffle(shuffled)
    other.procedures.extend(shuffled)
    for review in (one, other):
        dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    assert (one.statutory.due, one.promise.due) == (other.statutory.due, other.promise.due)


@settings(deadline=None)
@for_all(days, amounts, procedures())
def test_without_a_notice_nothing_is_excluded(start, amount, planned):
    planned.notice_time = None
    review = accepted_on(start, amount)
    before = review.statutory.due
    review.procedures.append(planned)
    dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    assert (review.statutory.due, review.events) == (before, [])


@settings(deadline=None)
@for_all(days, amounts, procedures())
def test_no_procedure_excludes_more_working_days_than_were_told(start, amount, planned):
    review = accepted_on(start, amount)
    before = review.statutory.due.on
    review.procedures.append(planned)
    dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    assert 0 <= CALENDAR.count(before, review.statutory.due.on) <= planned.days


@for_all(days, amounts, st.lists(st.integers(1, 30), min_size=2, max_size=4))
def test_a_longer_extension_never_ends_earlier(start, amount, extensions):
    clock = accepted_on(start, amount).statutory
    lasts = [clock.extended(each, CALENDAR).due for each in sorted(extensions)]
    assert all(earlier <= later for earlier, later in pairwise([clock.due, *lasts]))


@for_all(days, days, days)
def test_every_working_day_belongs_to_the_window_or_to_the_department(one, two, three):
    received, reached, decided = sorted([one, two, three])
    review = accepted_on(received, 20)
    review.opened_at = noon(reached)
    found = dates.segments(review, noon(decided), CALENDAR)
    assert (found.days_at_window, found.days_at_department) == (
        CALENDAR.count(received, reached), CALENDAR.count(reached, decided),
    )  # fmt: skip
    assert sum((found.days_at_window, found.days_at_department)) == CALENDAR.count(
        received, decided
    )


def test_a_less_certain_day_gives_way_once_the_facts_changed():
    """A day from elsewhere stays while nothing changed; a procedure moves it all the same."""
    settled = accepted_on(date(2026, 12, 4), 20)
    settled.statutory = replace(settled.statutory, due=Due(date(2027, 1, 5)))
    dates.recompute(settled, CALENDAR)
    assert settled.statutory.due == Due(date(2027, 1, 5))
    settled.procedures.append(procedure(date(2026, 12, 7), 5, date(2026, 12, 7), None))
    dates.redate(settled, CALENDAR, Cause.SPECIAL_PROCEDURE)
    assert settled.statutory.due == Due(date(2027, 1, 11), provisional=True)


def test_a_clock_knows_on_which_days_it_stands_still():
    review = accepted_on(date(2026, 9, 21), 20)
    review.procedures.append(procedure(date(2026, 9, 28), 6, date(2026, 9, 28), None))
    dates.redate(review, CALENDAR, Cause.SPECIAL_PROCEDURE)
    clock: Clock = review.statutory
    stands = [clock.stands_still(date(2026, 9, 28) + n * ONE_DAY) for n in (0, 1, 14, 15)]
    assert stands == [False, True, True, False]
