"""Extension, explanations, questions and waiver through their guarded methods, on SQLite."""

from __future__ import annotations

import itertools

import pytest
from liandong.common.v1 import item_terms_pb2 as terms
from liandong.review.v1 import review_events_pb2 as events

from services.review.bootstrap import DEFINITION
from services.review.tests import district as people
from services.review.tests.acts import TERMS, day, told
from services.review.tests.district import (
    CASE,
    CLERK,
    DECIDER,
    FOREIGN,
    GOVERNMENT,
    HEAD,
    MOVED_CLERK,
    OTHER_AUTHORITY,
    REVIEWER,
    china,
    refused,
)  # fmt: skip

LAW_42 = "行政许可法 第四十二条"
EXTENSION = f"{CASE}-E1"


def test_the_head_extends_the_limit_of_the_law_once_and_the_promise_stays(district):
    district.accept(**TERMS)
    extended = district.act("ExtendLimit", HEAD)
    assert (extended.extension, day(extended.statutory_due.on), day(extended.promise_due.on)) == (
        EXTENSION, (2026, 11, 9), (2026, 9, 29),
    )  # fmt: skip
    review = district.get()
    assert (review.extension.approver, review.statutory.limit.amount) == ("p-head", 30)
    again = refused(lambda: district.act("ExtendLimit", HEAD, request_id="extend-0002"))
    assert (again.reason, again.rule) == ("ALREADY_EXTENDED", LAW_42)
    district.give_notice(EXTENSION, china(9, 22), kind="EXTENSION_NOTICE")
    assert district.get().extension.HasField("notice_time")


def test_the_promise_moves_with_the_extension_where_it_was_published_so(district):
    district.accept(**(TERMS | {"extension": people.extension(moves_promise=True)}))
    extended = district.act("ExtendLimit", HEAD)
    assert day(extended.promise_due.on) == (2026, 10, 19)


def test_others_are_told_of_an_extension_and_of_the_new_dates(district):
    district.accept(**TERMS)
    district.act("ExtendLimit", HEAD)
    [extended] = told(district, "review.limit_extended.v1", events.LimitExtended)
    assert (extended.amount, extended.approver, extended.reasons) == (
        10, "p-head", "案情复杂，需补充调查。",
    )  # fmt: skip
    assert extended.approved_as == terms.EXTENSION_APPROVER_AUTHORITY_HEAD
    [moved] = told(district, "review.dates_recomputed.v1", events.DatesRecomputed)
    assert (moved.cause, day(moved.statutory_due.on)) == ("EXTENSION", (2026, 11, 9))


BY_GOVERNMENT = TERMS | {"extension": people.extension("GOVERNMENT_HEAD", 15)}
DESIGNATED = BY_GOVERNMENT | {"designation": "周政字〔2026〕1号"}


@pytest.mark.parametrize(
    ("facts", "caller", "changes", "reason", "rule"),
    [
        pytest.param(TERMS, DECIDER, {}, "NOT_THE_HEAD", LAW_42, id="decider"),
        pytest.param(TERMS, GOVERNMENT, {}, "NOT_THE_HEAD", LAW_42, id="head-of-the-government"),
        pytest.param(DESIGNATED, HEAD, {}, "NOT_THE_HEAD", LAW_42, id="head-of-the-authority"),
        pytest.param(
            BY_GOVERNMENT, GOVERNMENT, {},
            "DESIGNATION_MISSING", "行政许可法 第二十六条第二款", id="never-designated",
        ),
        pytest.param(TERMS, HEAD, {"amount": 11}, "EXTENSION_TOO_LONG", LAW_42, id="too-long"),
        pytest.param(
            TERMS | {"extension": None}, HEAD, {}, "EXTENSION_NOT_ALLOWED", LAW_42, id="none"
        ),
        pytest.param(
            TERMS | {"statutory_limit": None, "statutory_due": None}, HEAD, {},
            "EXTENSION_NOT_ALLOWED", LAW_42, id="no-limit-of-the-law",
        ),
    ],
)  # fmt: skip
def test_an_extension_the_law_does_not_know_is_refused(  # noqa: PLR0917 -- one row of the table
    district, facts, caller, changes, reason, rule
):
    district.accept(**facts)
    refusal = refused(lambda: district.act("ExtendLimit", caller, **changes))
    assert (refusal.reason, refusal.rule) == (reason, rule)
    assert CASE in refusal.text


def test_the_head_of_the_government_extends_what_was_designated(district):
    district.accept(**DESIGNATED)
    extended = district.act("ExtendLimit", GOVERNMENT, amount=15)
    assert day(extended.statutory_due.on) == (2026, 11, 16)


@pytest.mark.parametrize(
    ("instant", "answer"),
    [
        pytest.param(china(10, 26, 23, 59), "", id="last-minute"),
        pytest.param(china(10, 27, 0), "EXTENSION_TOO_LATE", id="midnight"),
    ],
)
def test_a_limit_is_extended_before_its_last_day_is_over(district, instant, answer):
    district.accept(**TERMS)
    district.built.clock.instant = instant
    assert people.attempted(lambda: district.act("ExtendLimit", HEAD)) == answer


def test_an_explanation_is_asked_and_given_and_no_clock_stands_still(district):
    district.accept(**TERMS)
    before = district.get().statutory.due
    asked = district.act("RequestExplanation", REVIEWER)
    assert asked.explanation == f"{CASE}-X1"
    [told_of] = told(district, "review.explanation_requested.v1", events.ExplanationRequested)
    assert (told_of.explanation, told_of.requested_by) == (f"{CASE}-X1", "p-reviewer")
    given = people.intake.ExplanationGiven(case_number=CASE, explanation=asked.explanation)
    district.take("intake.explanation_given.v1", given)
    review = district.get()
    assert review.statutory.due == before
    assert review.explanations[0].HasField("answer_time")


def test_a_decision_waits_for_no_explanation_and_for_no_answer(district):
    district.accept(**TERMS)
    district.act("RequestExplanation", REVIEWER)
    district.act("AskAuthorities", REVIEWER)
    district.opine(revision=3)
    assert district.decide(revision=4).promise_kept


def test_another_authority_is_asked_reads_the_case_and_answers(district):
    district.accept(**TERMS)
    assert refused(lambda: district.get(FOREIGN)).reason == "OUT_OF_SCOPE"
    district.act("AskAuthorities", REVIEWER)
    assert district.get(FOREIGN).case_number == CASE
    assert [item.awaits_answer for item in district.list(FOREIGN).items] == [True]
    district.act("AnswerConsultation", people.ELSEWHERE_REVIEWER)
    [asked] = district.get().consultations
    assert (asked.consulted, asked.answer.agrees, asked.answer.answered_by) == (
        OTHER_AUTHORITY, True, "p-d02-reviewer",
    )  # fmt: skip
    assert not district.list(FOREIGN).items
    assert [item.awaits_answer for item in district.list().items] == [False]
    [answered] = told(district, "review.consultation_answered.v1", events.ConsultationAnswered)
    assert (answered.consulted, answered.agrees) == (OTHER_AUTHORITY, True)


def test_only_an_authority_that_was_asked_answers_and_only_once(district):
    district.accept(**TERMS)
    early = refused(lambda: district.act("AnswerConsultation", people.ELSEWHERE_REVIEWER))
    assert early.reason == "NOT_ASKED"
    district.act("AskAuthorities", REVIEWER)
    own = refused(lambda: district.act("AnswerConsultation", REVIEWER, request_id="answer-02"))
    assert own.reason == "NOT_ASKED"
    district.act("AnswerConsultation", people.ELSEWHERE_REVIEWER, request_id="answer-03")
    again = refused(
        lambda: district.act("AnswerConsultation", people.ELSEWHERE_DECIDER, request_id="answer-04")
    )
    assert again.reason == "ALREADY_ANSWERED"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"consulted": ["370306000000-D03"]}, "NOT_TO_BE_CONSULTED", id="not-named"),
        pytest.param(
            {"answer_by_date": people.due_on(2026, 9, 20)}, "ANSWER_BY_DATE_PAST", id="yesterday"
        ),
        pytest.param({"consulted": [" "]}, "MALFORMED_REQUEST", id="nobody"),
    ],
)
def test_a_question_nobody_can_answer_is_refused(district, changes, reason):
    district.accept(**TERMS)
    assert refused(lambda: district.act("AskAuthorities", REVIEWER, **changes)).reason == reason
    assert not district.get().consultations


def test_an_authority_is_asked_once(district):
    district.accept(**TERMS)
    district.act("AskAuthorities", REVIEWER)
    again = refused(lambda: district.act("AskAuthorities", REVIEWER, request_id="ask-00002"))
    assert again.reason == "ALREADY_ASKED"


def test_the_head_waives_paper_that_does_not_come(district):
    district.accept(has_paper=True)
    district.opine()
    assert refused(lambda: district.act("WaiveBundle", DECIDER)).reason == "WAIVED_BY_OTHER"
    district.act("WaiveBundle", HEAD, request_id="waive-0002")
    review = district.get()
    assert (review.awaits_bundle, review.waiver.waived_by) == (False, "p-head")
    assert district.decide(revision=review.revision).promise_kept


@pytest.mark.parametrize("paper", [False, True], ids=["none", "waived-before"])
def test_there_must_be_something_to_waive(district, paper):
    district.accept(has_paper=paper)
    if paper:
        district.act("WaiveBundle", HEAD)
    again = refused(lambda: district.act("WaiveBundle", HEAD, request_id="waive-0002"))
    assert again.reason == "NOTHING_TO_WAIVE"


@pytest.mark.parametrize("order", list(itertools.permutations(["waiver", "receipt"])))
def test_the_waiver_and_the_receipt_of_paper_may_come_in_either_order(district, order):
    district.accept(has_paper=True)
    handed = people.intake.BundleHandedOver(case_number=CASE)
    district.take("intake.bundle_handed_over.v1", handed)
    received = people.intake.BundleReceived(case_number=CASE)
    for deed in order:
        if deed == "waiver":
            people.attempted(lambda: district.act("WaiveBundle", HEAD))
        else:
            district.take("intake.bundle_received.v1", received)
    review = district.get()
    assert (review.bundle, review.awaits_bundle) == ("RECEIVED", False)


def test_lost_paper_is_awaited_until_it_is_waived_or_sent_again(district):
    district.accept(has_paper=True)
    bag = {"case_number": CASE, "bag": "B-1"}
    lost = people.intake.BundleLost(**bag)
    district.take("intake.bundle_handed_over.v1", people.intake.BundleHandedOver(**bag))
    district.take("intake.bundle_overdue.v1", people.intake.BundleOverdue(**bag))
    district.take("intake.bundle_lost.v1", lost)
    review = district.get()
    assert (review.bundle, review.bundle_overdue, review.awaits_bundle) == ("LOST", True, True)
    district.opine(revision=review.revision)
    refusal = refused(lambda: district.decide(revision=district.get().revision))
    assert refusal.reason == "BUNDLE_NOT_RECEIVED"
    district.take("intake.bundle_handed_over.v1", people.intake.BundleHandedOver(**bag))
    district.take("intake.bundle_received.v1", people.intake.BundleReceived(**bag))
    district.take("intake.bundle_lost.v1", lost)  # of the way back: nothing to the review
    assert district.get().bundle == "RECEIVED"


WINDOW_ACTS = [
    "PlanSpecialProcedure", "EndSpecialProcedure", "RequestExplanation", "AskAuthorities",
    "AnswerConsultation", "WaiveBundle",
]  # fmt: skip


@pytest.mark.parametrize("rpc", WINDOW_ACTS)
def test_a_window_that_tries_is_refused_and_supervision_hears_of_it(district, rpc):
    district.accept(has_paper=True, **TERMS)
    refusal = refused(lambda: district.act(rpc, CLERK))
    assert (refusal.reason, refusal.rule) == ("NOT_A_DEPARTMENT_POST", "R4.6")
    assert district.count(DEFINITION.tables.violation) == 1


@pytest.mark.parametrize("rpc", ["PlanSpecialProcedure", "RequestExplanation", "AskAuthorities"])
def test_who_accepted_the_case_does_none_of_it_from_a_later_post(district, rpc):
    district.accept(**TERMS)
    assert refused(lambda: district.act(rpc, MOVED_CLERK)).reason == "REVIEWED_BY_FRONT"


@pytest.mark.parametrize("rpc", [*WINDOW_ACTS[:4], "WaiveBundle", "ExtendLimit"])
def test_another_authority_does_none_of_it(district, rpc):
    district.accept(has_paper=True, **TERMS)
    assert refused(lambda: district.act(rpc, FOREIGN)).reason == "OUT_OF_SCOPE"


@pytest.mark.parametrize("rpc", [*WINDOW_ACTS, "ExtendLimit"])
def test_after_the_decision_nothing_of_it_is_done(district, rpc):
    district.accept(has_paper=True, **TERMS)
    district.act("AskAuthorities", REVIEWER, request_id="before-0001")
    district.act("WaiveBundle", HEAD, request_id="before-0002")
    district.opine(revision=district.get().revision)
    district.decide(revision=district.get().revision)
    callers = {"AnswerConsultation": people.ELSEWHERE_REVIEWER}
    refusal = refused(lambda: district.act(rpc, callers.get(rpc, HEAD)))
    assert refusal.reason == "ALREADY_DECIDED"


@pytest.mark.parametrize("rpc", sorted(people.ACTS))
def test_every_act_needs_the_revision_that_was_seen(district, rpc):
    district.accept(**TERMS)
    callers = {"AnswerConsultation": people.ELSEWHERE_REVIEWER}
    refusal = refused(lambda: district.act(rpc, callers.get(rpc, HEAD), revision=9))
    assert refusal.reason == "STALE_REVISION"
