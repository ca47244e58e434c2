"""Readings 4: receipt is never refused; the wrong counter passes on, and the clock runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.intake.v1 import intake_service_pb2 as pb

from services.intake.adapters import orm
from services.intake.tests.counter import AGENT, TOWN_CLERK, Counter
from services.intake.tests.district import APPLICANT, CLERK, COLLEAGUE, REVIEWER
from services.intake.tests.fakes import ALL_POWERS, ITEM, T01, UNITS, W01, W02


@pytest.fixture
def counter(district):
    return Counter(district)


@pytest.fixture
def unlettered(counter):
    """A complete application in a window whose letter is no longer in force."""
    counter.district.catalog.powers = ()
    counter.district.receive_complete()
    counter.district.catalog.powers = ALL_POWERS
    return counter


def test_a_window_without_a_letter_receives_and_the_department_is_alarmed(unlettered):
    district = unlettered.district
    view = district.read()
    assert (view.state, view.incompetent) == (pb.CASE_STATE_RECEIVED, True)
    assert view.notice_due.on.day == 29  # the clock runs from this receipt
    assert "intake.competence_alarmed.v1" in district.events()
    told = [entry.code for entry in district.timeline()]
    assert told == ["CASE_RECEIVED", "COMPETENCE_ALARMED"]


def test_a_window_with_its_letter_alarms_nobody(counter):
    counter.district.receive_complete()
    assert "intake.competence_alarmed.v1" not in counter.district.events()
    assert not counter.district.read().incompetent


def test_the_case_goes_to_the_competent_window_the_same_day_and_is_accepted_there(unlettered):
    district = unlettered.district
    received_at = district.clock.now()
    district.clock.advance(timedelta(hours=2))
    moved = unlettered.on_case("TransferCase", CLERK, to_window=T01)
    assert (moved.window_unit, moved.same_day) == (T01, True)
    accepted = district.accept(TOWN_CLERK)
    assert accepted.accept_time.ToDatetime(tzinfo=received_at.tzinfo) == received_at
    assert not district.read(TOWN_CLERK).incompetent
    assert "intake.case_transferred.v1" in district.events()
    [row] = district.rows(orm.case_file.select())
    assert {"p-clerk", "p-town"} <= set(row.front_persons)  # who received it is remembered
    refusal = unlettered.refusal("GetCase", CLERK, case_number=district.number)
    assert refusal.reason == "OUT_OF_SCOPE"


def test_r1_3_a_transfer_after_the_working_day_of_receipt_is_recorded_as_late(unlettered):
    unlettered.district.clock.advance(timedelta(days=1))
    assert not unlettered.on_case("TransferCase", CLERK, to_window=T01).same_day
    told = [entry.code for entry in unlettered.district.timeline(TOWN_CLERK)]
    assert told[-1] == "CASE_TRANSFERRED_LATE"


def test_what_came_on_a_day_of_rest_is_transferred_on_the_next_working_day(counter):
    district = counter.district
    while district.clock.now().date().isoformat() != "2026-10-03":  # in the holidays
        district.clock.advance(timedelta(days=1))
    district.catalog.powers = ()
    district.receive_complete()
    while district.clock.now().date().isoformat() != "2026-10-08":  # the first working day
        district.clock.advance(timedelta(days=1))
    assert counter.on_case("TransferCase", CLERK, to_window=T01).same_day


@pytest.mark.parametrize(
    ("to_window", "reason", "rule", "name"),
    [
        pytest.param(W02, "NOT_A_COMPETENT_WINDOW", "R3.4", UNITS[W02], id="has-no-letter"),
        pytest.param(
            W01, "TRANSFERRED_TO_ITSELF", "R1.3", "政务服务中心综合窗口", id="where-it-is"
        ),
    ],
)
def test_a_case_goes_only_to_another_window_that_may_accept_it(
    unlettered, to_window, reason, rule, name
):
    refusal = unlettered.refused_on_case("TransferCase", CLERK, to_window=to_window)
    assert (refusal.reason, refusal.rule) == (reason, rule)
    assert name in refusal.text


def test_an_accepted_case_is_not_transferred(counter):
    counter.district.receive_complete()
    counter.district.accept()
    refusal = counter.refused_on_case("TransferCase", COLLEAGUE, to_window=T01)
    assert refusal.reason == "ALREADY_ACCEPTED"


def test_a_withdrawn_case_is_not_transferred(unlettered):
    unlettered.on_case("WithdrawCase", APPLICANT, reason="不办了")
    refusal = unlettered.refused_on_case("TransferCase", CLERK, to_window=T01)
    assert refusal.reason == "CASE_ENDED"


def test_silence_accepts_in_the_window_that_kept_the_case(unlettered):
    unlettered.district.clock.advance(timedelta(days=9))
    refusal = unlettered.refused_on_case("TransferCase", CLERK, to_window=T01)
    assert refusal.reason == "ALREADY_ACCEPTED"
    assert unlettered.district.read().deemed_accepted


def test_readings_4_an_application_for_an_ended_item_is_received_and_never_accepted(counter):
    district = counter.district
    district.catalog.ended = True
    district.receive_complete()
    view = district.read()
    assert view.out_of_force
    assert "intake.competence_alarmed.v1" in district.events()
    refusal = district.refusal("AcceptCase", CLERK)
    assert refusal.reason == "ITEM_NOT_IN_FORCE"
    assert f"事项食品经营许可（新办）（{ITEM}）" in refusal.text
    district.clock.advance(timedelta(days=20))
    later = district.read()
    assert (later.state, later.deemed_accepted) == (pb.CASE_STATE_RECEIVED, False)


def test_a_village_agent_carries_nothing_for_an_ended_item(counter):
    counter.district.catalog.ended = True
    refusal = counter.refusal("TakeAssistance", AGENT, **counter.request())
    assert refusal.reason == "ITEM_NOT_IN_FORCE"


def test_r4_4_a_department_transfers_nothing(unlettered):
    refusal = unlettered.refused_on_case("TransferCase", REVIEWER, to_window=T01)
    assert refusal.code == "PERMISSION_DENIED"
