"""What is counted of a case, and that the order between services does not matter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain import incoming
from services.metrics.domain.facts import CaseFacts, fold
from services.metrics.domain.incoming import DueDay
from services.metrics.domain.items import light_of

NUMBER = "370306-20260907-000001-K"
START = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)


def about(kind, **facts):
    return kind(case_number=NUMBER, **facts)


RECEIVED = about(
    incoming.CaseReceived,
    item_code="370306-01-001",
    item_version="370306-01-001@1",
    authority="370306000000-D01",
    window_unit="370306000000-C1-W01",
    unit_path="/370000000000/370300000000/370306000000/370306000000-C1/370306000000-C1-W01/",
    channel="WINDOW",
    receive_time=START,
    courier_offered=True,
    applicant="account-1",
)
ACCEPTED = about(
    incoming.CaseAccepted,
    window_unit="370306000000-C1-W01",
    accept_time=START + timedelta(days=1),
    deemed=False,
    promise_due=DueDay(on=date(2026, 9, 15)),
)
DECIDED = about(
    incoming.DecisionMade,
    outcome="GRANTED",
    decide_time=START + timedelta(days=3),
    promise_due=DueDay(on=date(2026, 9, 16)),
    promise_kept=True,
    statutory_kept=True,
)
OF_INTAKE = (
    RECEIVED,
    about(incoming.VisitRecorded, purpose="APPLICATION", ordinal=1),
    about(incoming.OneTimeNoticeGiven),
    about(incoming.CorrectionSubmitted),
    ACCEPTED,
    about(incoming.ResultHandedOut, window_unit="370306000000-C1-W01", recipient="ADDRESSEE"),
    about(incoming.VisitRecorded, purpose="COLLECTION", ordinal=2),
)
OF_REVIEW = (
    about(incoming.ReviewOpened, promise_due=DueDay(on=date(2026, 9, 15))),
    about(incoming.DatesRecomputed, promise_due=DueDay(on=date(2026, 9, 16))),
    DECIDED,
)
OF_DELIVERY = (
    about(incoming.CourierOffered),
    about(incoming.CourierOfferAnswered, by_courier=False),
)
# Each event at an instant of its own, as its envelope tells it.
TIMED = {
    event: START + timedelta(hours=number)
    for number, event in enumerate(OF_INTAKE + OF_REVIEW + OF_DELIVERY)
}


def told(events):
    facts = CaseFacts(case_number=NUMBER)
    for event in events:
        facts = fold(facts, event, TIMED.get(event, START))
    return facts


@st.composite
def interleavings(draw, *sources):
    """All events, in order within each source, in any order between them."""
    waiting = [list(source) for source in sources]
    order = []
    while any(waiting):
        turn = draw(st.sampled_from([i for i, rest in enumerate(waiting) if rest]))
        order.append(waiting[turn].pop(0))
    return order


@given(interleavings(OF_INTAKE, OF_REVIEW, OF_DELIVERY))
def test_services_may_be_heard_in_any_order(order):
    assert told(order) == told(OF_INTAKE + OF_REVIEW + OF_DELIVERY)


@given(interleavings(OF_INTAKE, OF_REVIEW, OF_DELIVERY))
def test_the_light_turns_once_and_by_the_same_case_in_any_order(order):
    facts = CaseFacts(case_number=NUMBER)
    turns = []
    for event in order:
        before, facts = light_of(facts), fold(facts, event, START)
        after = light_of(facts)
        if after is not None and before is None:
            turns.append(after)
        assert not (before is not None and after is None), "a red light went out by itself"
    [turn] = turns
    assert (turn.item_code, turn.case_number, turn.visits, turn.visits_by_courier) == (
        "370306-01-001",
        NUMBER,
        2,
        1,
    )


def test_journey_one_is_counted_as_it_happened():
    facts = told(OF_INTAKE + OF_REVIEW + OF_DELIVERY)

    assert facts == CaseFacts(
        case_number=NUMBER,
        item_code="370306-01-001",
        item_version="370306-01-001@1",
        authority="370306000000-D01",
        window_unit="370306000000-C1-W01",
        unit_path=RECEIVED.unit_path,
        applicant="account-1",
        channel="WINDOW",
        courier_due=True,
        received_at=START,
        notices=1,
        corrections=1,
        accepted_at=START + timedelta(days=1),
        accepting_unit="370306000000-C1-W01",
        accepted_promise_due_on=date(2026, 9, 15),
        visits=2,
        collection_visits=1,
        served_at=START + timedelta(hours=5),
        serving_unit="370306000000-C1-W01",
        reviewed_promise_due_on=date(2026, 9, 16),
        decided_at=START + timedelta(days=3),
        outcome="GRANTED",
        promise_kept=True,
        statutory_kept=True,
        courier_offered_at=START + timedelta(hours=10),
        courier_answer="DECLINED",
    )


def test_a_visit_told_twice_is_one_visit():
    collection = about(incoming.VisitRecorded, purpose="COLLECTION", ordinal=1)

    facts = told([collection, collection])

    assert (facts.visits, facts.collection_visits) == (1, 1)


def test_a_collection_is_no_visit_before_the_decision():
    facts = told(OF_INTAKE)

    assert (facts.visits, facts.visits_before_decision) == (2, 1)


def test_the_promise_of_the_review_holds_over_that_of_the_acceptance():
    assert told([ACCEPTED]).promise_due_on == date(2026, 9, 15)
    assert told([*OF_REVIEW[:2], ACCEPTED]).promise_due_on == date(2026, 9, 16)


def test_a_case_is_unknown_until_its_receipt_is_told():
    assert not told(OF_REVIEW + OF_DELIVERY).known
    assert told([RECEIVED]).known


def test_a_taken_offer_is_told_apart_from_a_declined_one():
    taken = about(incoming.CourierOfferAnswered, by_courier=True)

    assert told([taken]).courier_answer == "TAKEN"


def test_what_is_not_counted_is_refused():
    with pytest.raises(TypeError, match="CaseFact is not counted"):
        told([about(incoming.CaseFact)])
