"""Receipt: 行政许可法 第二十九条, 第三十二条; R4.3; readings 4."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.intake.domain import errors
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import CaseState, Channel, Defect, HandedIn
from services.intake.tests.builders import (
    RECEIVED,
    TERMS,
    at_department,
    at_window,
    complete,
    incomplete,
    on_paper,
    online,
    received,
    types,
)


def test_readings_4_an_incomplete_application_is_received_all_the_same():
    case = received()
    assert (case.state, case.received_at) == (CaseState.RECEIVED, RECEIVED)
    assert case.defective == ("M01", "M04", "M05")
    assert [each.kind for each in case.documents] == [DocumentKind.MATERIALS_RECEIPT]


@pytest.mark.parametrize(
    ("received_at", "last_day"),
    [
        pytest.param(datetime(2026, 9, 21, 1, tzinfo=UTC), date(2026, 9, 29), id="mid-autumn"),
        pytest.param(datetime(2026, 2, 9, 1, tzinfo=UTC), date(2026, 2, 14), id="due-on-saturday"),
        pytest.param(datetime(2026, 10, 1, 1, tzinfo=UTC), date(2026, 10, 13), id="on-a-holiday"),
        pytest.param(
            datetime(2026, 9, 20, 17, tzinfo=UTC), date(2026, 9, 29), id="after-midnight-in-china"
        ),
    ],
)
def test_art_32_1_4_the_notice_is_due_on_the_fifth_working_day_after_receipt(received_at, last_day):
    case = complete(act=at_window(received_at))
    assert case.notice_due.on == last_day


def test_r4_3_what_is_absent_is_missing_although_nobody_said_so():
    case = received(*on_paper("M01"))
    assert case.material("M04").defect is Defect.MISSING


def test_state_council_716_shared_data_is_never_a_defect():
    case = received(*on_paper("M02", defect=Defect.WRONG_CONTENT))
    assert case.material("M02").defect is Defect.UNSPECIFIED
    assert "M02" not in case.defective


def test_what_is_optional_or_may_follow_does_not_keep_a_case_from_being_complete():
    case = complete()
    assert case.defective == ()
    assert case.material("M01").arrived_at == RECEIVED


def test_a_material_announced_without_file_or_paper_is_missing():
    case = received(HandedIn(material_code="M01"))
    assert case.material("M01").defect is Defect.MISSING


def test_the_event_of_receipt_carries_codes_and_no_personal_data():
    [event, visit] = complete().events
    assert (event.item_code, event.applicant, event.courier_offered) == (
        "370306-01-001", "a-1", True,
    )  # fmt: skip
    assert (visit.purpose, visit.ordinal) == ("APPLICATION", 1)


def test_r2_9_no_courier_is_offered_where_there_is_nothing_on_paper_to_send():
    terms = replace(TERMS, result_physical=False)
    assert complete(terms=terms).events[0].courier_offered is False


@pytest.mark.parametrize(
    ("channel", "visits"),
    [
        pytest.param(Channel.WINDOW, 1, id="window"),
        pytest.param(Channel.ASSISTANCE, 0, id="village-agent"),
        pytest.param(Channel.ONLINE, 0, id="online"),
    ],
)
def test_r2_5_coming_to_the_window_is_a_visit_and_nothing_else(channel, visits):
    act = online(RECEIVED) if channel is Channel.ONLINE else at_window()
    case = complete(act=act, channel=channel)
    assert len(case.visits) == visits
    assert types(case).count("visit_recorded") == visits


def test_readings_1_who_received_is_remembered_for_the_life_of_the_case():
    assert incomplete().front_persons == ("p-clerk",)
    own = complete(act=online(RECEIVED), channel=Channel.ONLINE)
    assert own.front_persons == ("a-1",)


def test_r4_4_only_a_window_post_receives():
    with pytest.raises(errors.NotAWindowPostError) as caught:
        complete(act=at_department())
    assert (caught.value.rule, caught.value.violation) == ("R4.4", True)


@pytest.mark.parametrize(
    ("channel", "act"),
    [
        pytest.param(Channel.ONLINE, at_window(), id="window-writes-a-visit-away"),
        pytest.param(Channel.ONLINE, at_department(), id="department-online"),
    ],
)
def test_r2_5_nobody_chooses_the_channel_freely(channel, act):
    with pytest.raises(errors.ChannelMismatchError):
        complete(channel=channel, act=act, person=act.person)


def test_art_29_an_account_hands_in_for_itself_only():
    with pytest.raises(errors.NotYourAccountError):
        complete(channel=Channel.ONLINE, act=online(person="a-2"))


def test_copies_and_pages_are_kept_as_they_were_counted():
    counted = HandedIn(material_code="M01", paper_pieces=2, copies=1, pages=6)
    case = received(counted, *on_paper("M04"))
    assert (case.material("M01").copies, case.material("M01").pages) == (1, 6)
    assert (case.material("M04").copies, case.material("M04").pages) == (None, None)
    assert (case.material("M05").copies, case.material("M05").pages) == (None, None)


def test_more_copies_than_pieces_are_a_miscount():
    received(HandedIn(material_code="M01", paper_pieces=1, copies=1))
    with pytest.raises(errors.PaperMiscountedError):
        received(HandedIn(material_code="M01", paper_pieces=1, copies=2))


def test_an_unknown_or_repeated_material_is_malformed():
    with pytest.raises(errors.MaterialUnknownError):
        received(*on_paper("M99"))
    with pytest.raises(errors.MaterialRepeatedError):
        received(*on_paper("M01", "M01"))


def test_an_account_cannot_find_fault_with_its_own_material():
    case = received(
        *on_paper("M01", "M04", "M05", defect=Defect.WRONG_CONTENT),
        act=online(RECEIVED), channel=Channel.ONLINE,
    )  # fmt: skip
    assert case.defective == ()


def test_one_writer_another_site_does_not_change_the_case():
    case = complete()
    case.require_writer("C1")
    with pytest.raises(errors.NotTheWriterError):
        case.require_writer("C2")
