"""What is counted of a case, and that the order between services does not matter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain import incoming
from services.metrics.domain.facts import AuthorityFacts, CaseFacts, Parcel
from services.metrics.domain.folding import fold
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
    handling="PROMISED",
    assistance="",
    result_delivery="COLLECTION",
    out_of_force=False,
)
ACCEPTED = about(
    incoming.CaseAccepted,
    window_unit="370306000000-C1-W01",
    accept_time=START + timedelta(days=1),
    deemed=False,
    promise_due=DueDay(on=date(2026, 9, 15)),
)
LEAD, OTHER = "370306000000-D01", "370306000000-D06"


def decided(authority=LEAD, **facts):
    told = {
        "outcome": "GRANTED",
        "decide_time": START + timedelta(days=3),
        "promise_due": DueDay(on=date(2026, 9, 16)),
        "promise_kept": True,
        "statutory_kept": True,
        "undecided": 0,
        "days_at_window": 1,
        "days_at_department": 2,
    }
    return about(incoming.DecisionMade, authority=authority, **told | facts)


def opened(authority=LEAD, day=15):
    due = DueDay(on=date(2026, 9, day))
    return about(incoming.ReviewOpened, authority=authority, promise_due=due)


def recomputed(authority=LEAD, day=16):
    due = DueDay(on=date(2026, 9, day))
    return about(incoming.DatesRecomputed, authority=authority, promise_due=due)


DECIDED = decided()
OF_INTAKE = (
    RECEIVED,
    about(incoming.CaseTransferred, to_unit="W02", unit_path="/W02/"),
    about(incoming.VisitRecorded, purpose="APPLICATION", ordinal=1),
    about(incoming.OneTimeNoticeGiven),
    about(incoming.CorrectionSubmitted),
    about(incoming.FurtherNoticeGiven),
    ACCEPTED,
    about(incoming.ResultDispatched, attempt=1),
    about(incoming.ServiceLeftOpen, reason="LOCKER"),
    about(incoming.ResultHandedOut, window_unit="370306000000-C1-W01", recipient="ADDRESSEE"),
    about(incoming.VisitRecorded, purpose="COLLECTION", ordinal=2),
    about(incoming.DocumentVoided, department=OTHER, lost=False),
)
OF_REVIEW = (
    opened(),
    opened(OTHER, 14),
    recomputed(),
    decided(OTHER, undecided=1, days_at_window=0, days_at_department=4),
    DECIDED,
    about(incoming.ExplanationRequested, authority=OTHER),
    about(incoming.ExplanationRequested, authority=LEAD),
)
OF_DELIVERY = (
    about(incoming.CourierOffered),
    about(incoming.CourierOfferAnswered, by_courier=False),
    about(incoming.ShipmentCreated, shipment="S-1", direction="OUT"),
    about(incoming.ShipmentCreated, shipment="S-2", direction="IN"),
    about(incoming.ShipmentSigned, shipment="S-1", direction="OUT"),
    about(incoming.ShipmentSigned, shipment="S-2", direction="IN"),
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


def authority(code, **facts):
    told = {
        "promise_due_on": date(2026, 9, 16), "decided_at": START + timedelta(days=3),
        "outcome": "GRANTED", "promise_kept": True, "statutory_kept": True,
    }  # fmt: skip
    return AuthorityFacts(authority=code, **told | facts)


def test_readings_17_a_case_took_the_most_days_of_a_window_and_the_most_of_a_department():
    assert told(OF_INTAKE + OF_REVIEW).days_taken == 1 + 4
    assert told(OF_INTAKE).days_taken is None


@pytest.mark.parametrize(("department", "lost"), [(LEAD, True), ("", False)])
def test_r4_10_what_was_lost_or_is_the_windows_is_no_rework(department, lost):
    voided = about(incoming.DocumentVoided, department=department, lost=lost)
    assert told([RECEIVED, voided]).reworked_by == ()


def test_a_case_is_counted_as_it_happened():
    facts = told(OF_INTAKE + OF_REVIEW + OF_DELIVERY)

    assert facts == CaseFacts(
        case_number=NUMBER,
        item_code="370306-01-001",
        item_version="370306-01-001@1",
        authority=LEAD,
        window_unit="W02",
        unit_path="/W02/",
        applicant="account-1",
        channel="WINDOW",
        courier_due=True,
        handling="PROMISED",
        first_wish="COLLECTION",
        received_at=START,
        transfers=1,
        notices=1,
        further_notices=1,
        corrections=1,
        accepted_at=START + timedelta(days=1),
        accepting_unit="370306000000-C1-W01",
        accepted_promise_due_on=date(2026, 9, 15),
        visits=2,
        collection_visits=1,
        dispatches=1,
        served_at=START + timedelta(hours=9),
        served_means="WINDOW",
        serving_unit="370306000000-C1-W01",
        reworked_by=(OTHER,),
        returned_by=tuple(sorted((LEAD, OTHER))),
        authorities=(
            authority(LEAD, days_at_window=1, days_at_department=2),
            authority(OTHER, days_at_department=4),
        ),
        reviewed_promise_due_on=date(2026, 9, 16),
        decided_at=START + timedelta(days=3),
        days_at_window=1,
        days_at_department=4,
        courier_offered_at=START + timedelta(hours=19),
        courier_answer="DECLINED",
        parcels=(Parcel("S-1", "SIGNED"),),
        parcels_out=1,
        parcels_in=1,
        parcels_signed=1,
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
    assert told([opened(), recomputed(), ACCEPTED]).promise_due_on == date(2026, 9, 16)


def test_a_case_is_unknown_until_its_receipt_is_told():
    assert not told(OF_REVIEW + OF_DELIVERY).known
    assert told([RECEIVED]).known


def test_a_taken_offer_is_told_apart_from_a_declined_one():
    taken = about(incoming.CourierOfferAnswered, by_courier=True)

    assert told([taken]).courier_answer == "TAKEN"


def test_what_is_not_counted_is_refused():
    with pytest.raises(TypeError, match="CaseFact is not counted"):
        told([about(incoming.CaseFact)])


# Several authorities, and endings without a decision


def test_a_joint_case_is_decided_when_nobody_is_left_to_decide():
    first = [opened(), opened(OTHER, 14), decided(undecided=1)]

    assert told(first).decision_at is None
    assert told(first).promise_due_on == date(2026, 9, 14)
    assert told([*first, decided(OTHER)]).decision_at == START + timedelta(days=3)


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        (("GRANTED", "GRANTED"), "GRANTED"),
        (("DENIED", "DENIED"), "DENIED"),
        (("GRANTED", "DENIED"), "PARTLY"),
    ],
    ids=["all-granted", "all-denied", "one-of-each"],
)
def test_the_outcome_of_a_joint_case_is_that_of_all_decisions(outcomes, together):
    one, other = outcomes

    facts = told([decided(undecided=1, outcome=one), decided(OTHER, outcome=other)])

    assert facts.result == together


@pytest.mark.parametrize(
    ("field", "together"), [("promise_kept", "in_time"), ("statutory_kept", "in_time_of_law")]
)
def test_a_joint_case_kept_its_limits_only_if_every_authority_did(field, together):
    broken = told([decided(undecided=1, **{field: False}), decided(OTHER)])
    kept = told([decided(undecided=1), decided(OTHER)])

    assert (getattr(broken, together), getattr(kept, together)) == (False, True)
    assert getattr(told([decided(undecided=1)]), together) is False


def test_a_joint_case_withdrawn_between_two_decisions_keeps_the_first():
    withdrawn = about(incoming.CaseWithdrawn, withdraw_time=START + timedelta(days=3, hours=1))
    first = decided(undecided=1, outcome="DENIED", promise_kept=False)
    void = decided(OTHER, decide_time=START + timedelta(days=4))

    for order in ([first, withdrawn], [withdrawn, first, void], [first, void, withdrawn]):
        facts = told([RECEIVED, opened(), opened(OTHER), *order])
        assert (facts.result, facts.in_time) == ("DENIED", False)
        assert facts.decision_at == START + timedelta(days=3)


def test_a_joint_case_is_early_only_if_every_authority_was():
    late = {"decide_time": datetime(2026, 9, 15, 16, 0, tzinfo=UTC)}  # 24:00 of the 15th

    assert told([decided(undecided=1), decided(OTHER)]).decided_early is True
    assert told([decided(undecided=1), decided(OTHER, **late)]).decided_early is False


def test_an_event_of_before_is_about_the_only_authority():
    facts = told([opened(), recomputed("", 18)])

    assert [(each.authority, each.promise_due_on.day) for each in facts.authorities] == [(LEAD, 18)]


ENDINGS = {
    "NOT_REQUIRED": about(incoming.CaseNotRequired, tell_time=START),
    "REFUSED": about(incoming.AcceptanceRefused, refuse_time=START),
    "WITHDRAWN": about(incoming.CaseWithdrawn, withdraw_time=START),
    "TERMINATED": about(incoming.CaseTerminated, terminate_time=START),
}


@pytest.mark.parametrize("ended_as", ENDINGS)
def test_an_ending_without_a_decision_is_kept_by_its_name(ended_as):
    facts = told([RECEIVED, ENDINGS[ended_as]])

    assert (facts.ended_as, facts.ended_at, facts.completed_at) == (ended_as, START, None)
    assert facts.ended_undecided


def test_a_filing_is_complete_without_a_decision():
    facts = told([RECEIVED, about(incoming.FilingRecorded, file_time=START)])

    assert (facts.completed_at, facts.decision_at) == (START, None)
    assert facts.is_over
    assert not facts.ended_undecided


@pytest.mark.parametrize(
    ("withdrawn_at", "stands"),
    [
        (START + timedelta(days=2), False),
        (START + timedelta(days=3), True),
        (START + timedelta(days=4), True),
    ],
    ids=["before", "at-the-same-instant", "after"],
)
def test_of_decision_and_withdrawal_the_earlier_holds_in_any_order(withdrawn_at, stands):
    withdrawn = about(incoming.CaseWithdrawn, withdraw_time=withdrawn_at)

    for order in ([DECIDED, withdrawn], [withdrawn, DECIDED]):
        facts = told([RECEIVED, *order])
        assert (facts.decision_at is not None) is stands
        assert facts.ended_undecided is not stands
        assert (facts.result != "") is stands


SPOT = about(
    incoming.DecidedOnTheSpot,
    window_unit="W01",
    outcome="GRANTED",
    decide_time=START,
    promise_due=DueDay(on=START.date()),
    promise_kept=True,
    statutory_kept=True,
)


def test_on_the_spot_acceptance_and_decision_are_one():
    facts = told([RECEIVED, SPOT])

    assert facts.accepted_at == facts.decision_at == START
    assert (facts.accepting_unit, facts.result, facts.in_time) == ("W01", "GRANTED", True)


def test_service_stays_open_until_it_is_sent_again_or_proven():
    left = [
        about(incoming.ResultDispatched, attempt=1),
        about(incoming.ServiceLeftOpen, reason="REFUSED"),
        about(incoming.ResultDispatched, attempt=2),
    ]
    served = about(incoming.ResultServed, means="EMS", serve_time=START, window_unit="W01")

    assert (told(left[:2]).service_open, told(left[:2]).served_at) == ("REFUSED", None)
    assert told(left).service_open == ""
    facts = told([*left, served])
    assert (facts.service_open, facts.served_at, facts.served_means) == ("", START, "EMS")
    assert facts.dispatches == 2


def failed(reason, shipment="S-1", direction="OUT"):
    return about(incoming.ShipmentFailed, shipment=shipment, direction=direction, reason=reason)


def test_a_cancelled_parcel_did_not_fail():
    facts = told([failed("LOST"), failed("CANCELLED", "S-2")])

    assert (facts.parcels_out, facts.parcels_failed, facts.parcels_cancelled) == (2, 1, 1)


def test_a_parcel_that_was_refused_and_came_back_failed_once():
    facts = told([failed("REFUSED"), failed("RETURNED")])

    assert (facts.parcels_out, facts.parcels_failed) == (1, 1)


def test_a_parcel_that_was_refused_and_then_signed_for_is_delivered():
    signed = about(incoming.ShipmentSigned, shipment="S-1", direction="OUT")

    facts = told([failed("REFUSED"), signed])

    assert (facts.parcels_signed, facts.parcels_failed) == (1, 0)


def test_how_a_parcel_to_the_centre_went_is_not_counted():
    assert told([failed("LOST", direction="IN")]) == CaseFacts(case_number=NUMBER)
