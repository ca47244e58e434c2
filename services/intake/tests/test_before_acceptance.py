"""Refusals, withdrawals and corrections through the guarded methods."""

from __future__ import annotations

from datetime import timedelta

import pytest
from liandong.common.v1 import common_pb2 as common
from liandong.intake.v1 import intake_service_pb2 as pb
from sqlalchemy import select

from servicekit.identity import Caller
from services.intake.adapters import orm
from services.intake.entrypoints import jobs
from services.intake.tests.district import (
    APPLICANT,
    CLERK,
    COLLEAGUE,
    PNG,
    REVIEWER,
    STRANGER,
)
from services.intake.tests.fakes import DEPARTMENT, UNITS
from services.intake.tests.pre_acceptance_fields import (
    ELSEWHERE,
    SUPERVISOR,
    WANTING,
    WHY,
    proposal,
    sweep,
)


def test_what_is_not_required_is_told_numbered_sealed_and_published(district):
    district.receive()
    answer = district.command("TellNotRequired", CLERK, **WHY)
    assert answer.document_number == "周审批不受字〔2026〕01-00001号"
    district.work()
    district.seal(CLERK, answer.document, f"{DEPARTMENT}-SPECIAL")
    view = district.read()
    assert (view.state, view.HasField("end_time")) == (pb.CASE_STATE_NOT_REQUIRED, True)
    assert "intake.case_not_required.v1" in district.events()
    assert district.documents()["NOT_REQUIRED_NOTICE"].state == pb.DOCUMENT_STATE_ISSUED


def test_readings_4_the_successor_of_an_item_out_of_force_is_named(district):
    district.catalog.ended = True
    district.catalog.version.successor_item = "370306-01-001"
    district.receive()
    assert district.command("TellNotRequired", CLERK, **WHY).successor_item == "370306-01-001"
    [row] = district.rows(select(orm.front.ending.c.successor_name))
    assert row.successor_name == "食品经营许可（新办）"


def test_a_successor_that_the_catalogue_lacks_does_not_hold_the_answer(district):
    district.catalog.version.successor_item = "370306-01-999"
    district.receive()
    assert district.command("TellNotRequired", CLERK, **WHY).successor_item == "370306-01-999"


def test_a_refusal_names_the_authority_and_its_remedies(district):
    district.receive()
    answer = district.command("RefuseAcceptance", CLERK, **ELSEWHERE)
    assert answer.competent_authority == "淄博市市场监督管理局"
    assert answer.document_number == "周审批不予受字〔2026〕01-00001号"
    district.work()
    district.seal(CLERK, answer.document, f"{DEPARTMENT}-SPECIAL")
    assert district.read().state == pb.CASE_STATE_REFUSED


@pytest.mark.parametrize("name", [DEPARTMENT, UNITS[DEPARTMENT], f" {DEPARTMENT} "])
def test_readings_4_an_authority_that_a_window_serves_is_no_reason_to_refuse(district, name):
    district.receive()
    refusal = district.refusal(
        "RefuseAcceptance", CLERK, **(ELSEWHERE | {"competent_authority": name})
    )
    assert (refusal.code, refusal.reason) == (
        "FAILED_PRECONDITION", "COMPETENT_AUTHORITY_IS_SERVED",
    )  # fmt: skip
    assert UNITS[DEPARTMENT] in refusal.text


def test_readings_11_a_refusal_without_remedies_is_refused(district):
    district.receive()
    district.catalog.remedies = ("周村区人民政府", "")
    refusal = district.refusal("RefuseAcceptance", CLERK, **ELSEWHERE)
    assert (refusal.reason, refusal.rule) == ("REMEDIES_MISSING", "行政许可法 第三十八条第二款")


def test_readings_11_a_refusal_names_the_body_that_reviews_it_on_its_day(district):
    """The record changed after the receipt, as all of them did on 1 January 2024."""
    district.receive()
    district.catalog.remedies = ("淄博市人民政府", "淄博市中级人民法院")
    answer = district.command("RefuseAcceptance", CLERK, **ELSEWHERE)
    district.work()
    words = district.text_of(answer.document)
    assert "淄博市人民政府" in words
    assert "淄博市中级人民法院" in words
    assert "周村区人民政府" not in words


@pytest.mark.parametrize("method", ["TellNotRequired", "RefuseAcceptance"])
def test_r4_4_a_department_answers_no_application(district, method):
    district.receive()
    fields = WHY if method == "TellNotRequired" else ELSEWHERE
    assert district.refusal(method, REVIEWER, **fields).reason == "NOT_A_WINDOW_POST"


def test_after_an_answer_nothing_goes_on(district):
    district.receive()
    district.command("RefuseAcceptance", CLERK, **ELSEWHERE)
    assert district.refusal("AcceptCase", CLERK).reason == "CASE_ENDED"
    district.clock.advance(timedelta(days=30))
    sweep(district, "record_deemed_acceptance")
    assert "intake.case_accepted.v1" not in district.events()


def test_the_applicant_withdraws_from_the_own_account(district):
    district.receive()
    answer = district.command("WithdrawCase", APPLICANT, reason="不再开店。")
    district.work()
    paper = district.documents()["WITHDRAWAL_RECORD"]
    assert (paper.document, paper.state) == (answer.document, pb.DOCUMENT_STATE_ISSUED)
    assert district.read(APPLICANT).state == pb.CASE_STATE_WITHDRAWN


def test_nobody_withdraws_for_another(district):
    district.receive()
    assert district.refusal("WithdrawCase", STRANGER).code == "NOT_FOUND"
    assert district.refusal("WithdrawCase", CLERK).reason == "SIGNED_REQUEST_MISSING"
    refusal = district.refusal("WithdrawCase", CLERK, request_sha256="a" * 64)
    assert refusal.reason == "BLOB_UNKNOWN"


def test_a_signed_request_is_kept_as_long_as_the_case(district):
    signed = district.upload(PNG + b"signed", caller=CLERK)
    district.receive()
    district.command("WithdrawCase", CLERK, request_sha256=signed)
    assert signed in jobs._referenced(district.harness.resources.read_engine, [signed])


def test_what_is_decided_is_not_withdrawn(district):
    district.receive_complete()
    district.accept()
    district.decide()
    assert district.refusal("WithdrawCase", APPLICANT).reason == "ALREADY_DECIDED"


@pytest.mark.parametrize(("hours", "state"), [(-1, "DECIDED"), (0, "DECIDED"), (1, "WITHDRAWN")])
def test_the_earlier_of_decision_and_withdrawal_wins(district, hours, state):
    district.receive_complete()
    district.accept()
    district.clock.advance(timedelta(hours=3))
    withdrawn_at = district.clock.now()
    district.command("WithdrawCase", APPLICANT)
    district.clock.instant = withdrawn_at + timedelta(hours=hours)
    district.decide()
    assert district.read().state == pb.CaseState.Value(f"CASE_STATE_{state}")


def test_a_case_is_ended_only_by_the_period_of_its_law(district):
    district.receive()
    assert district.refusal("TerminateCase", CLERK).reason == "NO_NOTICE_GIVEN"
    district.notify("M04", "M05")
    assert district.refusal("TerminateCase", CLERK).reason == "NO_CORRECTION_LIMIT"


def test_a_case_whose_period_passed_is_ended_with_its_remedies(district):
    district.catalog.version.correction_limit.CopyFrom(
        common.Limit(
            amount=10, unit=common.LIMIT_UNIT_WORKING_DAY, start=common.LIMIT_START_RECEIVED,
            source="《示例条例》第十二条",
        )
    )  # fmt: skip
    district.receive()
    district.notify("M04", "M05")
    assert district.refusal("TerminateCase", CLERK).reason == "CORRECTION_PERIOD_RUNS"
    district.clock.advance(timedelta(days=40))
    answer = district.command("TerminateCase", CLERK)
    assert (answer.source, answer.document_number) == (
        "《示例条例》第十二条", "周审批终字〔2026〕01-00001号",
    )  # fmt: skip
    district.work()
    district.seal(CLERK, answer.document, f"{DEPARTMENT}-SPECIAL")
    assert district.read().state == pb.CASE_STATE_TERMINATED
    assert "intake.case_terminated.v1" in district.events()


def test_what_is_complete_is_not_ended(district):
    district.catalog.version.correction_limit.CopyFrom(
        common.Limit(
            amount=1, unit=common.LIMIT_UNIT_WORKING_DAY, start=common.LIMIT_START_RECEIVED
        )
    )
    district.receive()
    district.notify("M04", "M05")
    district.correct("M04", "M05")
    assert district.refusal("TerminateCase", CLERK).reason == "NOTHING_OUTSTANDING"


def test_a_correction_found_wanting_is_reminded_of_and_asks_nothing_new(district):
    district.receive()
    district.notify("M04", "M05")
    refusal = district.refusal("RejectCorrection", CLERK, **WANTING)
    assert refusal.reason == "NOT_CORRECTED_YET"
    district.correct("M04", "M05")
    new = [pb.WantingMaterial(material_code="M04", defect=pb.DEFECT_WRONG_CONTENT)]
    refusal = district.refusal("RejectCorrection", CLERK, materials=new)
    assert (refusal.reason, refusal.rule) == ("NEW_DEFECT", "R1.2")
    assert district.command("RejectCorrection", CLERK, **WANTING).outstanding == ["M04"]
    reminder = district.command("RemindCorrection", CLERK)
    assert reminder.material_codes == ["M04"]
    district.work()
    assert district.documents()["CORRECTION_REMINDER"].state == pb.DOCUMENT_STATE_ISSUED
    assert list(district.read().outstanding) == ["M04"]
    district.correct("M04")
    assert district.refusal("RemindCorrection", CLERK).reason == "NOTHING_OUTSTANDING"


def test_a_case_never_corrected_is_reminded_by_the_sweep_and_never_ended(district):
    district.receive()
    district.notify("M04", "M05")
    for _ in range(6):
        district.clock.advance(timedelta(days=30))
        sweep(district, "watch_corrections")
        sweep(district, "watch_corrections")
        district.work()
    assert district.events().count("intake.correction_reminded.v1") == 6
    assert district.read().state == pb.CASE_STATE_CORRECTION
    assert district.dead_or_waiting() == []


def test_an_unconfirmed_correction_is_red_when_it_is_read_and_recorded_once(district):
    district.receive()
    district.notify("M04", "M05")
    district.correct("M04", "M05")
    view = district.read()
    assert (view.correction_unconfirmed, view.HasField("confirmation_due")) == (False, True)
    district.clock.advance(timedelta(days=5))
    assert district.read().correction_unconfirmed
    [listed] = district.call("ListCases", CLERK, "ListCasesRequest").cases
    assert listed.correction_unconfirmed
    for _ in range(2):
        sweep(district, "watch_corrections")
    assert district.events().count("intake.correction_unconfirmed.v1") == 1
    district.read()
    district.accept()
    view = district.read()
    assert (view.correction_unconfirmed, view.HasField("confirmation_due")) == (False, False)


def test_r1_2_a_further_notice_needs_new_material_and_a_supervisor(district):
    district.receive()
    district.notify("M04", "M05")
    district.correct("M04", "M05")
    refusal = district.refusal("ProposeFurtherNotice", CLERK, **proposal("M01"))
    assert (refusal.reason, refusal.rule) == ("NOT_NEWLY_SUBMITTED", "R1.2")
    ordinal = district.command("ProposeFurtherNotice", CLERK, **proposal("M04")).ordinal
    approval = {"ordinal": ordinal, "reason": "布局图系新提交。"}
    assert district.refusal("ProposeFurtherNotice", CLERK, **proposal("M04")).reason == (
        "PROPOSAL_WAITS"
    )
    refusal = district.refusal("ApproveFurtherNotice", COLLEAGUE, **approval)
    assert (refusal.reason, refusal.rule) == ("NOT_A_SUPERVISOR", "R1.2")
    assert district.events()[-1] == "intake.violation_recorded.v1"
    proposer = Caller(
        person="p-clerk", assignment="as-n", post_kind="SUPERVISION",
        roles=frozenset({"SUPERVISOR"}), unit=SUPERVISOR.unit, unit_path=SUPERVISOR.unit_path,
    )  # fmt: skip
    assert district.refusal("ApproveFurtherNotice", proposer, **approval).reason == (
        "APPROVED_BY_PROPOSER"
    )
    answer = district.command("ApproveFurtherNotice", SUPERVISOR, **approval)
    district.work()
    district.seal(CLERK, answer.document, f"{DEPARTMENT}-SPECIAL")
    paper = district.documents()["FURTHER_NOTICE"]
    assert (paper.document_number, paper.state) == (
        "周审批再补字〔2026〕01-00001号", pb.DOCUMENT_STATE_SERVED,
    )  # fmt: skip
    assert district.refusal("ApproveFurtherNotice", SUPERVISOR, **approval).reason == "NO_PROPOSAL"
    district.correct("M04")
    assert district.accept().document_number


def test_readings_9_a_notice_by_account_needs_consent_and_the_message(district):
    digest = district.upload()
    materials = [pb.HandedIn(material_code="M01", sha256=digest)]
    online = {"channel": pb.CHANNEL_ONLINE, "materials": materials}
    notice = district.notice("M04", "M05") | {"means": pb.NOTICE_MEANS_ACCOUNT}
    district.receive(APPLICANT, **online)
    assert district.refusal("GiveOneTimeNotice", CLERK, **notice).reason == "NO_CONSENT_ON_FILE"
    district.receive(APPLICANT, **online, electronic_service_consent=True)
    assert district.read().electronic_service_consent
    assert district.refusal("GiveOneTimeNotice", CLERK, **notice).reason == "MEANS_NOT_PROVEN"
    district.command("GiveOneTimeNotice", CLERK, **notice, proof="SMS-20260907-0001")
    assert district.read().state == pb.CASE_STATE_CORRECTION
