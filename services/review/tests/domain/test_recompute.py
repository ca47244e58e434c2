"""The calendar of a year is imported while cases are open."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from services.review.domain import dates
from services.review.domain.clocks import SourcedLimit
from services.review.domain.events import DatesRecomputed, ReviewOpened
from services.review.domain.review_case import ReviewCase
from services.review.tests import builders as given
from workdays import CalendarDay, DayKind, Due, Start, Unit, WorkCalendar, YearNotice

DECEMBER = datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
TWENTY = SourcedLimit(20, Unit.WORKING_DAY, Start.ACCEPTED, "行政许可法第四十二条第一款")
BEFORE = WorkCalendar.of(n for n in WorkCalendar.official().notices if n.year < 2027)
NOTICE_2027 = YearNotice(
    year=2027,
    source="test",
    days=(
        CalendarDay(date(2027, 1, 1), DayKind.HOLIDAY, "元旦"),
        CalendarDay(date(2027, 1, 4), DayKind.HOLIDAY, "元旦"),
        CalendarDay(date(2027, 1, 9), DayKind.WORKDAY, "元旦"),
    ),
)
AFTER = BEFORE.with_year(NOTICE_2027)
PROVISIONAL = Due(date(2027, 1, 19), provisional=True)
SETTLED = Due(date(2027, 1, 19))


def december_case(**changes: object) -> ReviewCase:
    facts = {
        "receive_time": DECEMBER,
        "complete_time": DECEMBER,
        "accept_time": DECEMBER,
        "promised_limit": TWENTY,
        "statutory_limit": TWENTY,
        "promise_due": PROVISIONAL,
        "statutory_due": PROVISIONAL,
    }
    return given.opened_case(**(facts | changes))


def test_a_notice_settles_what_was_provisional():
    review = december_case()
    review.events.clear()
    dates.recompute(review, AFTER)
    assert review.events == [
        DatesRecomputed(
            case_number=given.CASE,
            promise_due=SETTLED,
            statutory_due=SETTLED,
            authority=given.AUTHORITY,
            cause="CALENDAR",
        )
    ]


def test_a_notice_moves_a_day_that_was_guessed_wrong():
    review = december_case(promise_due=Due(date(2027, 1, 25), provisional=True))
    dates.recompute(review, AFTER)
    assert review.promise.due == SETTLED


def test_nothing_is_told_where_nothing_changed():
    review = december_case()
    dates.recompute(review, AFTER)
    review.events.clear()
    dates.recompute(review, AFTER)
    assert review.events == []


def test_a_calendar_that_knows_less_does_not_unsettle_a_day():
    review = december_case(promise_due=SETTLED, statutory_due=SETTLED)
    review.events.clear()
    dates.recompute(review, BEFORE)
    assert (review.events, review.promise.due) == ([], SETTLED)


def test_a_promise_stays_within_the_law_when_dates_move():
    thirty = SourcedLimit(30, Unit.WORKING_DAY, Start.ACCEPTED)
    review = december_case(promised_limit=thirty)
    dates.recompute(review, AFTER)
    assert review.promise.due == SETTLED


def test_what_a_decision_was_measured_by_stays():
    review = december_case()
    given.give_opinion(review)
    given.decide(review, instant=datetime(2026, 12, 28, tzinfo=UTC))
    review.events.clear()
    dates.recompute(review, AFTER)
    assert (review.events, review.promise.due) == ([], PROVISIONAL)


@pytest.mark.parametrize("order", list(permutations(["case", "notice"])))
def test_the_case_and_the_notice_may_come_in_either_order(order):
    """intake and catalog are two sources; what they cause together must not depend on the order."""
    calendar, reviews = BEFORE, []
    for arrival in order:
        if arrival == "case":
            reviews.append(december_case())
        else:
            calendar = AFTER
        for review in reviews:
            dates.recompute(review, calendar)
    [review] = reviews
    assert (review.promise.due, [type(event) for event in review.events]) == (
        SETTLED,
        [ReviewOpened, DatesRecomputed],
    )
