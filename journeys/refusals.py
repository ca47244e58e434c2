"""Journey 5: refusals. Not required, refused, denied; each in writing, with its own remedies.

An item out of force (不受理), another authority's business (不予受理), and a
denial with facts, reasons and basis (不予许可). An authority whose court nobody
recorded can issue nothing adverse until its record is complete.
"""

from __future__ import annotations

from typing import Any, Final

from liandong.intake.v1 import intake_service_pb2 as intake

from journeys.course import DISTRICT, Citizen, Course, china, paper
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["JOURNEY", "drive"]

OUT_OF_FORCE: Final = "370306-01-013"
SUCCESSOR: Final = "370306-01-001"
RUBBISH: Final = "370306-01-009"
FIRE_CHECK: Final = "370306-01-010"
FIRE_SERVICE: Final = f"{DISTRICT}-D05"
REMEDY: Final = "行政许可法 第三十八条第二款"
CITIZEN = Citizen("a-0005", "赵示例", "370306198811230024")
COMPANY = Citizen("a-0505", "孙示例", "37030619790314003X")
PAPERS = [paper("M01"), paper("M03"), paper("M04")]


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that was denied."""
    world.at(china(11, 11, 9))
    not_required(world, log)
    refused(world, log)
    unrecorded(world, log)
    return denied(world, log)


def begin(world: World, log: Recorder, item: str, citizen: Citizen) -> Course:
    clerk, applicant = world.staff("p-0102"), world.applicant(citizen.account, "申请人账户")
    department = FIRE_SERVICE if item == FIRE_CHECK else f"{DISTRICT}-D01"
    return Course(world, log, item, clerk, applicant, citizen, authority=department)


# --- 不受理 --------------------------------------------------------------------------------------


def not_required(world: World, log: Recorder) -> None:
    case = begin(world, log, OUT_OF_FORCE, CITIZEN)
    case.receive_at_window([paper("M01")], "小餐饮登记（示例）")
    why: dict[str, Any] = {
        "reason": "小餐饮登记自2026年10月1日起不再办理，改为申请食品经营许可。",
        "legal_basis": "行政许可法 第三十二条第一款第一项",
    }
    reviewer = world.staff("p-0201")
    refusal = case.refused_on_case(reviewer, "TellNotRequired", **why)
    log.refusal("部门岗位直接告知申请人不受理", refusal, rule="R4.4", reason="NOT_A_WINDOW_POST")
    answer = case.on_case(case.clerk, "TellNotRequired", **why)
    expect("the successor is named", holds=answer.successor_item == SUCCESSOR)
    notice = case.seal(case.clerk, "NOT_REQUIRED_NOTICE")
    log.step(f"{case.clerk.name}出具{notice.title} {notice.document_number}，告知可办理的替代事项")
    refusal = case.refused_on_case(case.clerk, "AcceptCase")
    log.refusal("终结后再受理", refusal, rule="", reason="CASE_ENDED")


# --- 不予受理 ------------------------------------------------------------------------------------


def refused(world: World, log: Recorder) -> None:
    world.at(china(11, 11, 10))
    case = begin(world, log, RUBBISH, CITIZEN)
    case.receive_at_window([paper("M01"), paper("M02")], "跨区运输建筑垃圾（示例）")
    why: dict[str, Any] = {
        "reason": "该运输跨越两个区，不属于区级职权范围。",
        "legal_basis": "城市建筑垃圾管理规定",
    }
    served = case.refused_on_case(
        case.clerk, "RefuseAcceptance", competent_authority=f"{DISTRICT}-D06", **why
    )
    log.refusal(
        "把申请人推给本中心窗口就能受理的机关", served,
        rule="行政许可法 第三十二条第一款第二项", reason="COMPETENT_AUTHORITY_IS_SERVED",
    )  # fmt: skip
    answer = case.on_case(
        case.clerk, "RefuseAcceptance", competent_authority="淄博市城市管理局", **why
    )
    decision = case.seal(case.clerk, "ACCEPTANCE_REFUSAL")
    log.step(
        f"{case.clerk.name}出具{decision.title} {decision.document_number}，加盖专用印章，"
        f"告知向{answer.competent_authority}申请，并写明复议机关、管辖法院和期限"
    )
    case.told("ACCEPTANCE_REFUSED")


# --- an authority without a recorded court -------------------------------------------------------


def unrecorded(world: World, log: Recorder) -> None:
    world.at(china(11, 11, 14))
    case = begin(world, log, FIRE_CHECK, COMPANY)
    case.receive_at_window(PAPERS, "影剧院营业前消防安全检查（示例）")
    refusal = case.refused_on_case(
        case.clerk, "RefuseAcceptance", competent_authority="淄博市消防救援支队",
        reason="该场所由市级检查。", legal_basis="消防法 第十五条",
    )  # fmt: skip
    log.refusal(
        "机关档案缺少管辖法院，仍出具不予受理", refusal, rule=REMEDY, reason="REMEDIES_MISSING"
    )
    case.accept()
    world.at(china(11, 11, 16))
    case.hand_over(world.staff("p-0734"), "B-0501")
    world.at(china(11, 12, 9))
    case.check_site(
        world.staff("p-0731"), world.staff("p-0734"), china(11, 12, 8, 40),
        findings="疏散通道被占用，自动喷水灭火系统不能启动。", complies=False,
    )  # fmt: skip
    case.give_opinion(world.staff("p-0731"), "消防设施不符合要求，建议不予许可。", grant=False)
    refusal = case.refused_on_review(
        world.staff("p-0732"), "Decide", outcome="DECISION_OUTCOME_DENIED",
        facts="疏散通道被占用，自动喷水灭火系统不能启动。", reasons="不符合消防安全要求。",
        legal_bases=["消防法 第十五条"],
    )  # fmt: skip
    log.refusal(
        "机关档案缺少管辖法院，仍决定不予许可", refusal, rule=REMEDY, reason="REMEDIES_MISSING"
    )
    case.on_case(case.applicant, "WithdrawCase", reason="先行整改。")
    expect("it ended", holds=case.case().state == intake.CASE_STATE_WITHDRAWN)
    record = case.document("WITHDRAWAL_RECORD")
    log.step(f"申请人在作出决定前从本人账户撤回申请，出具{record.title}")
    complete_the_record(world, log)


def complete_the_record(world: World, log: Recorder) -> None:
    approver = world.staff("p-0502")
    world.do(
        approver, "catalog", "RecordAuthority", unit=FIRE_SERVICE,
        from_date={"year": 2026, "month": 11, "day": 12}, review_body="周村区人民政府",
        court="淄博市周村区人民法院",
    )  # fmt: skip
    log.step(f"{approver.name}补全该机关的复议机关和管辖法院，自11月12日起生效")


# --- 不予许可 ------------------------------------------------------------------------------------


def denied(world: World, log: Recorder) -> str:
    world.at(china(11, 12, 10))
    case = begin(world, log, FIRE_CHECK, COMPANY)
    case.receive_at_window(PAPERS, "影剧院营业前消防安全检查，再次申请（示例）")
    case.accept()
    case.hand_over(world.staff("p-0734"), "B-0502")
    world.at(china(11, 12, 15))
    case.check_site(
        world.staff("p-0731"), world.staff("p-0734"), china(11, 12, 14),
        findings="疏散通道已清理，自动喷水灭火系统仍不能启动。", complies=False,
    )  # fmt: skip
    case.give_opinion(world.staff("p-0731"), "消防设施仍不符合要求，建议不予许可。", grant=False)
    world.at(china(11, 13, 9))
    case.decide(
        world.staff("p-0732"),
        facts="经现场检查，自动喷水灭火系统不能启动。",
        legal_bases=["消防法 第十五条", "行政许可法 第三十八条第二款"],
        reasons="消防设施不能正常使用，不具备营业条件。",
        grant=False,
        say="{decider}作出{outcome}的决定，{title} {number} 加盖机关印章，"
        "写明事实、理由、依据和本机关的复议机关、管辖法院",
    )
    case.return_result(world.staff("p-0734"), "R-0502")
    world.at(china(11, 13, 10))
    answer = case.hand_out(say="受理窗口送达决定书，{signed_by}在送达回证上签名；到厅第2次")
    expect("two visits", holds=answer.visits == 2)
    return case.case_number


JOURNEY = Journey("5", "不受理、不予受理、不予许可，各有救济", drive)
