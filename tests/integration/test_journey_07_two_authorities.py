"""Journey 7 in both modes: two decisions, one hand-out, and one that only asks."""

from __future__ import annotations

JOURNEY = "7"
REFUSED = {
    ("行政许可法 第二十六条第二款", "PREREQUISITE_NOT_GRANTED"),
    ("行政许可法 第三十八条第二款", "REASONS_MISSING"),
    ("", "NOT_TO_BE_CONSULTED"),
    ("", "NOT_ASKED"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_two_authorities_decided_each_for_itself(case):
    assert [each.outcome for each in case.decisions] == [1, 2]  # granted, denied
    assert case.outcome == 3  # partly
    assert case.state == 6  # served


def test_each_decision_has_its_own_due_day(driven, case):
    lead, other = case.decisions
    assert lead.promise_due.on != other.promise_due.on
    assert lead.statutory_due.on != other.statutory_due.on


def test_each_decision_is_a_document_of_its_authority(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    papers = driven.world.do(supervisor, "intake", "ListDocuments", **asked).documents
    deciders = {each.kind: each.authority for each in papers if each.kind.endswith("_DECISION")}
    assert deciders == {
        "GRANT_DECISION": "370306000000-D01",
        "DENIAL_DECISION": "370306000000-D06",
    }
    assert len([each for each in papers if each.kind == "PROOF_OF_SERVICE"]) == 1


def test_metrics_counts_the_work_of_each_authority(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    facts = driven.world.do(supervisor, "metrics", "GetCaseFacts", **asked).facts
    assert {each.authority: each.outcome for each in facts.authorities} == {
        "370306000000-D01": "GRANTED",
        "370306000000-D06": "DENIED",
    }
