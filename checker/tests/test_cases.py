"""Services that disagree on a case, or count it otherwise than it is."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("service", "statements", "expected"),
    [
        pytest.param(
            "review", ["DELETE FROM site_check", "DELETE FROM review_case"],
            {"CASE_WITHOUT_REVIEW", "FACTS_DIFFER", "LAW_DOCUMENT_MISSING",
             "MILESTONE_NOT_TOLD_ONCE"},
            id="no-department-has-it",
        ),
        pytest.param(
            "review",
            ["CREATE TABLE c AS SELECT * FROM review_case",
             "UPDATE c SET case_number = 'X', task = 'X'",
             "INSERT INTO review_case SELECT * FROM c"],
            {"REVIEW_WITHOUT_CASE", "LAW_STEP_SKIPPED", "MILESTONE_NOT_TOLD_ONCE"},
            id="a-review-of-no-case",
        ),
        pytest.param(
            "review", ["UPDATE review_case SET decided_at = '2026-09-29 03:00:00.000000'"],
            {"REVIEW_DIFFERS", "FACTS_DIFFER"}, id="decided-at-another-instant",
        ),
        pytest.param(
            "review", ["UPDATE review_case SET outcome = 'DENIED', decision_reasons = 'x'"],
            {"REVIEW_DIFFERS", "FACTS_DIFFER"}, id="another-outcome",
        ),
        pytest.param(
            "review", ["UPDATE review_case SET promise_due_on = '2026-09-28'"],
            {"REVIEW_DIFFERS", "FACTS_DIFFER", "LAW_DUE_DAY_WRONG"}, id="another-last-day",
        ),
        pytest.param(
            "intake", ["UPDATE case_file SET state = 'READY'"],
            {"CASE_STATE_DIFFERS"}, id="a-state-that-its-facts-deny",
        ),
        pytest.param(
            "delivery", ["DELETE FROM courier_offer"],
            {"CASE_WITHOUT_OFFER", "FACTS_DIFFER", "MILESTONE_NOT_TOLD_ONCE"}, id="no-offer",
        ),
        pytest.param(
            "delivery", ["UPDATE courier_offer SET case_number = 'X'"],
            {"CASE_WITHOUT_OFFER", "OFFER_WITHOUT_CASE", "FACTS_DIFFER", "MILESTONE_NOT_TOLD_ONCE"},
            id="offer-of-no-case",
        ),
        pytest.param(
            "delivery", ["UPDATE courier_offer SET authority = 'X'"],
            {"OFFER_DIFFERS"}, id="an-offer-for-another-authority",
        ),
        pytest.param(
            "intake", ["UPDATE case_file SET result_delivery = 'EMS'"],
            {"OFFER_DIFFERS"}, id="the-answer-did-not-arrive",
        ),
    ],
)  # fmt: skip
def test_services_that_disagree_on_a_case_are_found(run, service, statements, expected):
    run.sql(service, *statements)
    assert run.found() == expected


@pytest.mark.parametrize(
    ("service", "statement", "expected"),
    [
        pytest.param(
            "metrics", "UPDATE item_version SET declared_visits = 9",
            {"CATALOGUE_DIFFERS"}, id="another-item",
        ),
        pytest.param(
            "metrics", "DELETE FROM unit WHERE unit = '370306000000-C1-W02'",
            {"CATALOGUE_DIFFERS"}, id="a-unit-is-missing",
        ),
        pytest.param(
            "review", "INSERT INTO calendar_year VALUES (2027, 'x', 'y', '2026-09-01')",
            {"CATALOGUE_DIFFERS"}, id="a-calendar-nobody-published",
        ),
        pytest.param(
            "intake", "UPDATE case_file SET item_version = '370306-01-001@9'",
            {"CASE_TERMS_DIFFER", "REVIEW_DIFFERS", "FACTS_DIFFER"}, id="an-unknown-version",
        ),
    ],
)  # fmt: skip
def test_a_service_that_knows_another_catalogue_is_found(run, service, statement, expected):
    run.sql(service, statement)
    assert run.found() == expected


def test_a_case_handled_under_other_terms_is_found(run):
    terms = json.loads(run.one("intake", "SELECT terms FROM case_file"))
    terms["promised_limit"]["amount"] = 99
    run.sql("intake", "UPDATE case_file SET terms = :terms", terms=json.dumps(terms))
    assert run.found() == {"CASE_TERMS_DIFFER"}


@pytest.mark.parametrize(
    "change",
    [
        "visits = 3", "collection_visits = 0", "notices = 2", "corrections = 0",
        "accepted_at = NULL", "served_at = '2026-09-30 02:00:00.000000'", "channel = 'ONLINE'",
        "promise_kept = 0", "statutory_kept = 0", "deemed = 1", "courier_answer = 'TAKEN'",
        "courier_offered_at = NULL", "reviewed_promise_due_on = '2026-10-01'",
        "accepted_promise_due_on = '2026-10-01'", "applicant = 'a-2'", "outcome = 'DENIED'",
        "accepting_unit = ''", "serving_unit = 'X'", "courier_due = 0",
    ],
)  # fmt: skip
def test_facts_that_are_counted_wrongly_are_found(run, change):
    run.sql("metrics", f"UPDATE case_facts SET {change}")
    assert run.found() == {"FACTS_DIFFER"}


@pytest.mark.parametrize(
    ("service", "statement", "expected"),
    [
        pytest.param("metrics", "DELETE FROM case_facts", {"FACTS_MISSING"}, id="not-counted"),
        pytest.param(
            "metrics",
            "UPDATE case_facts SET case_number = 'X'", {"FACTS_MISSING"}, id="counted-as-another",
        ),
        pytest.param(
            "metrics", "DELETE FROM violation_seen WHERE reason = 'REVIEWED_BY_FRONT'",
            {"VIOLATION_UNCOUNTED"}, id="a-violation-is-not-counted",
        ),
        pytest.param(
            "metrics", "UPDATE violation_seen SET person = 'X' WHERE reason = 'REVIEWED_BY_FRONT'",
            {"VIOLATION_MISCOUNTED"}, id="a-violation-of-another-person",
        ),
        pytest.param("metrics", "DELETE FROM rating", {"RATING_WRONG"}, id="a-rating-is-lost"),
        pytest.param(
            "metrics", "UPDATE rating SET grade = 5", {"RATING_WRONG"}, id="another-grade"
        ),
        pytest.param(
            "metrics", "UPDATE rating SET applicant = 'a-2'", {"RATING_WRONG"}, id="by-another"
        ),
        pytest.param(
            "metrics", "UPDATE rating SET rated_at = '2026-09-20 01:00:00.000000'",
            {"RATING_WRONG"}, id="rated-before-service",
        ),
        pytest.param("metrics", "UPDATE item_light SET red = 0", {"LIGHT_WRONG"}, id="not-red"),
        pytest.param(
            "metrics", "UPDATE item_light SET case_number = 'X'", {"LIGHT_WRONG"}, id="by-no-case"
        ),
        pytest.param(
            "metrics", "UPDATE item_light SET visits_by_courier = 2",
            {"LIGHT_WRONG"}, id="wrong-visits-by-courier",
        ),
        pytest.param(
            "catalog", "UPDATE service_item SET red = 0, red_case_number = '' WHERE red",
            {"LIGHT_UNTOLD"}, id="the-catalogue-was-not-told",
        ),
        pytest.param(
            "intake", "DELETE FROM timeline_entry WHERE code = 'ITEM_TURNED_RED'",
            {"LIGHT_UNTOLD"}, id="the-case-was-not-told",
        ),
    ],
)  # fmt: skip
def test_what_is_counted_wrongly_is_found(run, service, statement, expected):
    run.sql(service, statement)
    assert run.found() == expected


@pytest.mark.parametrize(
    ("service", "statement", "others"),
    [
        pytest.param(
            "intake",
            """UPDATE case_file SET handed_out_at = NULL, served_at = NULL, service_means = NULL,
                state = 'READY'""",
            {"FACTS_DIFFER", "RATING_WRONG", "LAW_DOCUMENT_MISSING", "LAW_HANDED_OUT_ELSEWHERE"},
            id="told-and-not-taken",
        ),
        pytest.param(
            "delivery", "UPDATE courier_offer SET answered_at = NULL, state = 'OPEN'",
            {"FACTS_DIFFER"}, id="an-answer-forgotten",
        ),
        pytest.param(
            "review", "UPDATE review_case SET reviewer = ''", {"LAW_STEP_SKIPPED"},
            id="an-opinion-forgotten",
        ),
    ],
)  # fmt: skip
def test_a_step_that_was_told_and_is_not_stored_is_found(run, service, statement, others):
    run.sql(service, statement)
    assert run.found() == {"MILESTONE_NOT_TOLD_ONCE", *others}


def test_a_step_that_was_told_twice_is_found(run):
    run.sql(
        "review", "UPDATE outbox SET type = 'review.decision_made.v1' WHERE type LIKE '%opinion%'"
    )
    assert "MILESTONE_NOT_TOLD_ONCE" in run.found()


def test_a_ratio_that_was_answered_wrongly_is_found(run):
    path = run.folder / "ratios.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["ratios"]["satisfaction"]["proven"]["numerator"] = 0
    del content["ratios"]["one_time_notice"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run.found(ratios=path) == {"RATIO_MISSING", "RATIO_DIFFERS"}


def test_ratios_are_counted_from_the_facts_and_not_from_the_answer(run):
    run.sql("metrics", "UPDATE case_facts SET visits = 1, collection_visits = 0")
    assert "RATIO_DIFFERS" in run.found(ratios=run.folder / "ratios.json")
