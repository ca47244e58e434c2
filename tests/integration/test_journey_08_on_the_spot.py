"""Journey 8 in both modes: decided at the desk, turned into a promise, or only filed."""

from __future__ import annotations

JOURNEY = "8"
REFUSED = {
    ("R4.6a", "DENIED_ON_THE_SPOT"),
    ("R3.4", "POWER_MISSING"),
    ("行政许可法 第三十四条第三款", "TURNED_INTO_PROMISED"),
    ("企业投资项目核准和备案管理条例 第十三条", "FILING_NOT_ACCEPTED"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_the_case_was_decided_where_and_when_it_was_received(case):
    assert case.handling == "ON_THE_SPOT"
    assert case.accept_time == case.decide_time
    assert case.letter


def test_no_department_has_a_review_of_it(driven, told):
    supervisor = driven.world.staff("p-0401")
    refusal = driven.world.refused(
        supervisor, "review", "GetReviewCase", case_number=told.case_number
    )
    assert refusal.code == "NOT_FOUND"


def test_metrics_knows_it_for_what_it_was(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    facts = driven.world.do(supervisor, "metrics", "GetCaseFacts", **asked).facts
    assert (facts.on_the_spot, facts.outcome) == (True, "GRANTED")


def test_a_filing_is_no_acceptance_and_no_decision(driven, told):
    filed = [each for each in driven.all_cases() if each.state == 11]
    assert filed
    supervisor = driven.world.staff("p-0401")
    for each in filed:
        asked = {"case_number": each.case_number}
        case = driven.world.do(supervisor, "intake", "GetCase", **asked).case
        assert not case.HasField("accept_time")
        assert not case.HasField("decide_time")
