"""Journey 1 in both modes: the law holds, the services agree, the checker finds nothing."""

from __future__ import annotations

import dataclasses

import pytest

from checker.run import CheckInput, check
from journeys.reread import reread

VIOLATIONS = {
    ("R1.2", "NOTICE_ALREADY_GIVEN"),
    ("R4.4", "ACCEPTED_BY_DEPARTMENT"),
    ("R4.1", "REVIEWED_BY_FRONT"),
    ("R4.8", "HANDED_OUT_BY_DEPARTMENT"),
    ("R4.7", "NOT_THE_ACCEPTING_WINDOW"),
}


@pytest.fixture(params=["embedded_district", "process_district"])
def driven(request):
    return request.getfixturevalue(request.param)


def test_the_case_goes_from_the_window_to_the_applicants_hands(driven):
    supervisor = driven.world.staff("p-0401")
    case = driven.world.do(supervisor, "intake", "GetCase", case_number=driven.case_number).case
    assert case.state == 6  # served
    assert case.visits == 2


def test_every_fact_reads_the_same_in_another_role(driven):
    assert "五个服务一致" in reread(driven.world, driven.case_number)


def test_what_the_law_forbids_was_refused_with_its_rule(driven):
    refused = {(refusal.rule, refusal.reason) for refusal in driven.log.refusals}
    assert refused >= VIOLATIONS


def test_violations_are_kept_and_counted_by_metrics(driven):
    supervisor = driven.world.staff("p-0401")
    page = driven.world.do(supervisor, "metrics", "ListViolations")
    kept = {(each.rule, each.reason) for each in page.violations}
    assert kept >= VIOLATIONS


def test_two_visits_turn_the_item_red_and_the_timeline_says_why(driven):
    supervisor = driven.world.staff("p-0401")
    lights = driven.world.do(supervisor, "metrics", "ListItemLights").items
    [item] = [each for each in lights if each.item_code == "370306-01-001"]
    assert (item.red, item.most_visits, item.visits_by_courier) == (True, 2, 1)
    entries = driven.world.do(
        supervisor, "intake", "GetTimeline", case_number=driven.case_number
    ).entries
    [why] = [entry.text for entry in entries if entry.code == "ITEM_TURNED_RED"]
    assert "EMS" in why or "寄递" in why


def test_progress_shows_nothing_personal_to_whoever_holds_number_and_code(driven):
    supervisor = driven.world.staff("p-0401")
    entries = driven.world.do(
        supervisor, "intake", "ListDocuments", case_number=driven.case_number
    ).documents
    assert {each.kind for each in entries} >= {
        "MATERIALS_RECEIPT", "ONE_TIME_NOTICE", "ACCEPTANCE_NOTICE", "GRANT_DECISION",
        "PROOF_OF_SERVICE",
    }  # fmt: skip


def test_the_checker_finds_nothing_in_the_embedded_district(embedded_district):
    folder = embedded_district.district.folder
    settled = CheckInput.embedded(folder)
    embedded_district.district.settle()
    report = check(settled)
    assert not report.findings, "\n".join(map(str, report.findings))


def test_the_checker_finds_nothing_in_the_district_of_processes(process_district):
    found = CheckInput.from_json(process_district.district.checker_input(process_district.ledger))
    report = process_district.world.wait(
        "a settled district", lambda: check(found), lambda report: not report.findings
    )
    assert not report.findings
    assert dataclasses.is_dataclass(report)
