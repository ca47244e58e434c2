"""Journey 10 in both modes: what goes wrong in life is put right by law."""

from __future__ import annotations

from liandong.metrics.v1 import metrics_service_pb2 as pb

from journeys.reread import pages

JOURNEY = "10"
REFUSED = {
    ("", "IDENTITY_NUMBER_INVALID"),
    ("R1.6", "ASSISTANCE_NOT_FREE"),
    ("R2.7", "COURIER_NOT_FREE"),
    ("R1.2", "NOTICE_ALREADY_GIVEN"),
    ("R1.2", "NOT_NEWLY_SUBMITTED"),
    ("R4.5", "BUNDLE_NOT_RECEIVED"),
    ("R4.6", "NOT_A_DEPARTMENT_POST"),
    ("R4.7", "NOT_THE_ACCEPTING_WINDOW"),
    ("行政许可法 第四十四条", "SIGNATURE_WITHOUT_MANDATE"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_a_result_that_the_wrong_hand_signed_for_was_served_only_when_the_addressee_said_so(case):
    assert case.service_means == "CONFIRMED"
    assert case.dispatches == 2
    assert not case.service_open_reason


def test_a_voided_number_stays_in_the_register(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = pages(
        lambda **page: driven.world.do(
            supervisor, "intake", "ListDocumentRegister",
            authority="370306000000-D01", kind="ACCEPTANCE_NOTICE", year=2026, **page,
        ),
        "entries",
    )  # fmt: skip
    entries = [each for each in listed if each.site == "01"]
    ordinals = sorted(each.ordinal for each in entries)
    assert ordinals == list(range(1, len(ordinals) + 1))
    assert [each for each in entries if each.void_reason]


def test_a_case_that_is_never_corrected_waits_and_is_not_overdue(driven, told):
    supervisor = driven.world.staff("p-0401")
    waiting = {each.case_number for each in driven.all_cases() if each.state == 2}
    counted = pages(
        lambda **page: driven.world.do(
            supervisor, "metrics", "ListRatioCases", name="overdue_cases", **page
        ),
        "cases",
    )
    assert waiting
    assert not waiting & {each.case_number for each in counted}


def test_what_was_left_open_was_told_to_supervision(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = pages(
        lambda **page: driven.world.do(supervisor, "metrics", "ListAlarms", **page), "alarms"
    )
    kinds = {each.kind for each in listed if each.case_number == told.case_number}
    assert kinds >= {pb.ALARM_KIND_SERVICE_LEFT_OPEN, pb.ALARM_KIND_BUNDLE_OVERDUE}


def test_what_a_merged_window_had_not_accepted_was_noticed_and_accepted_by_its_successor(
    driven, told
):
    supervisor = driven.world.staff("p-0401")

    def timeline(number):
        asked = {"case_number": number}
        return driven.world.do(supervisor, "intake", "GetTimeline", **asked).entries

    followed = [
        entries
        for entries in (timeline(each.case_number) for each in driven.all_cases())
        if "CASE_FOLLOWED_MERGER" in [entry.code for entry in entries]
    ]
    [entries] = followed
    unit = {entry.code: entry.unit for entry in entries}
    successor = unit["CASE_FOLLOWED_MERGER"]
    assert unit["CASE_RECEIVED"] != successor
    # Who acted, not in which order: legal time that is set to 9:00 again runs back by a moment.
    acts = ("ONE_TIME_NOTICE_GIVEN", "CASE_ACCEPTED", "CASE_WITHDRAWN")
    assert [unit[act] for act in acts] == [successor] * 3
