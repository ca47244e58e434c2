"""What the events of intake and catalog do to review."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.review.v1 import review_events_pb2 as events
from sqlalchemy import select

from servicekit.stream import Outcome
from servicekit.testing import envelope
from services.review.bootstrap import DEFINITION
from services.review.tests import district as people
from services.review.tests.district import CASE
from workdays import WorkCalendar, YearNotice, export_year
from workdays.statutory import assumed_notice

# As the State Council might announce it: the statutory days, and one exchange in January.
ASSUMED = assumed_notice(2027)
NOTICE = export_year(
    YearNotice(year=2027, source="test", days=ASSUMED.days, extra_rest_days=ASSUMED.extra_rest_days)
)
GUESS = WorkCalendar.official().add(date(2026, 12, 21), 20)


def december_case(**changes):
    guess = people.last_day(GUESS.on.year, GUESS.on.month, GUESS.on.day, provisional=True)
    return people.accepted(
        at=people.december(),
        promised_limit=people.limit(20),
        promise_due=guess,
        statutory_due=guess,
        **changes,
    )


def last_recomputed(district):
    outbox = DEFINITION.tables.outbox.outbox
    query = select(outbox.c.envelope).where(outbox.c.type == "review.dates_recomputed.v1")
    with district.built.resources.read_engine.connect() as connection:
        bodies = connection.scalars(query.order_by(outbox.c.id)).all()
    return events.DatesRecomputed.FromString(Envelope.FromString(bodies[-1]).payload)


def test_an_accepted_case_is_opened_once_however_often_the_event_comes(district):
    body = envelope("intake.case_accepted.v1", people.accepted(), stream_id=CASE)
    assert [district.streams.take(body) for _ in range(3)] == [
        Outcome.APPLIED, Outcome.DROPPED, Outcome.DROPPED,
    ]  # fmt: skip
    assert district.published() == ["review.review_opened.v1"]


def test_what_review_publishes_stands_in_the_stream_of_the_case(district):
    district.accept()
    outbox = DEFINITION.tables.outbox.outbox
    with district.built.resources.read_engine.connect() as connection:
        row = connection.execute(select(outbox)).one()
    assert (row.stream_id, row.seq, row.unit) == (CASE, 1, people.AUTHORITY)


def test_a_deemed_case_runs_from_its_receipt(district):
    received = people.stamp(people.MONDAY.replace(day=14))
    district.accept(deemed=True, receive_time=received)
    last = district.get().promise.due.on
    assert (last.month, last.day) == (9, 20)  # a Sunday worked in exchange for National Day


def test_readings_2_paper_of_what_was_decided_on_the_spot_belongs_to_no_review(district):
    moved = people.intake.BundleReceived(case_number="X")
    assert district.take("intake.bundle_received.v1", moved, "X") is Outcome.APPLIED
    assert district.published() == []
    assert district.accept() is Outcome.APPLIED


def test_the_calendar_settles_what_was_provisional(district):
    district.take("intake.case_accepted.v1", december_case())
    assert district.get().promise.due.provisional
    imported = people.calendar_imported(2027, NOTICE)
    district.take("catalog.calendar_year_imported.v1", imported, "calendar-2027")
    review = district.get()
    assert (review.promise.due.provisional, review.statutory.due.provisional) == (False, False)
    assert review.revision == 2
    assert not last_recomputed(district).promise_due.provisional


def test_a_calendar_that_changes_nothing_tells_nothing(district):
    district.accept()
    imported = people.calendar_imported(2027, NOTICE)
    district.take("catalog.calendar_year_imported.v1", imported, "calendar-2027")
    assert district.published() == ["review.review_opened.v1"]


def test_a_notice_that_is_none_stops_the_stream_and_says_why(district):
    imported = people.calendar_imported(2027, "nonsense")
    outcome = district.take("catalog.calendar_year_imported.v1", imported, "calendar-2027")
    assert outcome is Outcome.FAILED


@pytest.mark.parametrize("order", list(permutations(["case", "calendar"])))
def test_the_case_and_the_calendar_may_come_in_either_order(district, order):
    """Two sources meet here: what they cause together must not depend on the order."""
    for arrival in order:
        if arrival == "case":
            district.take("intake.case_accepted.v1", december_case())
        else:
            imported = people.calendar_imported(2027, NOTICE)
            district.take("catalog.calendar_year_imported.v1", imported, "calendar-2027")
    told = last_recomputed(district)
    assert district.published() == ["review.review_opened.v1", "review.dates_recomputed.v1"]
    assert district.get().promise.due == told.promise_due
    assert not told.promise_due.provisional


def test_a_decided_case_keeps_the_day_it_was_measured_by(district):
    district.take("intake.case_accepted.v1", december_case())
    district.built.clock.instant = people.december()
    district.opine()
    district.decide()
    imported = people.calendar_imported(2027, NOTICE)
    district.take("catalog.calendar_year_imported.v1", imported, "calendar-2027")
    assert district.get().promise.due.provisional
