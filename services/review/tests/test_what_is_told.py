"""What the acts of a department leave behind: facts for the others, a record, a new revision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from liandong.review.v1 import review_events_pb2 as events
from liandong.review.v1 import review_service_pb2 as pb

from servicekit.errors import UnavailableError
from servicekit.stream import Outcome
from services.review.tests import district as people
from services.review.tests.acts import TERMS, day, told
from services.review.tests.district import (
    AUTHORITY,
    CASE,
    CLERK,
    HEAD,
    OTHER_AUTHORITY,
    REVIEWER,
    china,
    refused,
)

PROCEDURE = f"{CASE}-S1"
WAIVED = "纸质材料在途遗失，电子卷宗齐全。"


def instant(stamp):
    return stamp.ToDatetime(tzinfo=people.MONDAY.tzinfo)


def test_others_are_told_who_waived_the_paper_and_why(district):
    district.accept(has_paper=True)
    district.act("WaiveBundle", HEAD)
    [waived] = told(district, "review.bundle_waived.v1", events.BundleWaived)
    assert (waived.case_number, waived.authority, waived.waived_by, waived.reason) == (
        CASE, AUTHORITY, "p-head", WAIVED,
    )  # fmt: skip
    waiver = district.get().waiver
    assert (waiver.reason, instant(waiver.waive_time)) == (WAIVED, people.MONDAY)


def test_r4_1_who_accepted_a_case_waives_nothing_even_as_the_head(district):
    district.accept(has_paper=True)
    promoted = replace(HEAD, person=CLERK.person)
    assert refused(lambda: district.act("WaiveBundle", promoted)).reason == "REVIEWED_BY_FRONT"
    assert district.get().awaits_bundle


def test_the_head_of_a_window_waives_nothing(district):
    district.accept(has_paper=True)
    elsewhere = replace(CLERK, person="p-x", roles=HEAD.roles)
    assert refused(lambda: district.act("WaiveBundle", elsewhere)).reason == "NOT_A_DEPARTMENT_POST"


def test_paper_that_arrived_or_was_lost_on_its_way_back_is_not_late_any_more(district):
    district.accept(has_paper=True)
    bag = {"case_number": CASE, "bag": "B-1"}
    district.take("intake.bundle_handed_over.v1", people.intake.BundleHandedOver(**bag))
    district.take("intake.bundle_received.v1", people.intake.BundleReceived(**bag))
    district.take("intake.bundle_overdue.v1", people.intake.BundleOverdue(**bag))
    assert not district.get().bundle_overdue


def test_requests_for_an_explanation_are_numbered_and_keep_who_asked_what_and_when(district):
    district.accept(**TERMS)
    first = district.act("RequestExplanation", REVIEWER)
    district.built.clock.instant = china(9, 22)
    second = district.act("RequestExplanation", HEAD, question="第二问？", request_id="second-01")
    assert (first.explanation, second.explanation) == (f"{CASE}-X1", f"{CASE}-X2")
    asked = district.get().explanations
    assert [
        (each.explanation, each.question, each.requested_by, instant(each.request_time))
        for each in asked
    ] == [
        (f"{CASE}-X1", "请说明操作间排烟管道的走向。", "p-reviewer", people.MONDAY),
        (f"{CASE}-X2", "第二问？", "p-head", china(9, 22)),
    ]  # fmt: skip
    [_, fact] = told(district, "review.explanation_requested.v1", events.ExplanationRequested)
    assert (fact.case_number, fact.authority, fact.question) == (CASE, AUTHORITY, "第二问？")


def test_an_answer_is_noted_with_its_question_and_the_first_one_counts(district):
    district.accept(**TERMS)
    district.act("RequestExplanation", REVIEWER)
    second = district.act("RequestExplanation", REVIEWER, request_id="second-01").explanation
    for at in (china(9, 23), china(9, 24)):
        district.built.clock.instant = at
        given = people.intake.ExplanationGiven(case_number=CASE, explanation=second)
        district.take("intake.explanation_given.v1", given)
    unanswered, answered = district.get().explanations
    assert not unanswered.HasField("answer_time")
    assert answered.HasField("answer_time")


def test_an_answer_to_what_this_task_did_not_ask_changes_nothing(district):
    district.accept(**TERMS)
    district.act("RequestExplanation", REVIEWER)
    given = people.intake.ExplanationGiven(case_number=CASE, explanation="nothing")
    assert district.take("intake.explanation_given.v1", given) is Outcome.APPLIED
    assert not district.get().explanations[0].HasField("answer_time")


def test_each_authority_that_is_asked_is_told_by_when_and_kept_with_who_asked(district):
    district.accept(**TERMS)
    both = [OTHER_AUTHORITY, "370306000000-D06", OTHER_AUTHORITY]
    district.act("AskAuthorities", REVIEWER, consulted=both)
    facts = told(district, "review.consultation_requested.v1", events.ConsultationRequested)
    assert [
        (each.case_number, each.authority, each.consulted, day(each.answer_by_date))
        for each in facts
    ] == [(CASE, AUTHORITY, named, (2026, 9, 24)) for named in both[:2]]
    kept = district.get().consultations
    assert [
        (
            each.consulted,
            each.question,
            each.asked_by,
            instant(each.ask_time),
            each.HasField("answer"),
        )
        for each in kept
    ] == [(named, "对选址有无意见？", "p-reviewer", people.MONDAY, False) for named in both[:2]]


def test_an_answer_by_the_end_of_today_may_be_asked_for(district):
    district.accept(**TERMS)
    district.act("AskAuthorities", REVIEWER, answer_by_date=people.due_on(2026, 9, 21))
    assert district.get().consultations


def test_an_opinion_against_it_is_kept_as_such(district):
    district.accept(**TERMS)
    district.act("AskAuthorities", REVIEWER, consulted=["370306000000-D06", OTHER_AUTHORITY])
    district.built.clock.instant = china(9, 22)
    district.act("AnswerConsultation", people.ELSEWHERE_REVIEWER, agrees=False, text="不宜选址。")
    unanswered, answered = district.get().consultations
    assert not unanswered.HasField("answer")
    said = answered.answer
    assert (said.agrees, said.text, said.answered_by, instant(said.answer_time)) == (
        False, "不宜选址。", "p-d02-reviewer", china(9, 22),
    )  # fmt: skip
    [fact] = told(district, "review.consultation_answered.v1", events.ConsultationAnswered)
    assert (fact.case_number, fact.agrees) == (CASE, False)


def test_r4_1_who_accepted_a_case_does_not_answer_for_another_authority_either(district):
    district.accept(**TERMS)
    district.act("AskAuthorities", REVIEWER)
    moved = replace(people.ELSEWHERE_REVIEWER, person=CLERK.person)
    assert refused(lambda: district.act("AnswerConsultation", moved)).reason == "REVIEWED_BY_FRONT"


def test_r4_1_who_accepted_a_case_ends_no_procedure(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.built.clock.instant = china(10, 9)
    refusal = refused(lambda: district.act("EndSpecialProcedure", people.MOVED_CLERK))
    assert refusal.reason == "REVIEWED_BY_FRONT"


def test_others_are_told_of_the_end_of_a_procedure_and_what_does_not_count(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    district.built.clock.instant = china(10, 9)
    district.act("EndSpecialProcedure", REVIEWER)
    [ended] = told(district, "review.special_procedure_ended.v1", events.SpecialProcedureEnded)
    assert (
        ended.case_number, ended.authority, ended.procedure, day(ended.end_date),
        ended.excluded_days,
    ) == (CASE, AUTHORITY, PROCEDURE, (2026, 10, 8), 3)  # fmt: skip


def test_a_planned_procedure_keeps_who_planned_it_where_and_on_which_clause(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    second = district.act("PlanSpecialProcedure", HEAD, request_id="second-01", days=3)
    assert second.procedure == f"{CASE}-S2"
    first, later = district.get().procedures
    assert (first.planned_by, first.institution, first.days, day(first.start_date)) == (
        "p-reviewer", "淄博市食品安全专家委员会", 6, (2026, 9, 28),
    )  # fmt: skip
    assert (first.source, instant(first.plan_time), first.excluded_days) == (
        "行政许可法第四十五条", people.MONDAY, 0,
    )  # fmt: skip
    assert (later.procedure, later.planned_by, later.days) == (f"{CASE}-S2", "p-head", 3)
    [fact, _] = told(
        district, "review.special_procedure_planned.v1", events.SpecialProcedurePlanned
    )
    assert (fact.case_number, fact.authority, fact.procedure, fact.institution) == (
        CASE, AUTHORITY, PROCEDURE, "淄博市食品安全专家委员会",
    )  # fmt: skip


def test_a_notice_stops_the_clock_for_its_own_procedure_only(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    second = district.act("PlanSpecialProcedure", HEAD, request_id="second-01").procedure
    district.give_notice(second, china(9, 28))
    first, later = district.get().procedures
    assert (first.HasField("notice_time"), later.HasField("notice_time")) == (False, True)


@pytest.mark.parametrize(
    ("rpc", "caller"),
    [
        ("PlanSpecialProcedure", REVIEWER),
        ("ExtendLimit", HEAD),
        ("RequestExplanation", REVIEWER),
        ("AskAuthorities", REVIEWER),
        ("WaiveBundle", HEAD),
    ],
)
def test_an_act_answers_with_the_case_and_the_revision_it_left(district, rpc, caller):
    district.accept(has_paper=True, **TERMS)
    answer = district.act(rpc, caller)
    assert (answer.case_number, answer.revision) == (CASE, district.get().revision)


def test_the_end_of_a_procedure_and_an_answer_tell_the_revision_they_left(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.act("AskAuthorities", REVIEWER)
    district.built.clock.instant = china(10, 9)
    ended = district.act("EndSpecialProcedure", REVIEWER)
    assert (ended.case_number, ended.revision) == (CASE, district.get().revision)
    answered = district.act("AnswerConsultation", people.ELSEWHERE_REVIEWER)
    assert (answered.case_number, answered.revision) == (CASE, district.get().revision)


def test_readings_11_a_denial_needs_the_remedies_on_record_on_its_day_not_those_of_before(district):
    district.accept(handling="PROMISED", remedies_known=True)
    district.opine()
    district.catalog.without_remedies = {AUTHORITY}
    refusal = refused(lambda: district.decide(outcome=pb.DECISION_OUTCOME_DENIED))
    assert (refusal.reason, refusal.rule) == ("REMEDIES_MISSING", "行政许可法 第三十八条第二款")


def test_readings_11_what_was_recorded_since_the_acceptance_lets_a_denial_be_made(district):
    district.accept(handling="PROMISED", remedies_known=False)
    district.opine()
    denied = district.decide(outcome=pb.DECISION_OUTCOME_DENIED)
    assert denied.revision == district.get().revision


def test_a_grant_asks_nobody_who_reviews_it(district):
    district.accept()
    district.opine()
    district.catalog.failure = UnavailableError("away")
    assert district.decide().promise_kept
