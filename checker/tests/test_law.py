"""Stored facts that the law and the plan do not allow, whatever let them in."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("service", "statements", "expected"),
    [
        pytest.param(
            "review", ["UPDATE review_case SET reviewer = 'p-0101'"],
            {"LAW_FRONT_REVIEWED"}, id="R4.1-who-accepted-reviewed",
        ),
        pytest.param(
            "review", ["""UPDATE site_check SET checkers = '["p-0201", "p-0101"]'"""],
            {"LAW_FRONT_REVIEWED"}, id="R4.1-who-accepted-checked",
        ),
        pytest.param(
            "intake", ["UPDATE case_file SET noticed_by = 'p-8'"],
            {"LAW_FRONT_FORGOTTEN"}, id="R4.1-who-noticed-is-not-barred",
        ),
        pytest.param(
            "review", ["UPDATE review_case SET reviewer = decider"],
            {"LAW_DECIDED_BY_REVIEWER"}, id="readings-2-one-person-for-both",
        ),
        pytest.param(
            "review", ["""UPDATE site_check SET checkers = '["p-0201", "p-0201"]'"""],
            {"LAW_SITE_CHECK_BY_ONE"}, id="art-34-checked-by-one",
        ),
        pytest.param(
            "review", ["DELETE FROM site_check"],
            {"LAW_STEP_SKIPPED", "LAW_DOCUMENT_MISSING"}, id="art-34-no-check-on-the-site",
        ),
        pytest.param(
            "intake", ["UPDATE case_file SET accepted_at = '2026-09-23 01:00:00.000000'"],
            {"LAW_ACCEPTANCE_INSTANT", "LAW_DUE_DAY_WRONG", "REVIEW_DIFFERS", "FACTS_DIFFER"},
            id="readings-8-accepted-as-of-the-confirmation",
        ),
        pytest.param(
            "intake", ["UPDATE case_material SET defect = 'MISSING' WHERE material_code = 'M04'"],
            {"LAW_ACCEPTED_INCOMPLETE"}, id="art-32-accepted-incomplete",
        ),
        pytest.param(
            "intake", ["UPDATE case_file SET accepted_by = ''"],
            {"LAW_ACCEPTANCE_INSTANT"}, id="accepted-by-nobody",
        ),
        pytest.param(
            "intake",
            ["UPDATE notice_entry SET material_code = 'M02' WHERE material_code = 'M04'"],
            {"LAW_SHARED_DATA_ASKED_FOR"}, id="716-7-shared-data-asked-for",
        ),
        pytest.param(
            "intake", ["DELETE FROM notice_entry"], {"LAW_NOTICE_NOT_ONCE"}, id="R1.2-no-entry"
        ),
        pytest.param(
            "intake", ["UPDATE visit SET unit = 'X' WHERE purpose = 'COLLECTION'"],
            {"LAW_HANDED_OUT_ELSEWHERE"}, id="R4.7-handed-out-at-another-window",
        ),
        pytest.param(
            "intake",
            ["UPDATE bundle SET received_in = 'X' WHERE direction = 'TO_WINDOW'"],
            {"LAW_RESULT_SKIPPED"}, id="R4.7-came-back-elsewhere",
        ),
        pytest.param(
            "intake", ["UPDATE bundle SET received_by = sent_by WHERE direction = 'TO_DEPARTMENT'"],
            {"LAW_BUNDLE_SIGNED_BY_ONE"}, id="R4.5-signed-by-one",
        ),
        pytest.param(
            "intake", ["UPDATE document SET seal_kind = 'SPECIAL' WHERE kind = 'GRANT_DECISION'"],
            {"LAW_SEAL_WRONG"}, id="art-39-wrong-seal",
        ),
        pytest.param(
            "intake", ["UPDATE document SET sealed_by = 'p-0201' WHERE kind = 'GRANT_DECISION'"],
            {"LAW_SEAL_WRONG"}, id="art-38-not-signed-by-who-decided",
        ),
        pytest.param(
            "intake", ["UPDATE document SET signer = '' WHERE kind = 'GRANT_DECISION'"],
            {"LAW_SEAL_WRONG"}, id="art-38-signed-by-nobody",
        ),
        pytest.param(
            "intake", ["""UPDATE document SET state = 'RENDERED', issued_at = NULL
                WHERE kind = 'ACCEPTANCE_NOTICE'"""],
            {"LAW_SEAL_WRONG", "LAW_ISSUE_NOT_TOLD_ONCE"}, id="issued-and-not-issued",
        ),
        pytest.param(
            "delivery", ["UPDATE courier_offer SET citizen_price_fen = 1200"],
            {"LAW_COURIER_NOT_FREE"}, id="R2.7-the-citizen-pays",
        ),
        pytest.param(
            "delivery", ["UPDATE courier_offer SET carrier = 'X'"],
            {"LAW_COURIER_NOT_FREE"}, id="postal-law-55-another-carrier",
        ),
    ],
)  # fmt: skip
def test_what_the_law_forbids_is_found(run, service, statements, expected):
    run.sql(service, *statements)
    found = run.found()
    assert found - {"REVIEW_DIFFERS"} == expected - {"REVIEW_DIFFERS"}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "UPDATE post SET post_kind = 'DEPARTMENT' WHERE post LIKE '%W01:clerk-1'",
            id="R4.4-accepted-from-a-department-post",
        ),
        pytest.param(
            "UPDATE post SET unit = '370306000000-C1-W02' WHERE post LIKE '%W01:clerk-2'",
            id="R4.7-handed-out-by-another-window",
        ),
        pytest.param(
            "UPDATE post SET post_kind = 'WINDOW' WHERE post LIKE '%D01:decider-1'",
            id="R4.6-decided-from-a-window-post",
        ),
        pytest.param(
            "UPDATE post SET authority = '370306000000-D02' WHERE post LIKE '%D01:reviewer-1'",
            id="R4.6-reviewed-by-another-authority",
        ),
        pytest.param(
            "UPDATE assignment SET until_date = '2026-09-22' WHERE assignment = 'a-0101-1'",
            id="readings-1-a-post-no-longer-held",
        ),
        pytest.param(
            "UPDATE assignment SET person = 'p-0103' WHERE assignment = 'a-0301-1'",
            id="the-post-of-another",
        ),
    ],
)
def test_an_act_from_a_wrong_post_is_found(run, statement):
    run.sql("catalog", statement)
    assert run.found() == {"LAW_POST_WRONG"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE authorisation_letter SET until_date = '2026-09-21'",
        "UPDATE authorisation_letter SET from_date = '2026-09-30'",
        "UPDATE authorisation_letter SET window_unit = '370306000000-C1-W02'",
        "UPDATE authorisation_letter SET item_powers = REPLACE(item_powers, 'ACCEPT\"', 'X\"')",
    ],
)
def test_an_acceptance_without_a_letter_is_found(run, statement):
    run.sql("catalog", statement)
    assert run.found() == {"LAW_POWER_MISSING"}


def test_a_promise_beyond_the_law_is_found(run):
    run.sql("intake", "UPDATE case_file SET promise_due_on = '2026-12-01'")
    assert run.found() == {"LAW_PROMISE_BEYOND_STATUTE", "REVIEW_DIFFERS"}


def test_a_denial_without_reasons_is_found(run):
    run.sql("review", "UPDATE review_case SET outcome = 'DENIED', decision_reasons = ' '")
    assert "LAW_REASONS_MISSING" in run.found()


def test_a_case_that_goes_backwards_in_time_is_found(run):
    run.sql("intake", "UPDATE case_file SET received_at = '2026-09-25 01:00:00.000000'")
    assert "LAW_ORDER_BROKEN" in run.found()


def test_a_step_without_its_document_is_found(run):
    run.sql("intake", "DELETE FROM document WHERE kind = 'PROOF_OF_SERVICE'")
    assert run.found() == {"LAW_DOCUMENT_MISSING", "LAW_ISSUE_NOT_TOLD_ONCE"}


def test_a_visit_that_was_not_told_is_found(run):
    run.sql(
        "intake",
        """INSERT INTO visit SELECT case_number, 3, purpose, visited_at, unit FROM visit
            WHERE ordinal = 1""",
    )
    assert run.found() == {"LAW_VISITS_BROKEN", "FACTS_DIFFER"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(
            ["UPDATE document_series SET last_ordinal = 2 WHERE kind = 'ACCEPTANCE_NOTICE'"],
            {"NUMBER_SERIES_BROKEN"}, id="a-number-was-lost",
        ),
        pytest.param(
            [
                """UPDATE document SET series_ordinal = 2,
                    number = REPLACE(number, '00001', '00002') WHERE kind = 'ACCEPTANCE_NOTICE'""",
            ],
            {"NUMBER_SERIES_BROKEN"}, id="a-number-was-skipped",
        ),
        pytest.param(
            ["UPDATE document SET number = REPLACE(number, '00001', '00007') WHERE number <> ''"],
            {"NUMBER_WRONG"}, id="printed-with-another-ordinal",
        ),
        pytest.param(
            ["UPDATE document SET number = REPLACE(number, '2026', '2025') WHERE number <> ''"],
            {"NUMBER_WRONG"}, id="printed-with-another-year",
        ),
        pytest.param(
            [
                """UPDATE document SET number = (SELECT number FROM document
                    WHERE kind = 'ONE_TIME_NOTICE') WHERE kind = 'ACCEPTANCE_NOTICE'""",
            ],
            {"NUMBER_DOUBLED"}, id="two-documents-with-one-number",
        ),
        pytest.param(
            ["UPDATE document SET series_year = NULL WHERE kind = 'ACCEPTANCE_NOTICE'"],
            {"NUMBER_MISSING", "NUMBER_SERIES_BROKEN"}, id="no-number",
        ),
    ],
)  # fmt: skip
def test_a_broken_series_of_numbers_is_found(run, statements, expected):
    run.sql("intake", *statements)
    assert run.found() == expected


def test_a_voided_document_keeps_its_number_visible(run):
    run.sql("intake", "UPDATE document SET state = 'VOIDED' WHERE kind = 'ONE_TIME_NOTICE'")
    report = run.check(ledger=None)
    assert report.facts["documents.voided"] == 1
    assert "NUMBER_SERIES_BROKEN" not in report.ids()


def test_a_case_number_that_was_mistyped_is_found(run):
    for table, column in (
        ("case_file", "number"), ("case_material", "case_number"), ("notice_entry", "case_number"),
        ("bundle", "case_number"), ("document", "case_number"), ("visit", "case_number"),
    ):  # fmt: skip
        run.sql("intake", f"UPDATE {table} SET {column} = REPLACE({column}, '-00001-', '-00002-')")
    assert "CASE_NUMBER_WRONG" in run.found()
