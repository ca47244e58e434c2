"""One application from the window to the applicant's hands, as intake sees it."""

from __future__ import annotations

from datetime import UTC

from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.intake.v1 import intake_service_pb2 as pb
from sqlalchemy import select

from services.intake.bootstrap import DEFINITION
from services.intake.tests.district import (
    APPLICANT,
    CLERK,
    COLLEAGUE,
    DECIDER,
    FOREIGN,
    REVIEWER,
)
from services.intake.tests.fakes import DEPARTMENT, W01


def test_a_food_licence_goes_from_the_window_to_the_applicants_hands(district):
    received = district.receive()
    assert received.case_number.startswith("370306-01-20260921-00001-")
    assert (received.notice_due.on.month, received.notice_due.on.day) == (9, 29)

    shared = district.refusal("GiveOneTimeNotice", CLERK, **district.notice("M02", "M04", "M05"))
    assert (shared.reason, shared.rule) == ("SHARED_DATA_ASKED_FOR", "国务院令第716号 第七条")
    district.notify("M04", "M05")
    again = district.refusal("GiveOneTimeNotice", CLERK, **district.notice("M01"))
    assert (again.reason, again.rule) == ("NOTICE_ALREADY_GIVEN", "R1.2")

    corrected = district.correct("M04", "M05")
    assert not corrected.outstanding
    arrived_at = district.clock.now()
    refused = district.refusal("AcceptCase", REVIEWER)
    assert (refused.reason, refused.rule) == ("ACCEPTED_BY_DEPARTMENT", "R4.4")
    accepted = district.accept()
    assert accepted.accept_time.ToDatetime(tzinfo=UTC) == arrived_at
    assert accepted.document_number == "周审批受字〔2026〕01-00001号"
    district.work()
    district.read()
    sealed = district.seal(CLERK, accepted.document, f"{DEPARTMENT}-SPECIAL-1")
    assert sealed.issue_time.seconds
    assert district.documents()["ACCEPTANCE_NOTICE"].state == pb.DOCUMENT_STATE_ISSUED

    district.command("HandOverBundle", CLERK, bag="B-1", pieces=2)
    district.command("ReceiveBundle", REVIEWER, bag="B-1", pieces=2)
    district.answer_courier(by_courier=False)
    district.bring_back()

    refused = district.refusal("HandOut", DECIDER, **district.collection())
    assert (refused.reason, refused.rule) == ("HANDED_OUT_BY_DEPARTMENT", "R4.8")
    refused = district.refusal("HandOut", FOREIGN, **district.collection())
    assert (refused.reason, refused.rule) == ("NOT_THE_ACCEPTING_WINDOW", "R4.7")
    handed_out = district.hand_out(COLLEAGUE)
    assert handed_out.visits == 2
    district.work()
    district.turn_red()
    assert district.dead_or_waiting() == []

    view = district.read(APPLICANT)
    assert (view.state, view.visits, view.window_unit) == (pb.CASE_STATE_SERVED, 2, W01)
    assert view.applicant_name == "王小丽"
    assert [entry.text for entry in district.timeline(APPLICANT)][-1] == (
        "本件到厅2次，超过“最多跑一次”的要求；如选择EMS免费寄递为1次。"
    )
    papers = district.documents()
    assert papers["GRANT_DECISION"].state == pb.DOCUMENT_STATE_SERVED
    assert papers["PROOF_OF_SERVICE"].state == pb.DOCUMENT_STATE_ISSUED
    assert papers["HANDOVER_RECORD"].state == pb.DOCUMENT_STATE_ISSUED
    violations = district.rows(select(DEFINITION.tables.violation.c.rule))
    assert sorted(row.rule for row in violations) == ["R1.2", "R4.4", "R4.7", "R4.8"]


def test_r3_4_a_result_is_handed_out_under_a_letter_that_says_so(district):
    district.receive_complete()
    district.accept()
    district.bring_back()
    granted, district.catalog.powers = district.catalog.powers, (catalog.POWER_ACCEPT,)
    refused = district.refusal("HandOut", CLERK, **district.collection())
    assert (refused.code, refused.reason, refused.rule) == (
        "FAILED_PRECONDITION", "POWER_MISSING", "R3.4",
    )  # fmt: skip
    assert district.refusal("HandOut", DECIDER, **district.collection()).rule == "R4.8"
    assert district.refusal("HandOut", FOREIGN, **district.collection()).rule == "R4.7"
    district.catalog.powers = granted
    assert district.hand_out(CLERK).document
