"""Journey 9 in both modes: whoever is asked first takes it in and sees that it arrives."""

from __future__ import annotations

from liandong.metrics.v1 import metrics_service_pb2 as pb

from journeys.reread import pages

JOURNEY = "9"
REFUSED = {
    ("R3.4", "POWER_MISSING"),
    ("R3.4", "NOT_A_COMPETENT_WINDOW"),
    ("行政许可法 第三十二条第一款第一项", "ITEM_NOT_IN_FORCE"),
    ("R1.3", "ENQUIRY_UNANSWERED"),
    ("R1.3", "NOT_THE_ENQUIRY_OWNER"),
    ("R4.7", "NOT_THE_ACCEPTING_WINDOW"),
    ("R4.9", "NOBODY_TRAINED"),
}


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_the_receipt_counts_from_the_wrong_counter_on(case):
    assert case.receive_time.ToDatetime().date().isoformat() == "2026-11-30"
    assert case.accept_time == case.receive_time
    assert case.window_unit == "370306000000-C1-W01"
    assert case.state == 6  # served


def test_supervision_was_alarmed_at_once(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = pages(
        lambda **page: driven.world.do(supervisor, "metrics", "ListAlarms", **page), "alarms"
    )
    kinds = {each.kind for each in listed if each.case_number == told.case_number}
    assert pb.ALARM_KIND_COMPETENCE_ALARMED in kinds


def test_whoever_was_asked_first_owned_the_question_until_it_was_answered(driven, told):
    supervisor = driven.world.staff("p-0401")
    listed = driven.world.do(supervisor, "intake", "ListEnquiries", include_answered=True).enquiries
    assert listed
    assert all(each.owner for each in listed)


def test_an_item_that_is_over_was_answered_in_writing_with_its_successor(driven, told):
    over = [each for each in driven.all_cases() if each.state == 7]
    assert over


def test_the_letter_was_renewed_once_somebody_there_was_trained_again(driven, told):
    """The first record of the clerk ended with the letters of the window."""
    supervisor = driven.world.staff("p-0401")
    records = driven.world.do(supervisor, "catalog", "ListTrainingRecords", person="p-0104").records
    assert [each.HasField("until_date") for each in records] == [True, False]
    letters = driven.world.do(
        supervisor, "catalog", "ListWindowLetters", window_unit="370306000000-C1-W03"
    ).letters
    [renewed] = [each for each in letters if each.from_date.year == 2027]
    assert {each.item_code for each in renewed.item_powers} <= set(records[1].item_codes)
