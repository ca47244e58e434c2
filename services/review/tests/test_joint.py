"""Two authorities on one case (联合办理): a task, a limit and a decision for each."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from liandong.review.v1 import review_events_pb2 as events
from liandong.review.v1 import review_service_pb2 as pb

from services.review.tests import district as people
from services.review.tests.acts import day, told
from services.review.tests.district import (
    AUTHORITY,
    CASE,
    DECIDER,
    FOREIGN,
    OTHER_AUTHORITY,
    REVIEWER,
    china,
    refused,
)  # fmt: skip

OTHER_TASK = f"{CASE}/{OTHER_AUTHORITY}"
DENIED = pb.DECISION_OUTCOME_DENIED


def review_both(district):
    district.opine()
    district.opine(people.ELSEWHERE_REVIEWER, request_id="opinion-0002")


def decide_other(district, **changes):
    facts = {"request_id": "decision-0002"} | changes
    return district.decide(people.ELSEWHERE_DECIDER, **facts)


def test_each_authority_has_a_task_with_its_own_limits(district):
    district.accept(**people.joint(promised_limit=people.limit(7)))
    lead, other = district.get(), district.get(FOREIGN)
    assert (lead.task, lead.authority, lead.promise.limit.amount) == (CASE, AUTHORITY, 5)
    assert (other.task, other.authority, other.promise.limit.amount) == (
        OTHER_TASK, OTHER_AUTHORITY, 7,
    )  # fmt: skip
    assert [each.authority for each in lead.tasks] == [AUTHORITY, OTHER_AUTHORITY]
    assert district.published().count("review.review_opened.v1") == 2


def test_each_authority_sees_its_own_task_in_its_work(district):
    district.accept(**people.joint())
    assert [item.task for item in district.list().items] == [CASE]
    assert [item.task for item in district.list(FOREIGN).items] == [OTHER_TASK]


def test_intake_and_the_supervisor_name_the_authority_they_ask_for(district):
    district.accept(**people.joint())
    for caller in (people.INTAKE, people.SUPERVISOR):
        assert district.get(caller).task == CASE
        assert district.get(caller, authority=OTHER_AUTHORITY).task == OTHER_TASK
    assert refused(lambda: district.get(people.INTAKE, authority="x")).reason == "REVIEW_UNKNOWN"
    foreign = refused(lambda: district.get(REVIEWER, authority=OTHER_AUTHORITY))
    assert foreign.reason == "OUT_OF_SCOPE"


def test_an_authority_does_not_act_on_the_task_of_another(district):
    district.accept(**people.joint())
    refusal = refused(lambda: district.opine(REVIEWER, authority=OTHER_AUTHORITY))
    assert refusal.reason == "OUT_OF_SCOPE"
    assert refused(lambda: district.opine(REVIEWER, authority="x")).reason == "REVIEW_UNKNOWN"


def test_a_denial_does_not_hold_the_other_authority(district):
    district.accept(**people.joint())
    review_both(district)
    district.decide(outcome=DENIED)
    assert district.get(FOREIGN).state == pb.REVIEW_STATE_DECISION_PENDING
    decide_other(district)
    made = told(district, "review.decision_made.v1", events.DecisionMade)
    assert [(each.authority, each.outcome, each.undecided) for each in made] == [
        (AUTHORITY, "DENIED", 1), (OTHER_AUTHORITY, "GRANTED", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", [None, DENIED], ids=["undecided", "denied"])
def test_a_grant_waits_for_its_prerequisite(district, outcome):
    facts = people.joint(prerequisites=[AUTHORITY])
    facts["tasks"][0] = people.part(AUTHORITY, name="特种行业许可")
    district.accept(**facts)
    review_both(district)
    if outcome is not None:
        district.decide(outcome=outcome)
    refusal = refused(lambda: decide_other(district))
    assert (refusal.reason, refusal.rule) == (
        "PREREQUISITE_NOT_GRANTED", "行政许可法 第二十六条第二款",
    )  # fmt: skip
    assert f"前置机关就“特种行业许可（{AUTHORITY}）”作出准予决定后" in refusal.text
    decide_other(district, request_id="decision-0003", outcome=DENIED)


def test_a_grant_follows_its_prerequisite(district):
    district.accept(**people.joint(prerequisites=[AUTHORITY]))
    review_both(district)
    district.decide()
    assert decide_other(district).promise_kept


def test_two_authorities_that_decide_at_once_know_of_each_other(postgres_district):
    """One of them is the last, whoever it is: so somebody hears that all have decided."""
    district = postgres_district
    district.accept(**people.joint())
    review_both(district)
    deeds = [district.decide, lambda: decide_other(district)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda deed: deed(), deeds))
    made = told(district, "review.decision_made.v1", events.DecisionMade)
    assert sorted(each.undecided for each in made) == [0, 1]


def test_paper_goes_to_the_lead_only(district):
    both = people.joint()
    both["tasks"][0].has_paper = True
    district.accept(**both)
    handed = people.intake.BundleHandedOver(case_number=CASE)
    district.take("intake.bundle_handed_over.v1", handed)
    assert (district.get().bundle, district.get(FOREIGN).bundle) == ("ON_ITS_WAY", "NONE")


def test_a_procedure_of_one_authority_stops_no_other_clock(district):
    district.accept(
        **people.joint(), special_procedures=[people.expert_review()],
    )  # fmt: skip
    planned = district.act("PlanSpecialProcedure", people.ELSEWHERE_REVIEWER, revision=1)
    assert planned.procedure == f"{OTHER_TASK}-S1"
    district.give_notice(planned.procedure, china(9, 28))
    assert day(district.get(FOREIGN).statutory.due.on) == (2026, 11, 3)
    assert day(district.get().statutory.due.on) == (2026, 10, 26)


def test_who_accepted_it_is_barred_at_every_authority(district):
    district.accept(**people.joint())
    moved = people.staff("p-clerk", "DEPARTMENT", "REVIEWER", OTHER_AUTHORITY)
    assert refused(lambda: district.opine(moved)).reason == "REVIEWED_BY_FRONT"


def test_remedies_are_those_of_each_authority(district):
    district.accept(**people.joint())
    review_both(district)
    district.catalog.without_remedies = {OTHER_AUTHORITY}
    district.decide(outcome=DENIED)
    refusal = refused(lambda: decide_other(district, outcome=DENIED))
    assert refusal.reason == "REMEDIES_MISSING"


def test_a_withdrawal_closes_every_undecided_task(district):
    district.accept(**people.joint())
    district.opine()
    district.built.clock.instant = china(9, 22)
    district.decide()
    district.withdraw(china(9, 23))
    assert (district.get().state, district.get(FOREIGN).state) == (
        pb.REVIEW_STATE_DECIDED, pb.REVIEW_STATE_ENDED,
    )  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(["notice", "lead", "other"])))
def test_decisions_and_notices_of_two_authorities_commute(district, order):
    district.accept(**people.joint(), special_procedures=[people.expert_review()])
    district.act("PlanSpecialProcedure", people.ELSEWHERE_REVIEWER, revision=1)
    district.opine()
    district.opine(people.ELSEWHERE_REVIEWER, request_id="opinion-0002", revision=2)
    district.built.clock.instant = china(9, 29)
    deeds = {
        "notice": lambda: district.give_notice(f"{OTHER_TASK}-S1", china(9, 28)),
        "lead": lambda: district.decide(DECIDER, revision=district.get().revision),
        "other": lambda: decide_other(district, revision=district.get(FOREIGN).revision),
    }
    for deed in order:
        deeds[deed]()
    assert day(district.get(FOREIGN).statutory.due.on) == (2026, 11, 3)
    assert {district.get().state, district.get(FOREIGN).state} == {pb.REVIEW_STATE_DECIDED}
