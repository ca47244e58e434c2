"""Metrics through its guarded methods, on SQLite."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.metrics.v1 import metrics_events_pb2 as events_pb
from liandong.metrics.v1 import metrics_service_pb2 as pb

from servicekit.identity import Caller
from servicekit.migrations import differences
from servicekit.stream import Outcome
from servicekit.testing import MONDAY
from services.metrics.bootstrap import DEFINITION
from services.metrics.tests.fakes import (
    APPLICANT,
    CLERK,
    DECIDER,
    FOREIGN,
    ITEM,
    OTHER_DECIDER,
    STAFF_ELSEWHERE,
    SUPERVISOR,
    counted,
    published,
    rating,
    ratio,
    refused,
)


def test_journey_one_is_counted(voices, hear, ask):
    voices.district()
    voices.journey()
    voices.violated("A1")
    assert set(hear()) == {Outcome.APPLIED}

    facts = ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), CLERK).facts

    assert (facts.visits, facts.visits_before_decision, facts.notices, facts.violations) == (
        2, 1, 1, 1,
    )  # fmt: skip
    assert (facts.item_code, facts.channel, facts.courier_answer) == (ITEM, "WINDOW", "DECLINED")
    assert (facts.promise_kept, facts.statutory_kept) == (True, True)
    assert facts.grade == pb.GRADE_UNSPECIFIED
    assert facts.serve_time.ToDatetime() == (MONDAY + timedelta(days=3)).replace(tzinfo=None)


def test_before_the_decision_nothing_is_said_of_promise_and_service(voices, hear, ask):
    voices.received("A1")
    hear()

    facts = ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), APPLICANT).facts

    absent = ("accept_time", "decide_time", "serve_time")
    assert not any(facts.HasField(name) for name in absent)
    assert not facts.promise_kept


def test_two_visits_turn_the_item_red_once_and_tell_it(district, voices, hear, ask):
    voices.district()
    voices.journey("A1")
    voices.journey("A2")
    hear()

    [told] = published(district, "metrics.item_light_changed.v1")
    light = events_pb.ItemLightChanged.FromString(told.payload)

    assert (told.stream_id, told.seq, told.unit) == (ITEM, 1, "W01")
    assert (light.item_code, light.red, light.case_number) == (ITEM, True, "A1")
    assert (light.visits, light.visits_by_courier) == (2, 1)
    [item] = ask("ListItemLights", pb.ListItemLightsRequest(), SUPERVISOR).items
    assert (item.name, item.red, item.most_visits) == ("食品经营许可", True, 2)
    assert (item.case_number, item.visits_by_courier) == ("A1", 1)


def test_an_item_without_a_case_of_two_visits_is_green(voices, hear, ask):
    voices.district()
    voices.received("A1", channel="ONLINE")
    voices.decided("A1")
    hear()

    [item] = ask("ListItemLights", pb.ListItemLightsRequest(), SUPERVISOR).items

    assert (item.red, item.most_visits, item.case_number) == (False, 0, "")


def test_the_case_behind_a_light_is_shown_only_to_whom_it_belongs(voices, hear, ask):
    voices.district()
    voices.journey("A1", unit="W01")
    voices.received("B1", unit="W02")
    hear()

    [item] = ask("ListItemLights", pb.ListItemLightsRequest(), FOREIGN).items

    assert (item.red, item.case_number) == (True, "")


PROVEN_BY_JOURNEY_ONE = {
    "assisted_cases": (0, 1, 0),
    "at_most_one_visit_cases": (0, 1, 0),
    "at_most_one_visit_items": (0, 1, 0),
    "courier_items": (1, 1, 0),
    "courier_offer_coverage": (1, 1, 0),
    "courier_use": (0, 1, 0),
    "deemed_acceptance": (0, 1, 0),
    "early_completion": (1, 1, 0),
    "first_pass": (0, 1, 0),
    "fully_online_cases": (0, 1, 0),
    "fully_online_items": (0, 1, 0),
    "mean_duration": (3, 1, 0),
    "on_the_spot_cases": (0, 1, 0),
    "on_the_spot_items": (0, 1, 0),
    "on_time_completion": (1, 1, 0),
    "one_time_notice": (1, 1, 0),
    "one_window_acceptance": (1, 1, 0),
    "online_items": (0, 1, 0),
    "overdue_cases": (0, 1, 0),
    "parcel_delivery": (0, 0, 0),
    "promise_compression": (15, 20, 0),
    "rating_rate": (0, 1, 0),
    "returned_cases": (0, 1, 0),
    "reworked_cases": (0, 1, 0),
    "satisfaction": (0, 0, 0),
    "service_within_ten_days": (1, 1, 0),
    "speed_up": (2, 5, 0),
    "zero_visit_cases": (0, 1, 0),
    "zero_visit_items": (0, 1, 0),
}


def test_the_ratios_of_journey_one(voices, hear, ask):
    voices.district()
    voices.journey()
    hear()

    answer = ask("GetRatios", pb.GetRatiosRequest(), SUPERVISOR)

    assert [each.name for each in answer.ratios] == sorted(each.name for each in answer.ratios)
    proven = {each.name: counted(each.proven) for each in answer.ratios}
    assert proven == PROVEN_BY_JOURNEY_ONE
    declared = {
        each.name: counted(each.declared) for each in answer.ratios if each.HasField("declared")
    }
    assert declared == {
        "at_most_one_visit_items": (1, 1, 0),
        "courier_items": (1, 1, 0),
        "fully_online_items": (0, 1, 0),
        "on_the_spot_items": (0, 1, 0),
        "online_items": (0, 1, 0),
        "promise_compression": (15, 20, 0),
        "zero_visit_items": (0, 1, 0),
    }
    visits = ratio(answer, "at_most_one_visit_items")
    assert (visits.title, visits.goal_percent, visits.formula_version) == (
        "最多跑一次率（事项）", 100, "2",
    )  # fmt: skip
    assert not ratio(answer, "satisfaction").HasField("goal_percent")
    assert answer.as_of_time.ToDatetime() == MONDAY.replace(tzinfo=None)


def test_what_is_left_out_is_said(voices, hear, ask):
    voices.district()
    voices.received("A1")
    voices.accepted("A1", due=21)
    hear()

    fraction = ratio(ask("GetRatios", pb.GetRatiosRequest(), CLERK), "on_time_completion").proven

    assert counted(fraction) == (0, 0, 1)
    assert fraction.exclusion == "正在办理且未超过承诺时限，或者未作决定即终结"


def test_r4_10_two_departments_of_one_case_get_their_own_figures(voices, hear, ask):
    for number in ("A1", "A2"):
        voices.received(number)
        voices.accepted(number)
        for authority in ("D01", "D02"):
            voices.decided(number, authority=authority, undecided=1 if authority == "D01" else 0)
    voices.say("review.ExplanationRequested", "A1", authority="D02")
    voices.say("review.ExplanationRequested", "A1", authority="D02")
    voices.say("intake.DocumentVoided", "A2", department="D01")
    voices.say("intake.DocumentVoided", "A1", department="D01", lost=True)
    voices.say("intake.DocumentVoided", "A1", department="")
    hear()

    def of(caller):
        answer = ask("GetRatios", pb.GetRatiosRequest(), caller)
        return [
            counted(ratio(answer, name).proven) for name in ("returned_cases", "reworked_cases")
        ]

    assert of(DECIDER) == [(0, 2, 0), (1, 2, 0)]
    assert of(OTHER_DECIDER) == [(1, 2, 0), (0, 2, 0)]
    assert of(SUPERVISOR) == [(1, 2, 0), (1, 2, 0)]
    behind = ask("ListRatioCases", pb.ListRatioCasesRequest(name="returned_cases"), OTHER_DECIDER)
    assert {each.case_number: each.counts for each in behind.cases} == {"A1": True, "A2": False}


def test_a_mean_is_told_with_its_unit_and_a_share_without(voices, hear, ask):
    voices.district()
    voices.journey("A1")
    hear()

    answer = ask("GetRatios", pb.GetRatiosRequest(), SUPERVISOR)

    days = ratio(answer, "mean_duration")
    assert (counted(days.proven), days.unit) == ((3, 1, 0), "工作日")
    assert {each.name for each in answer.ratios if each.unit} == {"mean_duration"}


def test_a_case_becomes_overdue_at_midnight_in_china(district, voices, hear, ask):
    voices.received("A1")
    voices.accepted("A1", due=21)
    hear()

    def on_time():
        answer = ask("GetRatios", pb.GetRatiosRequest(), CLERK)
        return counted(ratio(answer, "on_time_completion").proven)

    district.clock.advance(timedelta(hours=14, minutes=59))
    assert on_time() == (0, 0, 1)
    district.clock.advance(timedelta(minutes=1))
    assert on_time() == (0, 1, 0)


def test_an_unknown_case_is_neither_rated_nor_shown(ask):
    for method, request in (
        ("RateCase", rating("A9")),
        ("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A9")),
    ):
        refusal = refused(lambda m=method, r=request: ask(m, r, APPLICANT))
        assert (refusal.code, refusal.reason) == ("NOT_FOUND", "CASE_UNKNOWN")


def test_a_case_of_which_only_the_decision_is_known_is_shown_to_nobody(voices, hear, ask):
    voices.decided("A1")
    hear()

    refusal = refused(
        lambda: ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), SUPERVISOR)
    )

    assert refusal.reason == "CASE_UNKNOWN"


def test_a_case_is_shown_to_those_it_concerns(voices, hear, ask):
    voices.received("A1")
    hear()

    for caller in (APPLICANT, CLERK, DECIDER, SUPERVISOR):
        answer = ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), caller)
        assert answer.facts.case_number == "A1"


@pytest.mark.parametrize("caller", STAFF_ELSEWHERE)
def test_staff_elsewhere_see_nothing_by_any_method(voices, hear, ask, caller):
    voices.district()
    voices.journey()
    voices.violated("A1")
    hear()

    refusal = refused(lambda: ask("GetCaseFacts", pb.GetCaseFactsRequest(case_number="A1"), caller))
    ratios = ask("GetRatios", pb.GetRatiosRequest(), caller).ratios
    cases = ask("ListRatioCases", pb.ListRatioCasesRequest(name="on_time_completion"), caller)

    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "OUT_OF_SCOPE")
    assert all(counted(each.proven) == (0, 0, 0) for each in ratios)
    assert all(counted(each.declared) == (0, 0, 0) for each in ratios)
    assert not cases.cases
    assert not ask("ListItemLights", pb.ListItemLightsRequest(), caller).items
    assert not ask("ListViolations", pb.ListViolationsRequest(), caller).violations


@pytest.mark.parametrize(
    "method",
    ["GetRatios", "ListRatioCases", "ListItemLights", "ListViolations", "ListAlarms"],
)
def test_statistics_are_for_staff(ask, method):
    request = getattr(pb, f"{method}Request")()
    if method == "ListRatioCases":
        request.name = "satisfaction"

    assert refused(lambda: ask(method, request, APPLICANT)).reason == "ROLE_DENIED"


def test_violations_are_listed_newest_first_to_who_supervises(voices, hear, ask):
    voices.violated("A1", rule="R4.8", at=MONDAY)
    voices.violated("A1", rule="R4.7", unit="W02", at=MONDAY + timedelta(hours=1))
    voices.violated("", rule="R4.1", at=MONDAY + timedelta(hours=2))
    hear()

    def rules(caller):
        answer = ask("ListViolations", pb.ListViolationsRequest(), caller)
        return [each.rule for each in answer.violations]

    assert rules(SUPERVISOR) == ["R4.1", "R4.7", "R4.8"]
    assert rules(FOREIGN) == ["R4.7"]
    assert rules(CLERK) == []


def pages_of(ask, method, request, field, caller):
    found = []
    while True:
        page = ask(method, request, caller)
        found += getattr(page, field)
        assert len(getattr(page, field)) <= request.page_size
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def test_pages_are_complete_and_without_repetition(voices, hear, ask):
    for index in range(7):
        voices.published(item=f"I-{index}")
        voices.received(f"A{index}", item=f"I-{index}")
        voices.decided(f"A{index}", kept=index % 2 == 0)
        voices.violated(f"A{index}", rule=f"R{index}", at=MONDAY + timedelta(minutes=index // 2))
    hear()

    cases = pages_of(
        ask, "ListRatioCases",
        pb.ListRatioCasesRequest(name="on_time_completion", page_size=3), "cases", DECIDER,
    )  # fmt: skip
    items = pages_of(ask, "ListItemLights", pb.ListItemLightsRequest(page_size=3), "items", DECIDER)
    violations = pages_of(
        ask, "ListViolations", pb.ListViolationsRequest(page_size=3), "violations", DECIDER
    )

    assert [(each.case_number, each.counts) for each in cases] == [
        (f"A{index}", index % 2 == 0) for index in range(7)
    ]
    assert [each.item_code for each in items] == [f"I-{index}" for index in range(7)]
    assert [each.rule for each in violations] == ["R6", "R5", "R4", "R3", "R2", "R1", "R0"]


def test_an_unknown_ratio_is_refused(ask):
    refusal = refused(
        lambda: ask("ListRatioCases", pb.ListRatioCasesRequest(name="everything"), CLERK)
    )

    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "RATIO_UNKNOWN")


def test_the_event_log_is_for_services_with_a_purpose(ask):
    request = pb.ReadEventsRequest()

    assert refused(lambda: ask("ReadEvents", request, CLERK)).reason == "ROLE_DENIED"
    unexplained = Caller(service="intake")
    assert refused(lambda: ask("ReadEvents", request, unexplained)).reason == "PURPOSE_MISSING"
    assert not ask("ReadEvents", request, Caller(service="intake", purpose="test")).events


def test_the_tables_are_those_of_the_migrations(district):
    assert differences(district.resources.engine, DEFINITION.metadata) == []
