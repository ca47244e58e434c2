"""What alarms, and who sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.intake.v1 import intake_events_pb2 as intake
from liandong.metrics.v1 import metrics_service_pb2 as pb

from servicekit.testing import MONDAY
from services.metrics.tests.fakes import (
    CLERK,
    DECIDER,
    FAR_SUPERVISOR,
    FOREIGN,
    OTHER_DECIDER,
    SUPERVISOR,
    _staff,
)

JOINT_DECIDER = _staff("DECIDER", "D06-1", authority="D06", kind="DEPARTMENT")


@pytest.fixture
def seen(ask):
    def by(caller, **request):
        return list(ask("ListAlarms", pb.ListAlarmsRequest(**request), caller).alarms)

    return by


def test_alarms_are_listed_newest_first_with_what_they_are_about(voices, hear, seen):
    voices.received("A1")
    voices.alarms("A1")
    voices.accepted("A1", deemed=True)
    hear()

    found = seen(SUPERVISOR)

    assert {pb.AlarmKind.Name(each.kind): (each.authority, each.unit, each.detail)
            for each in found} == {
        "ALARM_KIND_COMPETENCE_ALARMED": ("D01", "W09", "NO_LETTER"),
        "ALARM_KIND_BUNDLE_OVERDUE": ("D01", "W01", "B-1"),
        "ALARM_KIND_CORRECTION_UNCONFIRMED": ("D01", "W01", ""),
        "ALARM_KIND_DEEMED_ACCEPTANCE": ("D01", "W01", ""),
        "ALARM_KIND_LIGHT_CHANGED": ("D06", "W01", "RED"),
        "ALARM_KIND_SERVICE_LEFT_OPEN": ("D01", "W01", "LOCKER"),
    }  # fmt: skip
    instants = [each.at_time.ToDatetime() for each in found]
    assert instants == sorted(instants, reverse=True)
    assert {each.case_number for each in found} == {"A1"}
    assert found[0].title == "结果尚未有效送达"


def test_an_acceptance_by_a_person_alarms_nobody(voices, hear, seen):
    voices.received("A1")
    voices.accepted("A1")
    hear()

    assert seen(SUPERVISOR) == []


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        pytest.param(CLERK, 5, id="the-window-of-the-case"),
        pytest.param(DECIDER, 5, id="its-authority"),
        pytest.param(SUPERVISOR, 5, id="its-supervisor"),
        pytest.param(JOINT_DECIDER, 1, id="the-other-authority-what-names-it"),
        pytest.param(FOREIGN, 0, id="another-window"),
        pytest.param(OTHER_DECIDER, 0, id="another-authority"),
        pytest.param(FAR_SUPERVISOR, 0, id="another-district"),
    ],
)
def test_an_alarm_reaches_whom_its_case_concerns(voices, hear, seen, caller, number):
    voices.received("A1")
    voices.alarms("A1")
    hear()

    assert len(seen(caller)) == number


def test_a_transferred_case_alarms_the_window_that_goes_on_with_it(voices, hear, seen):
    voices.received("A1", unit="W01")
    voices.alarms("A1")
    voices.say("intake.CaseTransferred", "A1", to_unit="W02", unit_path="/x/W02/")
    hear()

    assert len(seen(FOREIGN)) == 5
    assert seen(CLERK) == []


def test_alarms_come_in_pages(voices, hear, ask):
    voices.received("A1")
    voices.alarms("A1")
    hear()

    first = ask("ListAlarms", pb.ListAlarmsRequest(page_size=3), CLERK)
    rest = ask(
        "ListAlarms",
        pb.ListAlarmsRequest(page_size=3, page_token=first.next_page_token),
        CLERK,
    )

    assert (len(first.alarms), len(rest.alarms), rest.next_page_token) == (3, 2, "")
    assert first.alarms[0].at_time.ToDatetime() == (MONDAY + timedelta(hours=4)).replace(
        tzinfo=None
    )


def test_r5_5_a_late_village_post_alarms_its_supervisors_though_there_is_no_case(
    voices, hear, seen
):
    voices.registered("V01", "VILLAGE")
    voices.registered("V02", "VILLAGE")
    late = intake.AssistanceOverdue(assistance="DB-1", village_post="V01", unit_path="x")
    voices.tell("intake.assistance_overdue.v1", late, "DB-1")
    hear()

    [alarm] = seen(SUPERVISOR)

    assert (alarm.kind, alarm.case_number, alarm.authority, alarm.unit) == (
        pb.ALARM_KIND_ASSISTANCE_OVERDUE, "DB-1", "", "V01",
    )  # fmt: skip
    assert alarm.title == "村级代办点接件后超过一个工作日未转办"
    assert [seen(each) for each in (FAR_SUPERVISOR, FOREIGN, DECIDER)] == [[], [], []]
