"""Journey 1 in both modes: 食品经营许可 from the window to the applicant's hands."""

from __future__ import annotations

import json
from base64 import b64decode

from google.protobuf import text_format
from liandong.intake.v1 import intake_service_pb2 as pb

from journeys.reread import pages

JOURNEY = "1"
VIOLATIONS = {
    ("R1.2", "NOTICE_ALREADY_GIVEN"),
    ("R4.4", "ACCEPTED_BY_DEPARTMENT"),
    ("R4.1", "REVIEWED_BY_FRONT"),
    ("R4.8", "HANDED_OUT_BY_DEPARTMENT"),
    ("R4.7", "NOT_THE_ACCEPTING_WINDOW"),
}


def test_the_case_goes_from_the_window_to_the_applicants_hands(case):
    assert case.state == 6  # served
    assert case.visits == 2


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    refused = {(refusal.rule, refusal.reason) for refusal in told.log.refusals}
    assert refused >= VIOLATIONS


def test_violations_are_kept_and_counted_by_metrics(driven, told):
    supervisor = driven.world.staff("p-0401")

    def kept():
        listed = pages(
            lambda **page: driven.world.do(supervisor, "metrics", "ListViolations", **page),
            "violations",
        )
        return {(each.rule, each.reason) for each in listed if each.case_number == told.case_number}

    assert driven.world.wait("the violations in metrics", kept, lambda found: found >= VIOLATIONS)


def test_two_visits_turn_the_item_red_and_the_timeline_says_why(driven, told):
    supervisor = driven.world.staff("p-0401")

    def lights():
        found = driven.world.do(supervisor, "metrics", "ListItemLights").items
        return [each for each in found if each.item_code == "370306-01-001"]

    # The light and the item it is of come from two services, in no order.
    [item] = driven.world.wait("the item in metrics", lights, bool)
    assert (item.red, item.most_visits, item.visits_by_courier) == (True, 2, 1)
    entries = driven.world.do(
        supervisor, "intake", "GetTimeline", case_number=told.case_number
    ).entries
    [why] = [entry.text for entry in entries if entry.code == "ITEM_TURNED_RED"]
    assert "EMS" in why or "寄递" in why


def query_code(driven, told):
    """The code on the 收件凭证, from the answer to the receipt."""
    answers = map(json.loads, driven.ledger.read_text(encoding="utf-8").splitlines())
    [code] = {
        pb.ReceiveApplicationResponse.FromString(b64decode(each["response"])).query_code
        for each in answers
        if each["method"].endswith("/ReceiveApplication")
        and each["case_number"] == told.case_number
    }
    return code


def test_progress_shows_nothing_personal_to_whoever_holds_number_and_code(driven, told):
    stranger = driven.world.applicant("a-9999", "路人")
    asked = {"case_number": told.case_number, "query_code": query_code(driven, told)}
    progress = driven.world.do(stranger, "intake", "GetProgress", **asked)
    assert progress.text == "结果已送达。"
    personal = ("李示例", "370306195001010018", "13800003210", "a-0001", "车站社区", "p-0101")
    assert not [
        each for each in personal if each in text_format.MessageToString(progress, as_utf8=True)
    ]


def test_progress_is_not_told_without_the_code(driven, told):
    stranger = driven.world.applicant("a-9999", "路人")
    refusal = driven.world.refused(
        stranger, "intake", "GetProgress", case_number=told.case_number, query_code="ZZZZZZZZ"
    )
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "CASE_UNKNOWN")


def test_every_document_of_the_procedure_is_there(driven, told):
    supervisor = driven.world.staff("p-0401")
    entries = driven.world.do(
        supervisor, "intake", "ListDocuments", case_number=told.case_number
    ).documents
    assert {each.kind for each in entries} >= {
        "MATERIALS_RECEIPT", "ONE_TIME_NOTICE", "ACCEPTANCE_NOTICE", "HANDOVER_RECORD",
        "SITE_CHECK_RECORD", "GRANT_DECISION", "PROOF_OF_SERVICE",
    }  # fmt: skip
