"""A case that is withdrawn or ended: the earlier legal instant wins, whatever is heard first."""

from __future__ import annotations

import itertools

import pytest
from liandong.review.v1 import review_service_pb2 as pb

from servicekit.stream import Outcome
from services.review.tests import district as people
from services.review.tests.district import CASE, DECIDER, REVIEWER, china, refused

DECIDED_AT = china(9, 22)


def reach(district, order, withdrawn_at):
    """Withdraw and decide in the given order of hearing; return what the decider was told."""
    district.accept()
    district.opine()
    district.built.clock.instant = DECIDED_AT
    told = ""
    for deed in order:
        if deed == "withdrawal":
            district.withdraw(withdrawn_at)
        else:
            told = people.attempted(lambda: district.decide(revision=2))
    return told


@pytest.mark.parametrize("order", list(itertools.permutations(["withdrawal", "decision"])))
@pytest.mark.parametrize(
    ("withdrawn_at", "state"),
    [
        pytest.param(china(9, 22, 9, 59), pb.REVIEW_STATE_ENDED, id="withdrawn-before"),
        pytest.param(china(9, 22, 10, 0), pb.REVIEW_STATE_DECIDED, id="same-instant"),
        pytest.param(china(9, 22, 10, 1), pb.REVIEW_STATE_DECIDED, id="withdrawn-after"),
    ],
)
def test_the_earlier_instant_wins_whichever_is_heard_of_first(district, order, withdrawn_at, state):
    reach(district, order, withdrawn_at)
    review = district.get()
    assert review.state == state
    has_effect = review.HasField("decision") and not review.decision.void
    assert has_effect is (state == pb.REVIEW_STATE_DECIDED)
    assert not district.list().items


def test_a_withdrawn_case_is_neither_reviewed_nor_decided(district):
    told = reach(district, ["withdrawal", "decision"], china(9, 22, 9, 0))
    assert told == "CASE_ENDED"
    refusal = refused(lambda: district.check_site(revision=district.get().revision))
    assert (refusal.reason, CASE in refusal.text) == ("CASE_ENDED", True)


def test_a_void_decision_is_shown_as_void_and_stays(district):
    reach(district, ["decision", "withdrawal"], china(9, 22, 9, 0))
    review = district.get()
    assert (review.decision.void, review.end_time.ToDatetime().day) == (True, 22)
    again = refused(
        lambda: district.decide(DECIDER, request_id="decision-0009", revision=review.revision)
    )
    assert again.reason == "CASE_ENDED"


def test_a_case_that_was_never_accepted_is_ended_without_anybody_noticing(district):
    assert district.withdraw(china(9, 22)) is Outcome.APPLIED
    ended = people.intake.CaseTerminated(case_number=CASE, terminate_time=people.stamp(DECIDED_AT))
    assert district.take("intake.case_terminated.v1", ended) is Outcome.APPLIED
    assert refused(lambda: district.get(REVIEWER)).reason == "REVIEW_UNKNOWN"


def test_a_period_of_its_law_ends_an_accepted_case_too(district):
    district.accept()
    ended = people.intake.CaseTerminated(case_number=CASE, terminate_time=people.stamp(DECIDED_AT))
    district.take("intake.case_terminated.v1", ended)
    assert district.get().state == pb.REVIEW_STATE_ENDED


@pytest.mark.parametrize("order", list(itertools.permutations([china(9, 22), china(9, 23)])))
def test_of_two_ends_the_earlier_counts(district, order):
    district.accept()
    for instant in order:
        district.withdraw(instant)
    assert district.get().end_time.ToDatetime().day == 22


def test_the_clocks_stand_where_the_case_ended(district):
    district.accept()
    district.withdraw(china(9, 22))
    district.built.clock.instant = china(12, 1)
    assert district.get().promise.light == pb.LIGHT_GREEN
