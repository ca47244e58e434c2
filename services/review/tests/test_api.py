"""Review through its guarded methods, on SQLite."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from liandong.review.v1 import review_service_pb2 as pb
from sqlalchemy import select

from servicekit.errors import UnauthenticatedError, UnavailableError
from servicekit.identity import Caller
from services.review.adapters import orm
from services.review.adapters.clients import channel_to
from services.review.bootstrap import DEFINITION
from services.review.tests import district as people
from services.review.tests.district import CASE, CLERK, DECIDER, MOVED_CLERK, REVIEWER, refused

SITE_LAW = "行政许可法 第三十四条第三款"


def test_a_case_is_checked_reviewed_and_decided_by_the_department(district):
    district.accept(site_check_required=True)
    assert district.check_site().revision == 2
    assert district.opine(revision=2).revision == 3
    answer = district.decide(revision=3)
    assert (answer.revision, answer.promise_kept, answer.statutory_kept) == (4, True, True)
    assert district.published() == [
        "review.review_opened.v1",
        "review.site_check_recorded.v1",
        "review.opinion_submitted.v1",
        "review.decision_made.v1",
    ]


def test_a_reader_sees_all_that_was_recorded(district):
    district.accept(site_check_required=True, has_paper=True)
    district.check_site()
    district.opine(revision=2)
    review = district.get()
    assert (review.state, review.revision, review.awaits_bundle, review.site_check_required) == (
        pb.REVIEW_STATE_DECISION_PENDING, 3, True, True,
    )  # fmt: skip
    assert list(review.site_check.checkers) == ["p-colleague", "p-reviewer"]
    assert (review.opinion.reviewer, review.opinion.proposes_grant) == ("p-reviewer", True)
    assert not review.HasField("decision")


def test_intake_reads_what_the_printed_decision_says(district):
    district.accept()
    district.opine()
    district.decide()
    decision = district.get(people.INTAKE).decision
    assert (decision.outcome, decision.facts, list(decision.legal_bases)) == (
        pb.DECISION_OUTCOME_GRANTED, "经审查，申请材料齐全", ["行政许可法第三十八条第一款"],
    )  # fmt: skip


def test_both_clocks_are_read_at_the_instant_of_reading(district):
    district.accept()
    district.built.clock.advance(timedelta(days=7))  # Monday the 28th; Mid-Autumn lies between
    review = district.get()
    assert (review.promise.light, review.promise.days_left) == (pb.LIGHT_YELLOW, 1)
    assert (review.statutory.light, review.statutory.days_left) == (pb.LIGHT_GREEN, 16)
    assert review.statutory.limit.source == "行政许可法第四十二条第一款"


def test_a_case_without_a_legal_limit_has_one_clock(district):
    district.accept(statutory_limit=None, statutory_due=None)
    assert not district.get().HasField("statutory")


def test_a_late_decision_breaks_the_promise_and_keeps_the_law_and_its_light_stays(district):
    district.accept()
    district.opine()
    district.built.clock.advance(timedelta(days=9))  # the 30th; promised for the 29th
    answer = district.decide()
    assert (answer.promise_kept, answer.statutory_kept) == (False, True)
    district.built.clock.advance(timedelta(days=100))
    review = district.get()
    assert (review.promise.light, review.statutory.light) == (pb.LIGHT_RED, pb.LIGHT_GREEN)


@pytest.mark.parametrize(
    ("act", "rule", "reason"),
    [
        pytest.param(
            lambda d: d.opine(MOVED_CLERK), "R4.1", "REVIEWED_BY_FRONT", id="front-reviews"
        ),
        pytest.param(
            lambda d: d.opine(CLERK), "R4.6", "NOT_A_DEPARTMENT_POST", id="window-reviews"
        ),
        pytest.param(
            lambda d: d.check_site(CLERK), "R4.6", "NOT_A_DEPARTMENT_POST", id="window-checks"
        ),
        pytest.param(
            lambda d: d.decide(CLERK, revision=1),
            "R4.6", "NOT_A_DEPARTMENT_POST", id="window-decides",
        ),
        pytest.param(
            lambda d: (d.opine(), d.decide(REVIEWER)),
            "R4.6a", "DECIDED_BY_REVIEWER", id="reviewer-decides",
        ),
    ],
)  # fmt: skip
def test_an_attempt_to_join_what_is_separate_is_refused_kept_and_told(district, act, rule, reason):
    district.accept()
    refusal = refused(lambda: act(district))
    assert (refusal.code, refusal.reason, refusal.rule) == ("FAILED_PRECONDITION", reason, rule)
    assert CASE in refusal.text
    assert district.count(DEFINITION.tables.violation) == 1
    assert district.published()[-1] == "review.violation_recorded.v1"


def test_a_repeated_violation_is_one_violation(district):
    district.accept()
    for _ in range(3):
        refused(lambda: district.opine(MOVED_CLERK))
    assert district.count(DEFINITION.tables.violation) == 1


@pytest.mark.parametrize(
    ("prepare", "act", "rule", "reason"),
    [
        pytest.param(
            {}, lambda d: d.check_site(checkers=["p-reviewer"]),
            SITE_LAW, "SITE_CHECK_BY_ONE", id="check-by-one",
        ),
        pytest.param(
            {}, lambda d: d.check_site(checkers=["p-x", "p-y"]),
            SITE_LAW, "CALLER_NOT_A_CHECKER", id="record-by-another",
        ),
        pytest.param(
            {}, lambda d: d.check_site(checkers=["p-reviewer", "p-nobody"]),
            SITE_LAW, "CHECKER_FROM_ELSEWHERE", id="with-nobody",
        ),
        pytest.param(
            {}, lambda d: d.check_site(checkers=["p-reviewer", "p-seconded"]),
            SITE_LAW, "CHECKER_FROM_ELSEWHERE", id="with-the-window",
        ),
        pytest.param(
            {}, lambda d: d.check_site(checkers=["p-reviewer", "p-d02-reviewer"]),
            SITE_LAW, "CHECKER_FROM_ELSEWHERE", id="with-another-authority",
        ),
        pytest.param(
            {"site_check_required": True}, lambda d: d.opine(),
            SITE_LAW, "SITE_CHECK_MISSING", id="opinion-before-check",
        ),
        pytest.param(
            {}, lambda d: d.decide(revision=1),
            "行政许可法 第三十七条", "OPINION_MISSING", id="decision-before-opinion",
        ),
        pytest.param(
            {"has_paper": True}, lambda d: (d.opine(), d.decide()),
            "R4.5", "BUNDLE_NOT_RECEIVED", id="decision-before-paper",
        ),
        pytest.param(
            {}, lambda d: (d.opine(), d.decide(outcome=pb.DECISION_OUTCOME_DENIED, reasons="")),
            "行政许可法 第三十八条第二款", "REASONS_MISSING", id="denial-without-reasons",
        ),
        pytest.param(
            {"persons_required": 3}, lambda d: (d.opine(), d.decide()),
            "R4.6a", "TOO_FEW_PERSONS", id="two-of-three",
        ),
        pytest.param(
            {}, lambda d: (d.opine(), d.decide(content=" ")),
            "行政许可法 第三十七条", "CONTENT_MISSING", id="grant-of-nothing",
        ),
        pytest.param(
            {"handling": "PROMISED"},
            lambda d: (
                d.opine(),
                d.catalog.without_remedies.add(people.AUTHORITY),
                d.decide(outcome=pb.DECISION_OUTCOME_DENIED),
            ),
            "行政许可法 第三十八条第二款", "REMEDIES_MISSING", id="denial-without-remedies",
        ),
    ],
)  # fmt: skip
def test_a_step_out_of_order_is_refused_with_its_rule(district, prepare, act, rule, reason):
    district.accept(**prepare)
    refusal = refused(lambda: act(district))
    assert (refusal.code, refusal.reason, refusal.rule) == ("FAILED_PRECONDITION", reason, rule)
    assert district.count(DEFINITION.tables.violation) == 0


def test_what_a_grant_says_is_kept_for_its_printed_decision(district):
    district.accept()
    district.opine()
    district.decide(
        content="准予经营热食类食品", valid_until_date=people.due_on(2031, 9, 20),
        conditions=["不得超出核定面积"],
    )  # fmt: skip
    decision = district.get(people.INTAKE).decision
    assert (decision.content, decision.valid_until_date.year, list(decision.conditions)) == (
        "准予经营热食类食品", 2031, ["不得超出核定面积"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        pytest.param(
            {"valid_until_date": people.due_on(2026, 9, 21)},
            "VALID_UNTIL_PAST", "valid_until_date", id="ends-today",
        ),
        pytest.param(
            {"conditions": [" "]}, "MALFORMED_REQUEST", "conditions[0]", id="empty-condition"
        ),
    ],
)  # fmt: skip
def test_a_grant_that_makes_no_sense_names_its_field(district, changes, reason, field):
    district.accept()
    district.opine()
    refusal = refused(lambda: district.decide(**changes))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", reason)
    assert field in refusal.fields


def test_a_denial_grants_nothing(district):
    district.accept()
    district.opine()
    district.decide(outcome=pb.DECISION_OUTCOME_DENIED, conditions=["不适用"])
    decision = district.get().decision
    assert (decision.content, list(decision.conditions)) == ("", [])


def test_an_acceptance_of_before_says_nothing_of_remedies_and_may_be_denied(district):
    district.accept()
    district.opine()
    assert district.decide(outcome=pb.DECISION_OUTCOME_DENIED).promise_kept


def test_a_second_opinion_and_a_second_decision_are_refused(district):
    district.accept()
    district.opine()
    again = refused(lambda: district.opine(request_id="opinion-0002", revision=2))
    assert again.reason == "OPINION_ALREADY_GIVEN"
    district.decide()
    again = refused(lambda: district.decide(request_id="decision-0002", revision=3))
    assert again.reason == "ALREADY_DECIDED"


def test_paper_that_is_received_lets_the_decision_go(district):
    district.accept(has_paper=True)
    district.opine()
    district.take("intake.bundle_handed_over.v1", people.intake.BundleHandedOver(case_number=CASE))
    assert district.get().awaits_bundle
    district.take("intake.bundle_received.v1", people.intake.BundleReceived(case_number=CASE))
    assert not district.get().awaits_bundle
    assert district.decide(revision=district.get().revision).promise_kept


def test_a_check_in_the_future_names_its_field(district):
    district.accept()
    tomorrow = people.stamp(district.built.clock.now() + timedelta(days=1))
    refusal = refused(lambda: district.check_site(check_time=tomorrow))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "CHECK_IN_FUTURE")
    assert set(refusal.fields) == {"check_time"}


def test_a_malformed_request_names_its_fields(district):
    refusal = refused(lambda: district.decide(outcome=0, facts="", legal_bases=[]))
    assert refusal.code == "INVALID_ARGUMENT"
    assert set(refusal.fields) == {"outcome", "facts", "legal_bases"}


def test_an_outcome_nobody_knows_is_malformed(district):
    assert refused(lambda: district.decide(outcome=7)).code == "INVALID_ARGUMENT"


def test_a_stale_revision_is_refused_and_changes_nothing(district):
    district.accept()
    district.check_site()
    refusal = refused(district.opine)
    assert (refusal.code, refusal.reason) == ("ABORTED", "STALE_REVISION")
    assert district.get().revision == 2


def test_the_same_decision_three_times_at_once_has_one_effect_and_one_answer(district):
    district.accept()
    district.opine()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: district.decide(), range(3)))
    assert answers[0] == answers[1] == answers[2]
    assert district.published().count("review.decision_made.v1") == 1


def test_two_deciders_at_once_make_one_decision(district):
    district.accept()
    district.opine()
    other = people.staff("p-other", "DEPARTMENT", "DECIDER")

    def attempt(caller: Caller) -> str:
        try:
            district.decide(caller, request_id=f"decision-{caller.person}")
        except people.grpc.RpcError as error:
            return people.refusal_of(error).reason
        return "OK"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, [DECIDER, other])) == ["OK", "STALE_REVISION"]


def test_another_content_under_the_same_request_id_is_refused(district):
    district.accept()
    district.opine()
    refusal = refused(lambda: district.opine(text="不符合条件"))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")


def test_an_unknown_case_is_not_found(district):
    assert refused(district.get).reason == "REVIEW_UNKNOWN"
    assert refused(district.opine).reason == "REVIEW_UNKNOWN"


@pytest.mark.parametrize(
    ("caller", "reason"),
    [
        pytest.param(people.FOREIGN, "OUT_OF_SCOPE", id="another-authority"),
        pytest.param(people.SUPERVISOR_ELSEWHERE, "OUT_OF_SCOPE", id="another-district"),
        pytest.param(people.TWO_HATS, "OUT_OF_SCOPE", id="another-authority-with-two-roles"),
    ],
)
def test_no_read_shows_a_case_to_a_foreign_unit(district, caller, reason):
    district.accept()
    refusal = refused(lambda: district.get(caller))
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", reason)
    assert not district.list(caller).items


@pytest.mark.parametrize(
    "caller",
    [pytest.param(people.APPLICANT, id="applicant"), pytest.param(CLERK, id="window")],
)
def test_applicants_and_windows_read_nothing_here(district, caller):
    district.accept()
    assert refused(lambda: district.get(caller)).reason == "ROLE_DENIED"
    assert refused(lambda: district.list(caller)).reason == "ROLE_DENIED"


def test_another_authority_changes_nothing(district):
    district.accept()
    for act in (district.opine, district.check_site, lambda who: district.decide(who, revision=1)):
        assert refused(lambda a=act: a(people.FOREIGN)).reason == "OUT_OF_SCOPE"


def test_a_wide_scope_does_not_make_another_authority_the_deciding_one(district):
    district.accept()
    assert refused(lambda: district.opine(people.TWO_HATS)).reason == "NOT_THE_AUTHORITY"


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(REVIEWER, id="reviewer"),
        pytest.param(DECIDER, id="decider"),
        pytest.param(people.HEAD, id="head"),
        pytest.param(people.SUPERVISOR, id="supervisor"),
    ],
)
def test_the_authority_and_its_supervisor_read_the_case(district, caller):
    district.accept()
    assert district.get(caller).case_number == CASE
    assert [item.case_number for item in district.list(caller).items] == [CASE]


def test_a_service_reads_a_case_only_for_a_purpose_and_only_intake_does(district):
    district.accept()
    assert refused(lambda: district.get(Caller(service="intake"))).reason == "PURPOSE_MISSING"
    stranger = Caller(service="metrics", purpose="x")
    assert refused(lambda: district.get(stranger)).reason == "ROLE_DENIED"


def test_the_work_queue_begins_with_the_earliest_promise_and_repeats_nothing(district):
    for index, days in enumerate([5, 2, 4, 2, 6, 1, 5]):
        district.accept(f"A{index}", promised_limit=people.limit(days))
    seen, token = [], ""
    while True:
        page = district.list(page_size=3, page_token=token)
        seen += [item.case_number for item in page.items]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["A5", "A1", "A3", "A2", "A0", "A6", "A4"]


def test_what_is_decided_waits_for_nobody(district):
    district.accept()
    district.opine()
    assert [item.state for item in district.list().items] == [pb.REVIEW_STATE_DECISION_PENDING]
    district.decide()
    assert not district.list().items


def test_the_work_queue_shows_lights_at_the_instant_of_reading(district):
    district.accept()
    lights = []
    for days in (0, 7, 9):
        district.built.clock.instant = people.MONDAY + timedelta(days=days)
        lights.append(district.list().items[0].light)
    assert lights == [pb.LIGHT_GREEN, pb.LIGHT_YELLOW, pb.LIGHT_RED]


def test_a_page_token_from_elsewhere_is_malformed(district):
    assert refused(lambda: district.list(page_token="bm9uc2Vuc2U=")).reason == "PAGE_TOKEN_INVALID"


def test_the_event_log_is_for_services_with_a_purpose(district):
    stub, request = district.stub, pb.ReadEventsRequest()
    answer = refused(lambda: district.built.call(stub.ReadEvents, request, REVIEWER))
    assert answer.reason == "ROLE_DENIED"
    checker = Caller(service="checker", purpose="核对")
    assert not district.built.call(stub.ReadEvents, request, checker).events


def test_every_command_leaves_an_audit_entry(district):
    district.accept()
    district.opine()
    audit = DEFINITION.tables.audit.audit
    with district.built.resources.read_engine.connect() as connection:
        entry = connection.execute(
            select(audit).where(audit.c.action.endswith("SubmitOpinion"))
        ).one()
    assert (entry.actor, entry.subject, entry.outcome) == ("p-reviewer", CASE, "OK")


def test_every_check_on_the_site_is_kept(district):
    district.accept()
    district.check_site(complies=False)
    district.check_site(request_id="check-0002", revision=2)
    assert district.count(orm.site_check) == 2
    assert district.get().site_check.complies
    assert len(district.get().site_checks) == 2


def test_the_caller_is_not_asked_for_and_everybody_else_is(district):
    district.accept()
    district.check_site()
    assert district.catalog.asked == ["p-colleague"]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(UnavailableError("away"), id="away"),
        pytest.param(UnauthenticatedError("expired"), id="token-expired"),
    ],
)
def test_without_the_catalogue_no_check_is_recorded_and_it_may_be_tried_again(district, failure):
    district.accept()
    district.catalog.failure = failure
    assert refused(district.check_site).code == "UNAVAILABLE"
    district.catalog.failure = None
    assert district.check_site().revision == 2


def test_a_repeated_check_is_answered_without_the_catalogue(district):
    district.accept()
    first = district.check_site()
    district.catalog.failure = UnavailableError("away")
    assert district.check_site() == first


def test_review_does_not_start_without_a_way_to_the_catalogue(district):
    settings = district.built.resources.settings
    with pytest.raises(ValueError, match="CATALOG_TARGET"):
        channel_to("catalog", None, settings)
