"""After acceptance, through the API: several authorities, service, notices, the register."""

from __future__ import annotations

from datetime import UTC, timedelta

import grpc
import pytest
from google.type.date_pb2 import Date
from liandong.common.v1 import common_pb2 as common
from liandong.common.v1 import item_terms_pb2 as terms
from liandong.delivery.v1 import delivery_events_pb2 as delivery
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.review.v1 import review_events_pb2 as review
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from services.intake.bootstrap import DEFINITION
from services.intake.tests.counter import Counter
from services.intake.tests.district import (
    CLERK,
    COLLEAGUE,
    DECIDER,
    FOREIGN,
    OTHER_AUTHORITY,
    REVIEWER,
    due,
    official,
)
from services.intake.tests.fakes import DEPARTMENT, W01, W02

D06 = "370306000000-D06"
LAW = official("p-law", "REVIEWER", D06)
LAW_DECIDER = official("p-law-decider", "DECIDER", D06)
WAYBILL = "1100123456789"


def limit(days):
    return common.Limit(
        amount=days, unit=common.LIMIT_UNIT_WORKING_DAY, start=common.LIMIT_START_ACCEPTED
    )


def part(authority, name, prefix, days, **more):
    return terms.AuthorityPart(
        authority=authority, name=name, statutory_limit=limit(days), promised_limit=limit(5),
        persons_required=2, authority_name=f"周村区{prefix}（示例）", authority_prefix=prefix,
        review_body="周村区人民政府", court="淄博市周村区人民法院", **more,
    )  # fmt: skip


@pytest.fixture
def joint(district):
    version = district.catalog.version
    version.joint_form = terms.JOINT_FORM_JOINT_HANDLING
    version.parts.extend(
        [
            part(DEPARTMENT, "食品经营许可", "周审批", 10, result_name="食品经营许可证"),
            part(D06, "户外招牌设置审批", "周综执", 20),
        ]
    )
    district.receive_complete()
    district.accept()
    return district


def decide(district, authority, decider, outcome="GRANTED"):
    fact = review.DecisionMade(
        case_number=district.number, authority=authority, decider=decider, outcome=outcome,
        promise_due=due(2026, 9, 29), statutory_due=due(2026, 10, 13),
    )  # fmt: skip
    fact.decide_time.FromDatetime(district.clock.now())
    district.hear("review.decision_made.v1", fact)
    district.read()


def all_documents(district, caller=CLERK):
    return district.call(
        "ListDocuments", caller, "ListDocumentsRequest", case_number=district.number
    ).documents


def seal_decisions(district):
    district.work()
    for paper in all_documents(district):
        if paper.kind in ("GRANT_DECISION", "DENIAL_DECISION"):
            keeper = LAW_DECIDER if paper.authority == D06 else DECIDER
            district.seal(keeper, paper.document, f"{paper.authority}-AUTHORITY")


def test_two_authorities_decide_each_under_its_own_number_and_seal(joint):
    decide(joint, DEPARTMENT, "p-decider")
    assert joint.read().state == pb.CASE_STATE_ACCEPTED
    decide(joint, D06, "p-law-decider", "DENIED")
    view = joint.read()
    assert (view.state, view.outcome) == (pb.CASE_STATE_DECIDED, pb.DECISION_OUTCOME_PARTLY)
    numbers = {each.authority: each.document_number for each in all_documents(joint)}
    assert numbers[D06] == "周综执不准字〔2026〕01-00001号"
    assert numbers[DEPARTMENT] == "周审批准字〔2026〕01-00001号"
    joint.work()
    denial = next(each for each in all_documents(joint) if each.authority == D06)
    foreign = joint.refusal(
        "SealDocument", LAW_DECIDER, document=denial.document,
        seal=f"{DEPARTMENT}-AUTHORITY", scan_sha256="a" * 64,
    )  # fmt: skip
    assert foreign.reason == "WRONG_SEAL_KIND"


def test_both_results_go_out_together(joint):
    decide(joint, DEPARTMENT, "p-decider")
    decide(joint, D06, "p-law-decider", "DENIED")
    seal_decisions(joint)
    joint.command("ReturnResult", REVIEWER, certificate_number="JY1", bag="B-1")
    joint.command("ReturnResult", LAW, bag="B-6")
    joint.command("ReceiveResult", COLLEAGUE, bag="B-6")
    here = {each.authority: each.result_here for each in joint.read().decisions}
    assert here == {DEPARTMENT: False, D06: True}
    assert joint.refusal("HandOut", COLLEAGUE, **joint.collection()).reason == "RESULT_NOT_HERE"
    joint.command("ReceiveResult", COLLEAGUE, bag="B-1")
    joint.hand_out()
    joint.work()
    served = [each for each in all_documents(joint) if each.HasField("serve_time")]
    assert {each.kind for each in served} == {"GRANT_DECISION", "DENIAL_DECISION"}
    assert joint.documents()["PROOF_OF_SERVICE"].state == pb.DOCUMENT_STATE_ISSUED
    assert joint.dead_or_waiting() == []


def test_every_authority_reaches_the_case_and_no_other(joint):
    assert joint.read(LAW).decisions[1].name == "户外招牌设置审批"
    listed = joint.call("ListCases", LAW, "ListCasesRequest").cases
    assert [each.case_number for each in listed] == [joint.number]
    with pytest.raises(grpc.RpcError) as caught:
        joint.read(OTHER_AUTHORITY)
    assert refusal_of(caught.value).reason == "OUT_OF_SCOPE"
    assert joint.call("ListCases", OTHER_AUTHORITY, "ListCasesRequest").cases == []


def test_what_the_departments_are_told_of_their_tasks_is_on_the_wire(joint):
    outbox = DEFINITION.tables.outbox.outbox
    [row] = joint.rows(select(outbox.c.envelope).where(outbox.c.type == "intake.case_accepted.v1"))
    assert "户外招牌设置审批".encode() in row.envelope


@pytest.fixture
def sent(district):
    district.receive_complete()
    district.accept()
    district.answer_courier(by_courier=True)
    district.bring_back()
    district.command("DispatchResult", COLLEAGUE)
    return district


def shipment(district, kind, attempt=1, direction="OUT", **fields):
    name = f"{district.number}-{direction}-{attempt}"
    message = kind(case_number=district.number, shipment=name, direction=direction, **fields)
    stamp = message.sign_time if kind is delivery.ShipmentSigned else message.fail_time
    stamp.FromDatetime(district.clock.now())
    signed = kind is delivery.ShipmentSigned
    district.hear(f"delivery.shipment_{'signed' if signed else 'failed'}.v1", message)
    return district.read()


def test_a_parcel_that_the_addressee_signed_for_serves_the_result(sent):
    assert sent.read().state == pb.CASE_STATE_IN_DELIVERY
    view = shipment(sent, delivery.ShipmentSigned, signer="ADDRESSEE", waybill=WAYBILL)
    assert (view.state, view.service_means) == (pb.CASE_STATE_SERVED, "EMS")
    sent.work()
    assert sent.documents()["PROOF_OF_SERVICE"].state == pb.DOCUMENT_STATE_ISSUED
    assert "intake.result_served.v1" in sent.events()
    assert sent.refusal("HandOut", COLLEAGUE, **sent.collection()).reason == "ALREADY_HANDED_OUT"


def test_a_parcel_to_the_centre_serves_nothing(sent):
    view = shipment(sent, delivery.ShipmentSigned, signer="ADDRESSEE", direction="IN")
    assert view.state == pb.CASE_STATE_IN_DELIVERY


def test_a_signature_of_another_stays_open_until_the_addressee_confirms_it(sent):
    view = shipment(sent, delivery.ShipmentSigned, signer="OTHER", waybill=WAYBILL)
    assert view.service_open_reason == "SIGNED_BY_OTHER"
    wrong = sent.refusal("ConfirmService", COLLEAGUE, confirmed_by="李四", how="来电")
    assert wrong.reason == "SIGNATURE_WITHOUT_MANDATE"
    answer = sent.command("ConfirmService", COLLEAGUE, confirmed_by="王小丽", how="本人到窗口确认")
    view = sent.read()
    assert (view.service_means, view.serve_time) == ("CONFIRMED", answer.serve_time)
    sent.work()
    assert sent.dead_or_waiting() == []


@pytest.mark.parametrize("may_collect", [True, False])
def test_readings_9_a_mandate_on_file_lets_its_agent_sign_if_it_says_so(district, may_collect):
    counter = Counter(district)
    taken = counter.take(mandate=counter.mandate(may_collect=may_collect))
    counter.pass_on(taken, W01)
    counter.receive(taken, CLERK)
    district.accept()
    district.answer_courier(by_courier=True)
    district.bring_back()
    district.command("DispatchResult", COLLEAGUE)
    view = shipment(district, delivery.ShipmentSigned, signer="OTHER", waybill=WAYBILL)
    served = view.state == pb.CASE_STATE_SERVED
    assert (served, view.service_open_reason) == (
        may_collect, "" if may_collect else "SIGNED_BY_OTHER",
    )  # fmt: skip


def test_a_refused_parcel_is_left_before_two_witnesses(sent):
    view = shipment(sent, delivery.ShipmentFailed, reason="REFUSED")
    assert (view.state, view.service_open_reason) == (pb.CASE_STATE_READY, "REFUSED")
    service = {
        "means": pb.OTHER_SERVICE_LEFT_WITH_WITNESS, "reason": "拒绝签收", "place": "丝市街12号",
    }  # fmt: skip
    for missing, reason in (
        ({"witnesses": ["赵一鸣"]}, "WITNESSES_MISSING"),
        ({"reason": "", "witnesses": ["赵一鸣", "孙丽华"]}, "REFUSAL_REASON_MISSING"),
        ({"place": "", "witnesses": ["赵一鸣", "孙丽华"]}, "SERVICE_PLACE_MISSING"),
    ):
        assert sent.refusal("ServeOtherwise", COLLEAGUE, **{**service, **missing}).reason == reason
    sent.command("ServeOtherwise", COLLEAGUE, **service, witnesses=["赵一鸣", "孙丽华"])
    assert sent.read().service_means == "LEFT_WITH_WITNESS"
    sent.work()
    assert sent.dead_or_waiting() == []


def test_an_announcement_serves_by_itself_when_its_period_has_run(sent):
    shipment(sent, delivery.ShipmentFailed, reason="RETURNED")
    announce = {
        "means": pb.OTHER_SERVICE_ANNOUNCED, "reason": "地址已搬离", "place": "政府网站",
    }  # fmt: skip
    answer = sent.command("ServeOtherwise", COLLEAGUE, **announce)
    assert sent.events()[-1] == "intake.result_announced.v1"
    assert answer.revision == sent.read().revision
    assert sent.refusal("ServeOtherwise", COLLEAGUE, **announce).reason == "ALREADY_ANNOUNCED"
    assert sent.read().state == pb.CASE_STATE_READY
    sent.clock.instant = answer.serve_time.ToDatetime(tzinfo=UTC) + timedelta(minutes=1)
    view = sent.read()
    assert (view.state, view.serve_time) == (pb.CASE_STATE_SERVED, answer.serve_time)
    sent.sweep("record_announced_service")
    assert "intake.result_served.v1" in sent.events()
    sent.work()
    assert sent.documents()["PROOF_OF_SERVICE"].state == pb.DOCUMENT_STATE_ISSUED


def test_nothing_is_open_before_a_parcel_failed(district):
    district.receive_complete()
    district.accept()
    district.bring_back()
    announce = {"means": pb.OTHER_SERVICE_ANNOUNCED, "reason": "x", "place": "y"}
    assert district.refusal("ServeOtherwise", COLLEAGUE, **announce).reason == "SERVICE_NOT_OPEN"
    confirm = {"confirmed_by": "王小丽", "how": "来电"}
    assert district.refusal("ConfirmService", COLLEAGUE, **confirm).reason == "SERVICE_NOT_OPEN"
    assert district.refusal("DispatchResult", COLLEAGUE).reason == "COURIER_NOT_CHOSEN"
    assert district.refusal("DispatchResult", REVIEWER).reason == "HANDED_OUT_BY_DEPARTMENT"
    assert district.refusal("DispatchResult", FOREIGN).reason == "NOT_THE_ACCEPTING_WINDOW"


def test_readings_6_a_merged_window_is_succeeded_by_the_one_it_went_into(district):
    district.receive_complete()
    district.accept()
    district.bring_back()
    district.catalog.predecessors = {W02: [W01]}
    district.hand_out(FOREIGN)
    assert district.read().service_means == "WINDOW"


def test_art_44_the_last_day_of_service_is_shown_from_the_decision_on(district):
    district.receive_complete()
    district.accept()
    assert not district.read().HasField("service_due")
    district.decide()
    assert district.read().service_due.on == Date(year=2026, month=10, day=12)


def test_what_was_served_is_not_voided_and_what_another_issued_neither(joint):
    decide(joint, DEPARTMENT, "p-decider")
    grant = joint.documents()["GRANT_DECISION"].document
    wrong = joint.refusal("VoidDocument", LAW, document=grant, reason="x")
    assert (wrong.reason, wrong.rule) == ("NOT_THIS_AUTHORITY", "R4.6")
    decide(joint, D06, "p-law-decider")
    seal_decisions(joint)
    joint.command("ReturnResult", REVIEWER, certificate_number="JY1", bag="B-1")
    joint.command("ReturnResult", LAW, bag="B-6")
    for bag in ("B-1", "B-6"):
        joint.command("ReceiveResult", COLLEAGUE, bag=bag)
    joint.hand_out()
    served = joint.refusal("VoidDocument", REVIEWER, document=grant, reason="x", lost=True)
    assert served.reason == "SERVED_DOCUMENT_VOIDED"
