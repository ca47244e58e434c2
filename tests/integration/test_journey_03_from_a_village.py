"""Journey 3 in both modes: a village helps and carries, and never accepts."""

from __future__ import annotations

from liandong.metrics.v1 import metrics_service_pb2 as pb

from journeys.reread import pages

JOURNEY = "3"
REFUSED = {
    ("R1.6", "ASSISTANCE_NOT_FREE"),
    ("R3.4", "NOT_A_COMPETENT_WINDOW"),
    ("R4.4", "NOT_A_WINDOW_POST"),
    ("R5.5", "ASSISTANCE_NOT_PASSED_ON"),
    ("行政许可法 第二十九条第二款", "MANDATE_MISSING"),
}


def test_the_case_is_served_without_a_visit(case):
    assert case.state == 6  # served
    assert case.visits == 0
    assert case.window_unit == "370306001000-C1-W01"


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_an_assisted_case_is_not_fully_online(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"name": "fully_online_cases"}
    listed = driven.world.do(supervisor, "metrics", "ListRatioCases", **asked).cases
    assert not {each.case_number: each.counts for each in listed}.get(told.case_number)


def test_every_assistance_became_a_case_and_one_was_passed_on_late(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = driven.world.do(supervisor, "intake", "ListAssistances").assistances
    assert all(each.case_number for each in listed)
    assert sorted(each.overdue for each in listed) == [False, False, True]


def test_supervision_was_told_of_the_one_that_lay_at_its_post_and_of_no_other(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = driven.world.do(supervisor, "intake", "ListAssistances").assistances
    alarms = pages(
        lambda **page: driven.world.do(supervisor, "metrics", "ListAlarms", **page), "alarms"
    )
    told_of = [a.case_number for a in alarms if a.kind == pb.ALARM_KIND_ASSISTANCE_OVERDUE]
    assert told_of == [each.assistance for each in listed if each.overdue]
