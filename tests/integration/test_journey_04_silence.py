"""Journey 4 in both modes: who stays silent has accepted, and the days are theirs."""

from __future__ import annotations

from liandong.metrics.v1 import metrics_service_pb2 as pb

from journeys.reread import pages

JOURNEY = "4"
REFUSED = {
    ("行政许可法 第三十二条第一款第四项", "NOTICE_TOO_LATE"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_silence_accepted_the_case_as_of_its_receipt(case):
    assert case.deemed_accepted
    assert case.accept_time == case.receive_time
    assert case.state == 6  # served


def test_the_days_are_with_whoever_spent_them(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    segments = driven.world.do(supervisor, "review", "GetReviewCase", **asked).review.segments
    facts = driven.world.do(supervisor, "metrics", "GetCaseFacts", **asked).facts
    assert segments.days_at_window == facts.days_at_window > 5
    assert segments.days_at_department == facts.days_at_department


def test_the_promise_had_passed_and_the_law_was_kept(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    facts = driven.world.do(supervisor, "metrics", "GetCaseFacts", **asked).facts
    assert (facts.promise_kept, facts.statutory_kept) == (False, True)


def test_supervision_was_alarmed(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = pages(
        lambda **page: driven.world.do(supervisor, "metrics", "ListAlarms", **page), "alarms"
    )
    kinds = {each.kind for each in listed if each.case_number == told.case_number}
    assert pb.ALARM_KIND_DEEMED_ACCEPTANCE in kinds
