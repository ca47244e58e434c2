"""What goes wrong before a department begins: numbers, fees, corrections, withdrawals."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.review.v1 import review_service_pb2 as review

from journeys.course import PDF, Citizen, Course, china, entry, paper
from journeys.fully_online import Online
from journeys.one_case import MEDIA_TYPE
from journeys.recorder import Recorder, expect
from journeys.stories import Story
from journeys.world import World

__all__ = [
    "BASIS",
    "ITEM",
    "PAPERS",
    "SUMMARY",
    "begin",
    "fees",
    "half_cured",
    "never_corrected",
    "numbers",
    "take_back",
    "withdrawn",
]

ITEM: Final = "370306-01-009"
BASIS: Final = "城市建筑垃圾管理规定 第七条"
SUMMARY = "旧房拆除建筑垃圾处置（示例）"
PAPERS = [paper("M01"), paper("M02"), paper("M03"), paper("M04")]

# Numbers that libraries at hand let through, and why they are none.
WRONG = (
    ("NATURAL_PERSON", "370306195001010019", "身份证号码校验位不符"),
    ("NATURAL_PERSON", "370306202701010011", "身份证号码的出生日期在将来"),
    ("NATURAL_PERSON", "370306199002300011", "身份证号码的出生日期不存在"),
    ("ORGANISATION", "92370306MA3TE5T03G", "统一社会信用代码校验位不符"),
    ("ORGANISATION", "9I370306MA3TE5T03G", "统一社会信用代码用了不用的字母"),
)
# Numbers that libraries at hand refuse, and whose they are.
RIGHT = (
    ("NATURAL_PERSON", "370306195001010018", "1950年出生的周村居民（当年尚无现行区划代码）"),
    ("NATURAL_PERSON", "810000199408230021", "持港澳台居民居住证的香港居民"),
    ("NATURAL_PERSON", "11010519491231002x", "号码末位写成小写的申请人"),
    ("ORGANISATION", "N2370306MA3TE5T03G", "村集体经济组织"),
)


def begin(
    world: World, log: Recorder, citizen: Citizen, clerk: str = "p-0102", item: str = ITEM
) -> Online:
    """Return a case that is about to begin at the window of `clerk`."""
    applicant = world.applicant(citizen.account or "a-1000", "申请人账户")
    return Online(world, log, item, world.staff(clerk), applicant, citizen)


def numbers(world: World, log: Recorder) -> Story:
    """Try numbers that cannot be, and those that wrongly seem so."""
    yield china(12, 3, 9)
    case = begin(world, log, Citizen("", "钱示例", RIGHT[0][1]))
    for kind, number, why in WRONG:
        form = Citizen("", "钱示例", number, kind=kind).form
        asked = {**case.application(PAPERS, summary=SUMMARY), "applicant": form}
        refusal = world.refused(case.clerk, "intake", "ReceiveApplication", **asked)
        log.refusal(why, refusal, rule="", reason="IDENTITY_NUMBER_INVALID")
    for kind, number, _ in RIGHT:
        one = begin(world, log, Citizen("", "钱示例", number, kind=kind))
        one.receive_at_window(PAPERS, SUMMARY, say="")
        take_back(one, "暂不办理。")
    log.step(
        "号码校验按国家标准自行实现，不错拒：" + "、".join(whose for *_, whose in RIGHT)
        + "都照常收件；各人当场书面撤回"
    )  # fmt: skip


def take_back(case: Course, reason: str) -> Any:
    """Withdraw at the window, with the signed request."""
    scan = case.world.upload(case.clerk, PDF + case.case_number.encode(), MEDIA_TYPE)
    answer = case.on_case(case.clerk, "WithdrawCase", reason=reason, request_sha256=scan)
    case.document("WITHDRAWAL_RECORD")
    return answer


def fees(world: World, log: Recorder) -> Story:
    """Try to take money for the courier, and for assistance."""
    yield china(12, 3, 9, 30)
    agent = world.staff("p-0801")
    scan = world.upload(agent, PDF + "委托书".encode(), MEDIA_TYPE)
    citizen = Citizen("", "吕示例", "370306196005120024")
    asked: dict[str, Any] = {
        "item_code": "370306-05-002",
        "applicant": citizen.form,
        "materials": [paper("M01"), paper("M03")],
        "mandate": {
            "scan_sha256": scan,
            "scope": "代为提交申请材料",
            "may_collect": False,
            "agent_name": "韩梅（示例）",
        },
        "result_delivery": "RESULT_DELIVERY_COLLECTION",
        "summary": "高龄津贴（示例）",
        "fee_fen": 2000,
    }
    refusal = world.refused(agent, "intake", "TakeAssistance", **asked)
    log.refusal("代办员收取跑腿费20元", refusal, rule="R1.6", reason="ASSISTANCE_NOT_FREE")


def withdrawn(world: World, log: Recorder) -> Story:
    """Withdraw after acceptance and before the decision."""
    yield china(12, 3, 10, 30)
    case = begin(world, log, Citizen("a-1002", "施示例", "370306198803030014"))
    case.receive_at_window(PAPERS, SUMMARY)
    case.answer_offer(by_courier=False)
    refusal = world.refused(case.clerk, "delivery", "RequestPickup", **case.asked_for_pickup(
        fee_fen=1500
    ))  # fmt: skip
    log.refusal("上门取件收费15元", refusal, rule="R2.7", reason="COURIER_NOT_FREE")
    case.accept()
    case.opened()
    yield china(12, 4, 9)
    bare = case.refused_on_case(case.clerk, "WithdrawCase", reason="不再施工")
    log.refusal("没有申请人签名的撤回", bare, rule=bare.rule, reason="SIGNED_REQUEST_MISSING")
    case.on_case(case.applicant, "WithdrawCase", reason="工程取消，不再处置")
    case.document("WITHDRAWAL_RECORD")
    expect("withdrawn", holds=case.case().state == intake.CASE_STATE_WITHDRAWN)
    world.wait(
        "the withdrawal in review",
        case.review,
        lambda found: found.state != review.REVIEW_STATE_IN_REVIEW,
    )
    late = case.refused_on_review(
        world.staff("p-0201"), "SubmitOpinion", proposes_grant=True, text="同意。"
    )
    log.refusal("撤回以后继续审查", late, rule=late.rule, reason="CASE_ENDED")
    log.step("申请人在决定前撤回，出具撤回申请确认书；部门不再审查，不计逾期")


def never_corrected(world: World, log: Recorder) -> Story:
    """Wait for a correction that never comes."""
    yield china(12, 3, 10)
    case = begin(world, log, Citizen("a-1003", "尤示例", "370306197911010032"))
    case.receive_at_window([paper("M01"), paper("M02")], SUMMARY)
    case.give_notice(
        [
            entry("M03", "MISSING", "补交运输合同及车辆信息。", BASIS),
            entry("M04", "MISSING", "补交消纳场地证明。", BASIS),
        ]
    )
    yield china(12, 17, 9)
    still_waiting(case)


def still_waiting(case: Online) -> None:
    """Look at it a fortnight later: it waits, and nobody may end it."""
    log = case.log
    case.on_case(case.clerk, "RemindCorrection")
    reminder = case.document("CORRECTION_REMINDER")
    refusal = case.refused_on_case(case.clerk, "TerminateCase")
    log.refusal(
        "窗口自行终止一直未补正的办件", refusal, rule=refusal.rule, reason="NO_CORRECTION_LIMIT"
    )
    waits = case.case()
    expect("it waits", holds=waits.state == intake.CASE_STATE_CORRECTION)
    expect("both are still open", holds=list(waits.outstanding) == ["M03", "M04"])
    log.step(f"两周未补正：出具{reminder.title}，只重复原来两项；办件保持待补正，不计逾期")


def half_cured(case: Online) -> Story:
    """Correct a case by halves, until everything is there and it is accepted."""
    yield china(12, 3, 11)
    case.receive_at_window(
        [paper("M01"), paper("M03", defect="DEFECT_NOT_IN_LEGAL_FORM"), paper("M04")], SUMMARY,
        result_delivery="RESULT_DELIVERY_EMS",
    )  # fmt: skip
    case.give_notice(
        [
            entry("M02", "MISSING", "补交建筑垃圾处置方案。", BASIS),
            entry("M03", "NOT_IN_LEGAL_FORM", "运输合同须由运输单位盖章。", BASIS),
        ]
    )
    yield china(12, 4, 15)
    case.correct_online({"M02": PDF + b"%plan", "M03": PDF + b"%contract"})
    yield from found_wanting(case)
    yield from further_notice(case)
    yield from accepted(case)


def found_wanting(case: Online) -> Story:
    """Find half of the correction wanting; remind only of that half."""
    yield china(12, 7, 9)
    log, clerk = case.log, case.clerk
    new = [{"material_code": "M02", "defect": "DEFECT_WRONG_CONTENT"}]
    refusal = case.refused_on_case(clerk, "RejectCorrection", materials=new)
    log.refusal("以原告知书没有写的问题退回补正", refusal, rule="R1.2", reason="NEW_DEFECT")
    old = [{"material_code": "M03", "defect": "DEFECT_NOT_IN_LEGAL_FORM"}]
    answer = case.on_case(clerk, "RejectCorrection", materials=old)
    expect("one is open", holds=list(answer.outstanding) == ["M03"])
    case.on_case(clerk, "RemindCorrection")
    reminder = case.document("CORRECTION_REMINDER")
    log.step(f"补正两项，一项仍未盖章：出具{reminder.title}，只重复原来那一项，不提新要求")
    again = case.refused_on_case(
        clerk, "GiveOneTimeNotice", means="NOTICE_MEANS_SIGNED_AT_WINDOW",
        entries=[entry("M01", "WRONG_CONTENT", "申请表填写不规范。", BASIS)],
    )  # fmt: skip
    log.refusal("再次要求补正", again, rule="R1.2", reason="NOTICE_ALREADY_GIVEN")


def further_notice(case: Online) -> Story:
    """Give a further notice of what only the correction showed, with a supervisor's approval."""
    yield china(12, 7, 11)
    log, clerk = case.log, case.clerk
    case.correct_online({"M03": PDF + b"%contract2"}, say="申请人补交盖章的运输合同；未到厅")
    yield china(12, 7, 15)
    asked: dict[str, Any] = {
        "means": "NOTICE_MEANS_SIGNED_AT_WINDOW",
        "reason": "新补交的处置方案写的是另一个工地，首次告知时该材料尚未提交。",
    }
    known = [entry("M01", "WRONG_CONTENT", "申请表填写不规范。", BASIS)]
    refusal = case.refused_on_case(clerk, "ProposeFurtherNotice", entries=known, **asked)
    log.refusal("就首次已提交的材料再次告知", refusal, rule="R1.2", reason="NOT_NEWLY_SUBMITTED")
    shown = [entry("M02", "WRONG_CONTENT", "处置方案须对应本工地。", BASIS)]
    case.on_case(clerk, "ProposeFurtherNotice", entries=shown, **asked)
    alone = case.refused_on_case(clerk, "ApproveFurtherNotice", ordinal=1, reason="同意。")
    log.refusal("窗口自己批准再次告知", alone, rule="R1.2", reason=alone.reason)
    case.on_case(
        case.reader, "ApproveFurtherNotice", ordinal=1, reason="属新提交材料首次暴露的问题。"
    )
    notice = case.seal(clerk, "FURTHER_NOTICE")
    log.step(
        f"问题只在新补交的材料里才看得出：{case.reader.name}书面同意，出具{notice.title} "
        f"{notice.document_number}"
    )


def accepted(case: Online) -> Story:
    """Cure everything, accept, and spoil the first notice of it."""
    world, log = case.world, case.log
    yield china(12, 8, 10)
    case.correct_online({"M02": PDF + b"%plan2"})
    yield china(12, 8, 14)
    answer = case.on_case(case.clerk, "AcceptCase")
    taken = answer.accept_time.ToDatetime(tzinfo=UTC)  # the hall's clock goes on meanwhile
    expect("as of the arrival of the last", holds=china(12, 8, 10) <= taken < china(12, 8, 14))
    spoilt = case.document("ACCEPTANCE_NOTICE", state=2)
    made = case.on_case(
        case.clerk, "VoidDocument", document=spoilt.document, reason="打印时卡纸污损"
    )
    notice = case.seal(case.clerk, "ACCEPTANCE_NOTICE")
    expect("the next number", holds=notice.document_number == made.document_number)
    listed = world.do(
        case.clerk, "intake", "ListDocumentRegister",
        authority=case.authority, kind="ACCEPTANCE_NOTICE", year=2026,
    ).entries  # fmt: skip
    of_case = [each for each in listed if each.case_number == case.case_number]
    expect("both in the register", holds=[bool(each.void_reason) for each in of_case] == [1, 0])
    expect("no number is missing", holds=all(each.document for each in listed))
    holds = case.refused_on_case(
        case.clerk, "VoidDocument", document=notice.document, reason="想改日期"
    )
    log.refusal("把已经盖章的文书作废重做", holds, rule="", reason="ISSUED_NOT_LOST")
    log.step(
        f"受理自最后一项补正到达之时起算；受理通知书{spoilt.document_number}打印污损作废、"
        f"登记留痕，另制{notice.document_number}盖章出具"
    )
