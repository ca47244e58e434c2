"""Journey 5 in both modes: three refusals, each with the remedies of its own authority."""

from __future__ import annotations

JOURNEY = "5"
REFUSED = {
    ("R4.4", "NOT_A_WINDOW_POST"),
    ("", "CASE_ENDED"),
    ("行政许可法 第三十二条第一款第二项", "COMPETENT_AUTHORITY_IS_SERVED"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_a_document_without_remedies_was_not_issued(told):
    assert "REMEDIES_MISSING" in {each.reason for each in told.log.refusals}


def test_the_case_was_denied_and_the_denial_served(case):
    assert case.outcome == 2  # denied
    assert case.state == 6  # served


def test_each_adverse_document_is_of_its_own_kind(driven):
    kinds = {each.kind for each in driven.documents_of_all_cases()}
    assert kinds >= {"NOT_REQUIRED_NOTICE", "ACCEPTANCE_REFUSAL", "DENIAL_DECISION"}
