"""What goes wrong after acceptance: paper, parcels, posts and windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from liandong.intake.v1 import intake_service_pb2 as intake

from journeys.course import DISTRICT, PDF, Citizen, china, entry, paper
from journeys.fully_online import Online
from journeys.life_before import BASIS, PAPERS, SUMMARY, begin, take_back
from journeys.recorder import Recorder, expect
from journeys.stories import Story
from journeys.world import Actor, World

__all__ = ["dispatched", "followed", "lost_and_found", "merged", "opened", "sent_twice", "waived"]

PERMITS: Final = ["行政许可法 第三十八条第一款"]
FACTS = "申请人已落实运输车辆和消纳场地，处置方案符合要求。"
W01, W04 = f"{DISTRICT}-C1-W01", f"{DISTRICT}-C1-W04"


# --- paper that never arrives, a head who waives it, a reviewer who moves to the window ----------


def waived(world: World, log: Recorder) -> Story:
    """Decide without the paper that the head waived; leave the result with who refuses it."""
    yield china(12, 3, 15)
    case = begin(world, log, Citizen("a-1004", "张示例", "370306196508080044"))
    case.receive_at_window(PAPERS, SUMMARY, result_delivery="RESULT_DELIVERY_EMS")
    case.accept()
    yield china(12, 4, 9)
    case.on_case(case.clerk, "HandOverBundle", bag="B-1003", pieces=4)
    yield china(12, 4, 10)
    reviewer = world.staff("p-0106")
    case.give_opinion(reviewer)
    yield from waive(case)
    yield from from_the_other_desk(case, reviewer)
    yield from left_behind(case)


def waive(case: Online) -> Story:
    world, log = case.world, case.log
    yield china(12, 7, 16)
    decider, head = world.staff("p-0301"), world.staff("p-0302")
    decision: dict[str, Any] = {
        "outcome": "DECISION_OUTCOME_GRANTED",
        "facts": FACTS,
        "legal_bases": PERMITS,
        "content": "准予处置建筑垃圾120吨。",
    }
    refusal = case.refused_on_review(decider, "Decide", **decision)
    log.refusal("纸质材料尚未签收就决定", refusal, rule="R4.5", reason="BUNDLE_NOT_RECEIVED")
    reason = "封袋未送达，电子卷宗齐全一致，不影响审查。"
    other = case.refused_on_review(decider, "WaiveBundle", reason=reason)
    log.refusal("审批人员自行豁免纸质材料", other, rule="R4.5", reason="WAIVED_BY_OTHER")
    case.on_review(head, "WaiveBundle", reason=reason)
    log.step(f"封袋一直未送达（红灯）：{head.name}书面说明理由豁免，凭电子卷宗决定，时限不停")
    case.decide(decider, facts=FACTS, legal_bases=PERMITS, content=decision["content"])


def from_the_other_desk(case: Online, before: Actor) -> Story:
    """Let the reviewer, by now a clerk, try what belongs to her old post."""
    world, log = case.world, case.log
    yield china(12, 8, 9)
    moved = world.staff("p-0106")
    expect("she holds a window post", holds=moved.caller.post_kind == "WINDOW")
    refusal = case.refused_on_review(moved, "SubmitOpinion", proposes_grant=True, text="同意。")
    log.refusal(
        "调入窗口的人员继续审查", refusal, rule=refusal.rule, reason="NOT_A_DEPARTMENT_POST"
    )
    yield china(12, 8, 11)
    sender = world.staff("p-0202")
    case.on_case(sender, "ReturnResult", certificate_number="CZ37030620261004", bag="R-1003")
    case.clerk = moved
    case.on_case(moved, "ReceiveResult", bag="R-1003")
    log.step(
        f"{before.name}12月7日调入窗口：此后只行使窗口职责，以{moved.name}签收{sender.name}"
        "回传的结果"
    )


def left_behind(case: Online) -> Story:
    """Send it; the addressee refuses it at the door, and again before witnesses."""
    world, log = case.world, case.log
    yield china(12, 8, 14)
    parcel = dispatched(case, china(12, 8, 14))
    yield china(12, 9, 10, 30)
    world.carrier.arrive(parcel, china(12, 9, 9))
    world.carrier.refuse(parcel, china(12, 9, 10))
    opened(case, "REFUSED")
    expect("it is at the window again", holds=case.case().state == intake.CASE_STATE_READY)
    log.step("邮件被当面拒收：送达没有完成，结果退回窗口，办件仍在送达中")
    yield china(12, 11, 15)
    served: dict[str, Any] = {
        "means": "OTHER_SERVICE_LEFT_WITH_WITNESS",
        "reason": "受送达人认为核准数量不足，拒绝签收。",
        "place": "周村区丝绸路街道车站社区1号",
    }
    alone = case.refused_on_case(case.clerk, "ServeOtherwise", witnesses=["社区甲"], **served)
    log.refusal(
        "只有一名见证人的留置", alone,
        rule="民事诉讼法 第八十九条", reason="WITNESSES_MISSING",
    )  # fmt: skip
    case.on_case(
        case.clerk, "ServeOtherwise", witnesses=["社区甲（示例）", "社区乙（示例）"], **served
    )
    case.document("PROOF_OF_SERVICE")
    expect("left behind", holds=case.case().service_means == "LEFT_WITH_WITNESS")
    log.step("两名社区工作人员到场见证，留置送达，送达回证记明拒收事由")


# --- paper that is lost, a result that is sent twice ----------------------------------------------


def lost_and_found(case: Online) -> Story:
    """Lose the paper on its way, make it again, and decide."""
    world, log = case.world, case.log
    yield china(12, 8, 15)
    case.on_case(case.clerk, "HandOverBundle", bag="B-1001", pieces=3)
    yield china(12, 10, 9)
    expect("red", holds=case.case().bundles[-1].overdue)
    case.told("BUNDLE_OVERDUE")
    case.on_case(
        case.clerk, "ReportBundleLost", bag="B-1001", account="交接途中遗失，已查找一日未果。"
    )
    receiver = world.staff("p-0202")
    gone = case.refused_on_case(receiver, "ReceiveBundle", bag="B-1001", pieces=3)
    log.refusal("签收已经报失的封袋", gone, rule="R4.5", reason="NO_BUNDLE_ON_ITS_WAY")
    case.hand_over(
        receiver, "B-1002", pieces=3,
        say="封袋次日未签收（红灯），查明遗失：由移交窗口凭存档复制{pieces}件重新移交，{receiver}签收，"
        "不向申请人再要一份",
    )  # fmt: skip
    yield china(12, 10, 14)
    case.give_opinion(world.staff("p-0201"))
    yield china(12, 11, 10)
    case.decide(
        world.staff("p-0301"), facts=FACTS, legal_bases=PERMITS,
        content="准予处置建筑垃圾80吨。", conditions=["运输车辆须全程密闭"],
    )  # fmt: skip
    case.return_result(receiver, "R-1001", certificate_number="CZ37030620261001")


def sent_twice(case: Online) -> Story:
    """Send the result twice: once it comes back, once the wrong hand signs."""
    world, log = case.world, case.log
    yield china(12, 11, 15)
    first = dispatched(case, china(12, 11, 15))
    yield china(12, 14, 9)
    world.carrier.arrive(first, china(12, 12, 9))
    world.carrier.refuse(first, china(12, 12, 10))
    world.carrier.return_to_sender(first, china(12, 14, 8, 30))
    opened(case, "REFUSED")
    log.step("家人误以为推销件拒收，邮件退回：送达没有完成，窗口再次免费交寄")
    yield china(12, 14, 10)
    second = dispatched(case, china(12, 14, 10))
    yield china(12, 15, 11)
    world.carrier.arrive(second, china(12, 15, 9))
    world.carrier.sign(second, china(12, 15, 10, 30), by="OTHER")
    opened(case, "SIGNED_BY_OTHER")
    expect("on its way still", holds=case.case().state == intake.CASE_STATE_IN_DELIVERY)
    log.step("承运方报“代签”，档案里没有委托书：不算送达，办件保持送达未完成")
    proxy: dict[str, Any] = {"recipient": "RECIPIENT_MANDATED_AGENT", "signed_by": "邻居甲"}
    refusal = case.refused_on_case(case.clerk, "HandOut", **proxy)
    log.refusal(
        "没有委托书由他人代领", refusal,
        rule="行政许可法 第四十四条", reason="SIGNATURE_WITHOUT_MANDATE",
    )  # fmt: skip
    neighbour = case.refused_on_case(
        case.clerk, "ConfirmService", confirmed_by="邻居甲", how="电话确认"
    )
    log.refusal(
        "由代签人确认送达", neighbour,
        rule="行政许可法 第四十四条", reason="SIGNATURE_WITHOUT_MANDATE",
    )  # fmt: skip
    yield china(12, 16, 9)
    case.on_case(
        case.clerk, "ConfirmService",
        confirmed_by=case.citizen.name, how="申请人持身份证视频确认已从家人处收到",
    )  # fmt: skip
    case.document("PROOF_OF_SERVICE")
    log.step("申请人本人确认收到，送达完成；送达回证载明两次交寄中签收那次的运单号")


# --- a window that goes into another --------------------------------------------------------------


def merged(world: World, log: Recorder) -> Story:
    """Accept at a window that is merged before it hands anything over; its successor goes on."""
    yield china(12, 9, 9)
    approver = world.staff("p-0502")
    world.do(
        approver, "catalog", "MergeWindow",
        window_unit=W04, successor=W01, from_date={"year": 2026, "month": 12, "day": 14},
    )  # fmt: skip
    log.step("12月9日公布：4号综合窗口自12月14日起并入1号综合窗口")
    yield china(12, 11, 15)
    case = begin(world, log, Citizen("a-1005", "孔示例", "370306197406150050"), "p-0105")
    case.receive_at_window(PAPERS, SUMMARY)
    case.accept()
    yield china(12, 14, 10)
    case.clerk = world.staff("p-0102")
    case.hand_over(
        world.staff("p-0202"), "B-1004",
        say="4号窗口已受理的办件，由并入后的1号窗口移交纸质材料{pieces}件，{receiver}签收",
    )  # fmt: skip
    case.give_opinion(world.staff("p-0201"))
    yield china(12, 14, 11)
    case.decide(
        world.staff("p-0301"), facts=FACTS, legal_bases=PERMITS, content="准予处置建筑垃圾60吨。"
    )
    yield china(12, 14, 15)
    sender = world.staff("p-0202")
    case.on_case(sender, "ReturnResult", certificate_number="CZ37030620261005", bag="R-1004")
    foreign = case.refused_on_case(world.staff("p-0103"), "ReceiveResult", bag="R-1004")
    log.refusal("其他窗口接收结果", foreign, rule="R4.7", reason="NOT_THE_ACCEPTING_WINDOW")
    case.on_case(case.clerk, "ReceiveResult", bag="R-1004")
    yield china(12, 15, 9)
    case.hand_out(say="并入后的1号窗口接续4号窗口的职责，{signed_by}签收；其他窗口仍不得发证")


def followed(world: World, log: Recorder) -> Story:
    """Receive at that window and do nothing; its successor notices, accepts and takes back."""
    yield china(12, 11, 16)
    case = begin(world, log, Citizen("a-1006", "曹示例", "370306199006080013"), "p-0105")
    case.receive_at_window([paper("M01"), paper("M02"), paper("M03")], SUMMARY)
    yield china(12, 14, 9)
    case.told("CASE_FOLLOWED_MERGER")
    expect("it is the successor's", holds=case.case().window_unit == W01)
    case.clerk = world.staff("p-0102")
    case.give_notice(
        [entry("M04", "MISSING", "补交消纳场地证明。", BASIS)],
        say="4号窗口收件未受理的办件于并入之日转至1号窗口：{clerk}在原期限内一次性告知，"
        "出具{title} {number}",
    )
    yield china(12, 14, 16)
    case.correct_online({"M04": PDF + b"%site"})
    case.accept(say="{clerk}受理，{title} {number}；受理窗口为并入后的1号窗口")
    take_back(case, "改用资源化利用方式。")
    log.step("申请人到1号窗口书面撤回，由该窗口登记")


def dispatched(case: Online, at: datetime) -> str:
    """Give the result to the courier; return the waybill once it has the parcel."""
    answer = case.on_case(case.clerk, "DispatchResult")
    parcel = case.reaches(f"{case.case_number}-OUT-{answer.attempt}", "ACCEPTED")
    waybill: str = parcel.waybill
    case.world.carrier.pick_up(waybill, at + timedelta(minutes=15))
    case.reaches(parcel.shipment, "PICKED")
    return waybill


def opened(case: Online, reason: str) -> None:
    """Wait until service is open for that reason."""
    case.world.wait(
        f"service open: {reason}",
        case.case,
        lambda found: found.service_open_reason == reason,
    )
