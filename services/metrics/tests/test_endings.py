"""How a case ends, through the guarded methods: served, filed, refused, decided by several."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.metrics.v1 import metrics_service_pb2 as pb

from servicekit.testing import MONDAY
from services.metrics.tests.fakes import (
    APPLICANT,
    OTHER_DECIDER,
    SUPERVISOR,
    counted,
    rating,
    ratio,
    refused,
    stamp,
)
from workdays import WorkCalendar, export_year

DAY = timedelta(days=1)


@pytest.fixture
def facts(ask):
    def of(number="A1"):
        request = pb.GetCaseFactsRequest(case_number=number)
        return ask("GetCaseFacts", request, SUPERVISOR).facts

    return of


@pytest.fixture
def proven(ask):
    def named(name):
        return counted(ratio(ask("GetRatios", pb.GetRatiosRequest(), SUPERVISOR), name).proven)

    return named


def test_a_case_sent_by_courier_is_served_when_it_is_signed_for(voices, hear, facts, proven):
    voices.district()
    voices.received("A1", channel="ONLINE")
    voices.accepted("A1")
    voices.decided("A1")
    voices.say("intake.ResultDispatched", "A1", attempt=1)
    voices.say("delivery.ShipmentCreated", "A1", direction="OUT", shipment="A1-OUT-1")
    voices.say("intake.ServiceLeftOpen", "A1", reason="SIGNED_BY_OTHER")
    voices.say(
        "delivery.ShipmentSigned", "A1", direction="OUT", shipment="A1-OUT-1", signer="OTHER"
    )
    hear()
    assert (facts().service_open, facts().dispatches) == ("SIGNED_BY_OTHER", 1)
    assert not facts().HasField("serve_time")

    voices.say(
        "intake.ResultServed", "A1", means="CONFIRMED", serve_time=stamp(MONDAY + 3 * DAY),
        window_unit="W01",
    )  # fmt: skip
    hear()

    assert (facts().service_open, facts().served_means) == ("", "CONFIRMED")
    assert facts().serve_time.ToDatetime() == (MONDAY + 3 * DAY).replace(tzinfo=None)
    for name in ("fully_online_cases", "zero_visit_cases", "courier_use", "parcel_delivery"):
        assert proven(name) == (1, 1, 0), name


def test_a_joint_case_shows_each_authority(voices, hear, facts):
    voices.received("A1")
    voices.accepted("A1")
    voices.decided("A1", undecided=1)
    hear()
    assert not facts().HasField("decide_time")

    voices.decided("A1", authority="D06", outcome="DENIED", kept=False)
    hear()

    assert (facts().outcome, facts().promise_kept) == ("PARTLY", False)
    assert [(each.authority, each.outcome, each.promise_kept) for each in facts().authorities] == [
        ("D01", "GRANTED", True), ("D06", "DENIED", False),
    ]  # fmt: skip
    assert (facts().days_at_window, facts().days_at_department) == (1, 2)


def test_a_joint_case_is_shown_to_each_of_its_authorities(voices, hear, ask):
    voices.received("A1")
    voices.decided("A1", undecided=1)
    voices.decided("A1", authority="D02")
    hear()

    request = pb.GetCaseFactsRequest(case_number="A1")
    assert ask("GetCaseFacts", request, OTHER_DECIDER).facts.case_number == "A1"
    listed = ask(
        "ListRatioCases", pb.ListRatioCasesRequest(name="on_time_completion"), OTHER_DECIDER
    )
    assert [each.case_number for each in listed.cases] == ["A1"]


def test_a_case_that_ended_undecided_says_how(voices, hear, facts, proven):
    voices.district()
    voices.received("A1")
    voices.accepted("A1", due=21)
    voices.say("intake.CaseWithdrawn", "A1", withdraw_time=stamp(MONDAY + DAY))
    hear()

    assert (facts().ended_as, facts().outcome) == ("WITHDRAWN", "")
    assert facts().HasField("end_time")
    assert proven("on_time_completion") == (0, 0, 1)


def test_a_withdrawal_after_the_decision_changes_nothing(voices, hear, facts):
    voices.received("A1")
    voices.accepted("A1")
    voices.say("intake.CaseWithdrawn", "A1", withdraw_time=stamp(MONDAY + 3 * DAY))
    voices.decided("A1")
    hear()

    assert (facts().ended_as, facts().outcome) == ("", "GRANTED")


def test_a_filing_can_be_rated_without_a_decision(voices, hear, facts, ask):
    voices.received("A1", channel="ONLINE")
    hear()
    assert refused(lambda: ask("RateCase", rating(), APPLICANT)).reason == "NOT_COMPLETED"

    voices.say("intake.FilingRecorded", "A1", authority="D01", file_time=stamp(MONDAY))
    hear()
    ask("RateCase", rating(request_id="request-2"), APPLICANT)

    assert (facts().ended_as, facts().grade) == ("FILED", pb.GRADE_SATISFIED)


def test_a_decision_on_the_spot_is_accepted_and_decided(voices, hear, facts, proven):
    voices.district()
    voices.received("A1")
    voices.say(
        "intake.DecidedOnTheSpot", "A1", authority="D01", window_unit="W01", outcome="GRANTED",
        decide_time=stamp(MONDAY), promise_kept=True, statutory_kept=True,
        promise_due={"on": {"year": 2026, "month": 9, "day": 21}},
    )  # fmt: skip
    hear()

    assert (facts().on_the_spot, facts().promise_kept, facts().statutory_kept) == (True,) * 3
    assert facts().accept_time == facts().decide_time
    assert proven("on_the_spot_cases") == (1, 1, 0)
    assert proven("early_completion") == (0, 0, 1)
    assert proven("one_window_acceptance") == (1, 1, 0)


def test_the_ten_days_of_service_follow_an_imported_calendar(district, voices, hear, proven):
    voices.district()
    voices.received("A1")
    voices.accepted("A1")
    voices.decided("A1")  # on Wednesday, 23 September: the tenth working day is 14 October
    hear()
    district.clock.advance(timedelta(days=24))
    assert proven("service_within_ten_days") == (0, 1, 0)

    notice = export_year(WorkCalendar.official().notice(2026))
    without = notice.replace("2026-10-10,WORKDAY,国庆节\n", "")
    voices.calendar(2026, without.replace("extra_rest_days: 0", "extra_rest_days: 1"))
    hear()

    assert proven("service_within_ten_days") == (0, 0, 1)
