"""The one-time notice and its corrections: 行政许可法 第三十二条第一款第四项、第五项; R1.2."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.domain import errors, notice
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import (
    CaseState,
    Channel,
    Defect,
    HandedIn,
    NoticeMeans,
    Power,
)
from services.intake.tests.builders import (
    ALL_POWERS,
    CALENDAR,
    DEADLINE,
    NEXT_DAY,
    TERMS,
    W02,
    accepted,
    at_department,
    at_window,
    codes,
    complete,
    correct,
    find,
    incomplete,
    noticed,
    notify,
    on_paper,
    online,
    types,
)


def test_r1_2_the_notice_names_every_defect_once():
    case = incomplete()
    document = notify(case, "M04", "M05", act=at_window(NEXT_DAY, "p-other"))
    assert document is find(case, DocumentKind.ONE_TIME_NOTICE)
    assert (case.state, case.noticed_at) == (CaseState.CORRECTION, NEXT_DAY)
    assert case.front_persons == ("p-clerk", "p-other")
    assert case.events[-1].material_codes == ("M04", "M05")
    assert codes(case)[-1] == "ONE_TIME_NOTICE_GIVEN"


def test_r1_2_a_second_notice_is_a_violation():
    case = noticed()
    with pytest.raises(errors.NoticeAlreadyGivenError) as caught:
        notify(case, "M01")
    assert (caught.value.rule, caught.value.violation) == ("R1.2", True)


def test_state_council_716_a_notice_may_not_ask_for_shared_data():
    with pytest.raises(errors.SharedDataAskedForError) as caught:
        notify(incomplete(), "M02", "M04", "M05")
    assert caught.value.facts["materials"] == "M02"


def test_art_32_1_4_a_notice_that_leaves_a_known_defect_out_is_refused():
    with pytest.raises(errors.NoticeIncompleteError) as caught:
        notify(incomplete(), "M04")
    assert caught.value.facts["materials"] == "M05"


def test_a_notice_may_name_a_defect_found_after_the_receipt():
    case = incomplete()
    notify(case, "M01", "M04", "M05")
    assert case.defective == ("M01", "M04", "M05")
    assert case.material("M01").arrived_at is None


def test_art_32_1_4_a_notice_in_the_last_second_is_in_time_and_at_midnight_too_late():
    notify(incomplete(), "M04", "M05", act=at_window(DEADLINE - timedelta(seconds=1)))
    with pytest.raises(errors.NoticeTooLateError) as caught:
        notify(incomplete(), "M04", "M05", act=at_window(DEADLINE))
    assert caught.value.facts["last_day"] == "2026-09-29"


def test_readings_14_an_item_without_deemed_acceptance_may_be_noticed_later():
    case = incomplete(terms=replace(TERMS, deemed_acceptance=False))
    notify(case, "M04", "M05", act=at_window(DEADLINE + timedelta(days=9)))
    assert case.state is CaseState.CORRECTION


def test_domain_1_1_there_is_no_notice_after_acceptance():
    with pytest.raises(errors.NoticeTooLateError):
        notify(accepted(), "M01")


def test_r4_4_a_department_gives_no_notice():
    with pytest.raises(errors.NotAWindowPostError):
        notify(incomplete(), "M04", "M05", act=at_department())


def test_r4_1_another_window_gives_no_notice():
    with pytest.raises(errors.NotTheReceivingWindowError):
        notify(incomplete(), "M04", "M05", act=at_window(NEXT_DAY, unit=W02))


def test_r3_4_a_notice_needs_the_power_of_the_letter():
    with pytest.raises(errors.PowerMissingError) as caught:
        notify(incomplete(), "M04", "M05", powers=ALL_POWERS - {Power.REQUEST_CORRECTION})
    assert caught.value.facts["power"] == "REQUEST_CORRECTION"


def test_readings_9_nobody_is_told_by_an_account_they_do_not_have():
    case = incomplete(person="")
    with pytest.raises(errors.NoAccountChosenError) as caught:
        notify(case, "M04", "M05", means=NoticeMeans.ACCOUNT)
    assert caught.value.rule == "行政许可法 第三十二条第一款第四项"
    assert case.noticed_at is None
    notify(case, "M04", "M05", means=NoticeMeans.EMS, proof="EA123456789CN")
    own = incomplete()
    own.electronic_service_consent = True
    notify(own, "M04", "M05", means=NoticeMeans.ACCOUNT, proof="SMS-1")
    assert (case.notice_means, own.notice_means) == (NoticeMeans.EMS, NoticeMeans.ACCOUNT)


def test_a_notice_about_an_unknown_material_is_malformed():
    with pytest.raises(errors.MaterialUnknownError):
        notify(incomplete(), "M99")


def test_art_32_1_5_a_whole_correction_leaves_nothing_open():
    case = noticed()
    assert correct(case, "M04", "M05") == ()
    assert case.state is CaseState.RECEIVED
    assert case.material("M04").arrived_at == NEXT_DAY
    assert "visit_recorded" not in types(case)[-1:]


def test_readings_8_a_partial_correction_keeps_the_rest_open():
    case = noticed()
    assert correct(case, "M04") == ("M05",)
    assert case.state is CaseState.CORRECTION
    assert case.events[-1].outstanding == ("M05",)


def test_readings_8_only_what_the_notice_asked_for_is_taken_and_only_until_it_is_cured():
    case = noticed()
    with pytest.raises(errors.NotAskedForError):
        correct(case, "M01")
    correct(case, "M04")
    with pytest.raises(errors.NotAskedForError):
        correct(case, "M04")


def test_nothing_is_corrected_before_the_notice_or_after_acceptance():
    with pytest.raises(errors.NoNoticeGivenError):
        correct(incomplete(), "M04")
    with pytest.raises(errors.AlreadyAcceptedError):
        correct(accepted(complete()), "M04")


def test_r2_5_a_correction_at_the_window_is_a_visit_and_its_clerk_is_remembered():
    case = noticed()
    correct(case, "M04", "M05", act=at_window(NEXT_DAY, "p-third"), channel=Channel.WINDOW)
    assert [visit.purpose.name for visit in case.visits] == ["APPLICATION", "CORRECTION"]
    assert "p-third" in case.front_persons


def test_r2_5_an_account_cannot_write_itself_a_visit():
    with pytest.raises(errors.ChannelMismatchError):
        correct(noticed(), "M04", channel=Channel.WINDOW)


def test_a_correction_that_the_window_finds_wanting_cures_nothing():
    case = noticed()
    bad = on_paper("M04", defect=Defect.WRONG_CONTENT)
    act = at_window(NEXT_DAY)
    assert notice.submit_correction(case, bad, Channel.WINDOW, act, CALENDAR) == ("M04", "M05")
    assert case.material("M04").defect is Defect.WRONG_CONTENT


def test_a_correction_without_anything_in_it_cures_nothing():
    case = noticed()
    empty = (HandedIn(material_code="M04"),)
    assert notice.submit_correction(case, empty, Channel.ONLINE, online(), CALENDAR) == (
        "M04", "M05",
    )  # fmt: skip


def test_r4_1_another_window_takes_no_correction():
    with pytest.raises(errors.NotTheReceivingWindowError):
        correct(noticed(), "M04", act=at_window(NEXT_DAY, unit=W02), channel=Channel.WINDOW)
