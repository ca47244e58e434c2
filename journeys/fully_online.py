"""Journey 2: 城市建筑垃圾处置核准 without anybody ever coming to a hall.

Applied online with a chosen account and consent to electronic service, the
originals fetched by courier, accepted without a notice, decided, the
certificate sent by EMS at no charge and signed for by its addressee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from liandong.delivery.v1 import delivery_service_pb2 as delivery
from liandong.intake.v1 import intake_service_pb2 as intake

from journeys.course import PDF, Citizen, Course, china
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["ITEM", "JOURNEY", "drive"]

ITEM = "370306-01-009"
CITIZEN = Citizen("a-0002", "赵示例", "370306198203040024")
CERTIFICATE = "CZ37030620260001"
FORBIDDEN = 403
FILES: Final = {code: PDF + f"%{code}".encode() for code in ("M01", "M02", "M03", "M04")}


@dataclass(slots=True)
class Online(Course):
    """The case of this journey, and its parcels."""

    def shipment(self, identity: str) -> Any:
        """Return a parcel as supervision sees it."""
        return self.world.do(self.reader, "delivery", "GetShipment", shipment=identity).shipment

    def reaches(self, identity: str, state: str) -> Any:
        """Wait until a parcel has come so far; return it."""
        wanted = delivery.ShipmentState.Value(f"SHIPMENT_STATE_{state}")
        return self.world.wait(
            f"{identity} {state}",
            lambda: self.shipment(identity),
            lambda found: found.state == wanted,
        )

    def asked_for_pickup(self, **more: Any) -> dict[str, Any]:
        return {"case_number": self.case_number, "pieces": 2, **more}


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the case number."""
    world.at(china(10, 8, 20, 30))
    applicant = world.applicant(CITIZEN.account, "申请人账户")
    case = Online(world, log, ITEM, world.staff("p-0102"), applicant, CITIZEN)
    apply(case)
    fetch(case)
    accept(case)
    decide(case)
    send(case)
    prove(case)
    return case.case_number


def apply(case: Online) -> None:
    case.receive_online(
        FILES,
        "处置装修产生的城市建筑垃圾（示例）",
        result_delivery="RESULT_DELIVERY_EMS",
        electronic_service_consent=True,
        say="申请人晚间在网上提交申请、上传材料、同意电子送达、选择EMS寄递，办件编号{case}；未到厅",
    )
    case.answer_offer(by_courier=True, say="申请人确认由EMS免费寄递结果，费用由区财政统一支付")


def fetch(case: Online) -> None:
    world, log = case.world, case.log
    try_what_is_forbidden(case)
    asked = world.do(case.applicant, "delivery", "RequestPickup", **case.asked_for_pickup())
    parcel = case.reaches(asked.shipment, "ACCEPTED")
    expect("the citizen pays nothing", holds=parcel.citizen_price_fen == 0)
    log.step(
        f"申请人预约上门取件（原件2件），EMS接单，运单号{parcel.waybill}；申请人支付0元，"
        f"区财政账户记账{parcel.amount_fen / 100:.2f}元"
    )
    refusal = world.refused(case.applicant, "delivery", "RequestPickup", **case.asked_for_pickup())
    log.refusal("取件未完成时再次预约", refusal, rule="", reason="PICKUP_UNDER_WAY")
    world.at(china(10, 9, 9))
    world.carrier.pick_up(parcel.waybill, china(10, 9, 9))
    case.reaches(parcel.shipment, "PICKED")
    answered = world.carrier.push_forged(parcel.waybill)
    expect("a forged callback is refused", holds=answered == FORBIDDEN)
    log.step(f"【被拒绝 验签失败】有人以错误的签名冒充承运方推送签收，系统拒绝（{answered}）并留痕")
    world.at(china(10, 9, 14))
    world.carrier.arrive(parcel.waybill, china(10, 9, 13, 30))
    world.carrier.sign(parcel.waybill, china(10, 9, 14))
    case.reaches(parcel.shipment, "SIGNED")
    register(case, parcel.shipment)


def try_what_is_forbidden(case: Online) -> None:
    world, log = case.world, case.log
    refusal = world.refused(
        case.clerk, "delivery", "RequestPickup", **case.asked_for_pickup(fee_fen=1200)
    )
    log.refusal("窗口向申请人收取取件费12元", refusal, rule="R2.7", reason="COURIER_NOT_FREE")
    refusal = world.refused(
        case.applicant, "delivery", "RequestPickup",
        **case.asked_for_pickup(carrier="SF", official_documents=True),
    )  # fmt: skip
    log.refusal(
        "由其他快递企业寄递含批准文件的原件", refusal,
        rule="邮政法 第五十五条", reason="NOT_THE_POSTAL_ENTERPRISE",
    )  # fmt: skip
    refusal = world.refused(
        case.applicant, "delivery", "RequestPickup", **case.asked_for_pickup(carrier="SF")
    )
    log.refusal("由没有资费协议的企业取件", refusal, rule="R2.8", reason="CARRIER_WITHOUT_CONTRACT")
    stranger = world.applicant("a-0099", "他人账户")
    refusal = world.refused(stranger, "delivery", "RequestPickup", **case.asked_for_pickup())
    log.refusal("他人为本件预约取件", refusal, rule="", reason="CASE_UNKNOWN")


def register(case: Online, shipment: str) -> None:
    world, log = case.world, case.log
    world.at(china(10, 9, 14, 30))
    second = world.staff("p-0107")
    originals = [{"material_code": code, "paper_pieces": 1} for code in ("M01", "M02")]
    case.on_case(
        case.clerk, "RegisterOriginals",
        shipment=shipment, originals=originals, second_person=second.caller.person,
    )  # fmt: skip
    case.pieces = 2
    log.step(f"{case.clerk.name}与{second.name}两人当面启封清点原件2件；不算到厅，不影响全程网办")


def accept(case: Online) -> None:
    case.world.at(china(10, 9, 15))
    answer = case.accept(
        say="{clerk}受理（材料齐全无需补正，自收到申请起算），出具{title} {number}，电子送达；"
        "承诺{due}前办结"
    )
    received = case.case().receive_time
    expect("accepted as of receipt", holds=answer.accept_time == received)
    case.world.at(china(10, 10, 9))  # a Saturday that is a working day
    case.hand_over(case.world.staff("p-0202"), "B-0201")


def decide(case: Online) -> None:
    world = case.world
    world.at(china(10, 12, 10))
    case.give_opinion(world.staff("p-0201"))
    world.at(china(10, 12, 15))
    answer = case.decide(
        world.staff("p-0301"),
        facts="申请人已落实运输车辆和消纳场地，处置方案符合要求。",
        legal_bases=["国务院对确需保留的行政审批项目设定行政许可的决定"],
    )
    expect("the promise was kept", holds=answer.promise_kept and answer.statutory_kept)


def send(case: Online) -> None:
    world, log = case.world, case.log
    world.at(china(10, 13, 9, 30))
    case.return_result(world.staff("p-0202"), "R-0201", certificate_number=CERTIFICATE)
    refusal = case.refused_on_case(world.staff("p-0202"), "DispatchResult")
    log.refusal("部门自行寄出结果", refusal, rule="R4.8", reason="HANDED_OUT_BY_DEPARTMENT")
    sent = case.on_case(case.clerk, "DispatchResult")
    parcel = case.reaches(f"{case.case_number}-OUT-{sent.attempt}", "ACCEPTED")
    expect("EMS, for nothing", holds=(parcel.carrier, parcel.citizen_price_fen) == ("EMS", 0))
    label = world.do(
        case.clerk, "delivery", "GetLabel", shipment=parcel.shipment, purpose="打印面单交寄结果"
    )
    expect("a label is printed", holds=label.pdf.startswith(b"%PDF") and label.print >= 1)
    log.step(
        f"受理窗口交EMS寄递决定书和证照，运单号{parcel.waybill}；面单只有姓名、电话、地址，"
        f"不写事项名称；申请人支付0元"
    )
    world.at(china(10, 14, 10, 30))
    world.carrier.pick_up(parcel.waybill, china(10, 13, 16))
    world.carrier.arrive(parcel.waybill, china(10, 14, 8, 30))
    world.carrier.sign(parcel.waybill, china(10, 14, 10, 20))
    served = world.wait(
        "the result is served",
        case.case,
        lambda found: found.state == intake.CASE_STATE_SERVED,
    )
    expect("nobody ever came", holds=served.visits == 0)
    case.document("PROOF_OF_SERVICE")
    log.step("承运方推送“本人签收”，系统向承运方回查核实后记为送达，送达回证载明运单号")
    again = world.carrier.push_again(parcel.waybill)
    world.carrier.push_forged(parcel.waybill)
    signed = case.shipment(parcel.shipment)
    expect("a replay changes nothing", holds=signed.state == delivery.SHIPMENT_STATE_SIGNED)
    expect("one parcel, one service", holds=case.case().serve_time == served.serve_time)
    log.step(f"承运方把{again}次推送原样重发一遍，没有任何变化")
    refusal = world.refused(
        case.clerk, "delivery", "GetLabel", shipment=parcel.shipment, purpose="再次打印面单"
    )
    log.refusal(
        "寄递完成后再次打印面单", refusal,
        rule="个人信息保护法 第十九条", reason="LABEL_NO_LONGER_KEPT",
    )  # fmt: skip


def prove(case: Online) -> None:
    world, log = case.world, case.log
    world.at(china(10, 14, 11))
    case.rate()
    asked = {"case_number": case.case_number}
    facts = world.do(case.reader, "metrics", "GetCaseFacts", **asked).facts
    expect(
        "fully online is proven, not declared",
        holds=facts.visits == facts.visits_before_decision == 0,
    )
    log.step("统计实证：到厅0次，决定前到厅0次，本件为全程网办；原件和证照均免费寄递")


JOURNEY = Journey("2", "城市建筑垃圾处置核准：全程网办、原件上门取件、EMS免费寄递", drive)
