"""Notices on the way, explanations, files and the register of numbers, through the API."""

from __future__ import annotations

import grpc
import pytest
from google.type.date_pb2 import Date
from liandong.common.v1 import common_pb2 as common
from liandong.common.v1 import item_terms_pb2 as terms
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.review.v1 import review_events_pb2 as review
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from services.intake.bootstrap import DEFINITION
from services.intake.domain.document import DocumentKind
from services.intake.tests.district import (
    APPLICANT,
    CLERK,
    OTHER_AUTHORITY,
    PNG,
    REVIEWER,
    STRANGER,
    due,
)
from services.intake.tests.fakes import DEPARTMENT

WAYBILL = "1100123456789"


@pytest.fixture
def accepted(district):
    district.receive_complete()
    district.accept()
    return district


def plan(district):
    district.hear(
        "review.special_procedure_planned.v1",
        review.SpecialProcedurePlanned(
            case_number=district.number, authority=DEPARTMENT, procedure=f"{district.number}-S1",
            kind=terms.SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW, days=10,
            start_date=Date(year=2026, month=9, day=24), institution="评审中心（示例）",
            source="行政许可法 第四十五条",
        ),
    )  # fmt: skip
    district.work()
    return district.documents()["SPECIAL_PROCEDURE"]


def test_art_45_a_special_procedure_is_told_after_its_notice_is_sealed(accepted):
    notice = plan(accepted)
    assert notice.document_number == "周审批特字〔2026〕01-00001号"
    give = {"document": notice.document, "means": pb.NOTICE_MEANS_SIGNED_AT_WINDOW}
    assert accepted.refusal("GiveProcessNotice", CLERK, **give).reason == "NOTICE_NOT_ISSUED"
    accepted.seal(REVIEWER, notice.document, f"{DEPARTMENT}-SPECIAL")
    accepted.command("GiveProcessNotice", CLERK, **give)
    again = accepted.refusal("GiveProcessNotice", CLERK, **give)
    assert again.reason == "PROCESS_NOTICE_GIVEN_BEFORE"
    assert "intake.process_notice_given.v1" in accepted.events()


def test_how_a_notice_is_given_is_proven(accepted):
    notice = plan(accepted)
    accepted.seal(REVIEWER, notice.document, f"{DEPARTMENT}-SPECIAL")
    give = {"document": notice.document, "means": pb.NOTICE_MEANS_ACCOUNT}
    assert accepted.refusal("GiveProcessNotice", REVIEWER, **give).reason == "NO_CONSENT_ON_FILE"
    give["means"] = pb.NOTICE_MEANS_EMS
    assert accepted.refusal("GiveProcessNotice", REVIEWER, **give).reason == "EMS_NUMBER_MISSING"
    accepted.command("GiveProcessNotice", REVIEWER, ems_number=WAYBILL, **give)
    receipt = accepted.documents()["MATERIALS_RECEIPT"].document
    wrong = accepted.refusal(
        "GiveProcessNotice", CLERK, document=receipt, means=pb.NOTICE_MEANS_SIGNED_AT_WINDOW
    )
    assert wrong.reason == "NOT_A_PROCESS_NOTICE"


def test_art_42_an_extension_moves_the_dates_and_is_told(accepted):
    accepted.hear(
        "review.limit_extended.v1",
        review.LimitExtended(
            case_number=accepted.number, authority=DEPARTMENT, extension=f"{accepted.number}-E1",
            amount=10, unit=common.LIMIT_UNIT_WORKING_DAY, reasons="资料须核实", approver="p-head",
            approved_as=terms.EXTENSION_APPROVER_AUTHORITY_HEAD,
            statutory_due=due(2026, 10, 26), promise_due=due(2026, 9, 29),
            source="行政许可法 第四十二条第一款",
        ),
    )  # fmt: skip
    assert accepted.read().statutory_due == due(2026, 10, 26)
    accepted.work()
    notice = accepted.documents()["EXTENSION_NOTICE"]
    accepted.seal(REVIEWER, notice.document, f"{DEPARTMENT}-AUTHORITY")
    assert accepted.dead_or_waiting() == []


def test_dates_that_the_review_computed_again_are_those_of_the_case(accepted):
    fact = review.DatesRecomputed(
        case_number=accepted.number, authority=DEPARTMENT, cause="SPECIAL_PROCEDURE",
        promise_due=due(2026, 10, 8), statutory_due=due(2026, 10, 26),
    )  # fmt: skip
    accepted.hear("review.dates_recomputed.v1", fact)
    view = accepted.read()
    assert (view.promise_due, view.statutory_due) == (due(2026, 10, 8), due(2026, 10, 26))


def ask(district):
    fact = review.ExplanationRequested(
        case_number=district.number, authority=DEPARTMENT, explanation=f"{district.number}-X1",
        question="请说明二层用途。", requested_by="p-reviewer",
    )  # fmt: skip
    district.hear("review.explanation_requested.v1", fact)
    district.work()
    return f"{district.number}-X1"


def test_an_applicant_explains_once_and_before_the_decision(accepted):
    explanation = ask(accepted)
    digest = accepted.upload(PNG + b"2")
    say = {"explanation": explanation, "text": "二层为库房。"}
    lost = pb.HandedIn(material_code="S1", sha256="e" * 64)
    assert accepted.refusal("GiveExplanation", APPLICANT, **say, materials=[lost]).reason == (
        "BLOB_UNKNOWN"
    )
    unasked = {**say, "explanation": "none"}
    assert accepted.refusal("GiveExplanation", APPLICANT, **unasked).reason == "EXPLANATION_UNKNOWN"
    file = pb.HandedIn(material_code="S1", sha256=digest)
    accepted.command("GiveExplanation", APPLICANT, **say, materials=[file])
    assert accepted.refusal("GiveExplanation", APPLICANT, **say).reason == "ALREADY_EXPLAINED"
    accepted.decide()
    assert accepted.refusal("GiveExplanation", APPLICANT, **say).reason == "DECIDED_ALREADY"
    assert read(accepted, REVIEWER, digest) == PNG + b"2"


def read(district, caller, digest, offset=0):
    return district.call(
        "ReadMaterial", caller, "ReadMaterialRequest",
        case_number=district.number, sha256=digest, offset=offset,
    ).chunk  # fmt: skip


def test_a_file_is_read_by_whose_case_it_is_and_every_piece_is_noted(district):
    district.receive()
    district.notify("M04", "M05")
    district.correct("M04", "M05")
    digest = next(each.sha256 for each in district.read().materials if each.sha256)
    assert read(district, REVIEWER, digest) == PNG
    assert read(district, APPLICANT, digest, offset=4) == PNG[4:]
    for caller, reason in ((OTHER_AUTHORITY, "OUT_OF_SCOPE"), (STRANGER, "CASE_UNKNOWN")):
        with pytest.raises(grpc.RpcError) as caught:
            read(district, caller, digest)
        assert refusal_of(caught.value).reason == reason
    other = district.upload(PNG + b"3")
    with pytest.raises(grpc.RpcError) as caught:
        read(district, REVIEWER, other)
    assert refusal_of(caught.value).reason == "MATERIAL_FILE_UNKNOWN"
    audit = DEFINITION.tables.audit.audit.c
    rows = district.rows(select(audit.detail).where(audit.action.like("%/ReadMaterial")))
    assert [digest in row.detail for row in rows] == [True, True]


def register(district, caller=REVIEWER, **changes):
    fields = {"authority": DEPARTMENT, "kind": "ACCEPTANCE_NOTICE", "year": 2026} | changes
    return district.call("ListDocumentRegister", caller, "ListDocumentRegisterRequest", **fields)


def test_the_register_shows_every_number_and_what_was_voided(accepted):
    old = accepted.documents()["ACCEPTANCE_NOTICE"]
    answer = accepted.command("VoidDocument", CLERK, document=old.document, reason="打印污损")
    assert answer.document_number == "周审批受字〔2026〕01-00002号"
    again = accepted.refusal("VoidDocument", CLERK, document=old.document, reason="again")
    assert again.reason == "VOIDED_BEFORE"
    accepted.work()
    first, second = register(accepted).entries
    assert (first.state, first.void_reason, first.document) == (
        pb.DOCUMENT_STATE_VOIDED, "打印污损", old.document,
    )  # fmt: skip
    assert (second.ordinal, second.document_number) == (2, answer.document_number)
    assert not second.void_reason
    page = register(accepted, page_size=1)
    rest = register(accepted, page_size=1, page_token=page.next_page_token)
    assert [each.ordinal for each in (*page.entries, *rest.entries)] == [1, 2]
    assert register(accepted, kind="NOTHING").entries == []
    with pytest.raises(grpc.RpcError) as caught:
        register(accepted, OTHER_AUTHORITY)
    assert refusal_of(caught.value).reason == "OUT_OF_SCOPE"


def test_what_holds_is_not_voided(accepted):
    accepted.work()
    papers = accepted.documents()
    receipt, notice = papers["MATERIALS_RECEIPT"].document, papers["ACCEPTANCE_NOTICE"].document
    accepted.seal(CLERK, notice, f"{DEPARTMENT}-SPECIAL")
    for document, reason in ((receipt, "NOT_NUMBERED"), (notice, "ISSUED_NOT_LOST")):
        refused = accepted.refusal("VoidDocument", CLERK, document=document, reason="x")
        assert refused.reason == reason


def test_a_grant_says_what_for_until_when_and_on_which_conditions(accepted):
    accepted.review.decision.update(
        content="热食类食品制售", conditions=["须在专间内加工"],
        valid_until_date=Date(year=2031, month=9, day=21),
    )  # fmt: skip
    accepted.decide()
    accepted.work()
    paper = accepted.documents()[DocumentKind.GRANT_DECISION.name]
    text = accepted.text_of(paper.document)
    for said in ("热食类食品制售", "须在专间内加工", "2031年9月21日", "公众有权查阅"):
        assert said in text
