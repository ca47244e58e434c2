"""Special procedures through their guarded methods, on SQLite: planned, told of, ended."""

from __future__ import annotations

import itertools

import pytest
from liandong.common.v1 import item_terms_pb2 as terms
from liandong.review.v1 import review_events_pb2 as events
from liandong.review.v1 import review_service_pb2 as pb

from servicekit.stream import Outcome
from services.review.tests import district as people
from services.review.tests.acts import TERMS, day, statutory, told
from services.review.tests.district import (
    CASE,
    HEAD,
    REVIEWER,
    china,
    refused,
)  # fmt: skip

LAW_45 = "行政许可法 第四十五条"
PROCEDURE = f"{CASE}-S1"
EXPERTS = terms.SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW
HEARING = terms.SPECIAL_PROCEDURE_KIND_HEARING


def test_a_procedure_stops_the_clock_only_after_its_notice(district):
    """The vector of domain.md 1.5: six working days from 28 September to 12 October."""
    district.accept(**TERMS)
    planned = district.act("PlanSpecialProcedure", REVIEWER)
    assert (planned.procedure, statutory(district)) == (PROCEDURE, (2026, 10, 26))
    assert district.give_notice(PROCEDURE, china(9, 28, 9)) is Outcome.APPLIED
    assert statutory(district) == (2026, 11, 3)
    [procedure] = district.get().procedures
    assert (procedure.excluded_days, procedure.HasField("end_date")) == (6, False)


def test_a_late_notice_excludes_only_the_days_after_it(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 30))
    assert district.get().procedures[0].excluded_days == 4


def test_the_earliest_notice_counts_whatever_arrives_first(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 30))
    district.give_notice(PROCEDURE, china(9, 28))
    assert district.get().procedures[0].excluded_days == 6


def test_a_procedure_that_ends_early_gives_back_no_more_than_it_took(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    district.built.clock.instant = china(10, 9)
    ended = district.act("EndSpecialProcedure", REVIEWER)
    assert (ended.excluded_days, statutory(district)) == (3, (2026, 10, 29))


def test_a_procedure_that_takes_longer_excludes_no_more_than_was_told(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    district.built.clock.instant = china(10, 16)
    ended = district.act("EndSpecialProcedure", REVIEWER, end_date=people.due_on(2026, 10, 16))
    assert (ended.excluded_days, statutory(district)) == (6, (2026, 11, 3))


@pytest.mark.parametrize(
    ("stops", "promise"),
    [pytest.param(True, (2026, 10, 13), id="stops"), pytest.param(False, (2026, 9, 29), id="runs")],
)
def test_the_promise_stands_still_only_where_it_was_published_so(district, stops, promise):
    facts = TERMS | {"special_procedures": [people.expert_review(stops_promise=stops)]}
    district.accept(**facts)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    assert day(district.get().promise.due.on) == promise


def test_a_clock_that_stands_still_says_so(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    district.built.clock.instant = china(10, 9)
    review = district.get()
    assert (review.promise.light, review.statutory.light) == (
        pb.LIGHT_SUSPENDED, pb.LIGHT_SUSPENDED,
    )  # fmt: skip
    district.built.clock.instant = china(10, 13)
    assert district.get().promise.light == pb.LIGHT_YELLOW


def test_what_the_others_are_told_of_a_procedure(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.give_notice(PROCEDURE, china(9, 28))
    [planned] = told(
        district, "review.special_procedure_planned.v1", events.SpecialProcedurePlanned
    )
    assert (planned.kind, planned.days, day(planned.start_date), planned.source) == (
        EXPERTS, 6, (2026, 9, 28), "行政许可法第四十五条",
    )  # fmt: skip
    [moved] = told(district, "review.dates_recomputed.v1", events.DatesRecomputed)
    assert (moved.cause, moved.authority, day(moved.statutory_due.on)) == (
        "SPECIAL_PROCEDURE", people.AUTHORITY, (2026, 11, 3),
    )  # fmt: skip


def test_a_site_check_stops_nothing(district):
    district.accept(**TERMS)
    before = district.get().statutory.due
    district.check_site()
    assert district.get().statutory.due == before


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param({"kind": HEARING}, "PROCEDURE_NOT_ALLOWED", id="not-of-this-item"),
        pytest.param({"days": 31}, "PROCEDURE_TOO_LONG", id="longer-than-allowed"),
    ],
)
def test_a_procedure_the_item_does_not_allow_is_refused(district, facts, reason):
    district.accept(**TERMS)
    refusal = refused(lambda: district.act("PlanSpecialProcedure", REVIEWER, **facts))
    assert (refusal.reason, refusal.rule) == (reason, LAW_45)
    assert CASE in refusal.text


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(people.due_on(2026, 9, 20), id="before-acceptance"),
        pytest.param(people.due_on(9999, 12, 31), id="at-the-end-of-time"),
    ],
)
def test_a_procedure_begins_while_the_case_is_with_the_department(district, start):
    district.accept(**TERMS)
    refusal = refused(lambda: district.act("PlanSpecialProcedure", REVIEWER, start_date=start))
    assert (refusal.reason, set(refusal.fields)) == ("START_DATE_IMPOSSIBLE", {"start_date"})


def test_a_procedure_as_long_as_allowed_is_planned(district):
    district.accept(**TERMS)
    assert district.act("PlanSpecialProcedure", REVIEWER, days=30).procedure == PROCEDURE


def test_a_procedure_ends_once_and_is_known(district):
    district.accept(**TERMS)
    unknown = refused(lambda: district.act("EndSpecialProcedure", REVIEWER))
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "PROCEDURE_UNKNOWN")
    district.act("PlanSpecialProcedure", REVIEWER)
    district.built.clock.instant = china(10, 9)
    district.act("EndSpecialProcedure", REVIEWER, request_id="end-00002")
    again = refused(lambda: district.act("EndSpecialProcedure", REVIEWER, request_id="end-00003"))
    assert again.reason == "PROCEDURE_ALREADY_ENDED"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(people.due_on(2026, 9, 27), id="before-it-began"),
        pytest.param(people.due_on(2026, 10, 10), id="tomorrow"),
    ],
)
def test_a_procedure_cannot_end_when_it_did_not(district, end):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.built.clock.instant = china(10, 9)
    refusal = refused(lambda: district.act("EndSpecialProcedure", REVIEWER, end_date=end))
    assert (refusal.reason, set(refusal.fields)) == ("END_DATE_IMPOSSIBLE", {"end_date"})


@pytest.mark.parametrize("order", list(itertools.permutations(["notice", "end", "extension"])))
def test_the_notice_the_end_and_the_extension_may_come_in_any_order(district, order):
    """The notice comes from intake, the others are commands: the dates are the same."""
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.built.clock.instant = china(10, 9)
    deeds = {
        "notice": lambda: district.give_notice(PROCEDURE, china(9, 28)),
        "end": lambda: district.act("EndSpecialProcedure", REVIEWER),
        "extension": lambda: district.act("ExtendLimit", HEAD),
    }
    for deed in order:
        deeds[deed]()
    review = district.get()
    assert (day(review.statutory.due.on), day(review.promise.due.on)) == (
        (2026, 11, 12), (2026, 10, 9),
    )  # fmt: skip
    assert review.procedures[0].excluded_days == 3


@pytest.mark.parametrize("order", list(itertools.permutations(["notice", "decision"])))
def test_a_notice_of_before_the_decision_counts_even_if_it_is_heard_of_after_it(district, order):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.opine(revision=2)
    district.built.clock.instant = china(9, 29)
    deeds = {
        "notice": lambda: district.give_notice(PROCEDURE, china(9, 28)),
        "decision": lambda: district.decide(revision=district.get().revision),
    }
    for deed in order:
        deeds[deed]()
    assert statutory(district) == (2026, 11, 3)


def test_a_notice_of_after_the_decision_moves_nothing(district):
    district.accept(**TERMS)
    district.act("PlanSpecialProcedure", REVIEWER)
    district.opine(revision=2)
    district.decide(revision=3)
    district.give_notice(PROCEDURE, china(9, 28))
    assert statutory(district) == (2026, 10, 26)


def test_a_notice_of_nothing_stops_the_stream_and_another_kind_passes(district):
    district.accept(**TERMS)
    assert district.give_notice("x", china(9, 28), kind="EXPLANATION_REQUEST") is Outcome.APPLIED
    assert district.give_notice("x", china(9, 28)) is Outcome.FAILED
