"""Journey 8: on the spot, and filed.

A licence that the person named by the letter receives, accepts, decides and
hands out at the counter; another whose substance must be verified and that
goes the promised way; and a filing that nobody accepts or decides.
"""

from __future__ import annotations

from typing import Any, Final

from liandong.intake.v1 import intake_service_pb2 as intake

from journeys.course import PDF, Citizen, Course, china, day, paper
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["JOURNEY", "drive"]

SHOP: Final = "370306-01-008"
PROJECT: Final = "370306-10-001"
OWNER = Citizen("a-0008", "李示例", "370306199203050040")
SECOND = Citizen("a-0808", "陈示例", "370306198606170050")
PAPERS = [paper("M01"), paper("M03")]
DECISION: Final[dict[str, Any]] = {
    "facts": "申请材料齐全，符合法定形式。",
    "legal_bases": ["市场主体登记管理条例 第十九条", "行政许可法 第三十四条第二款"],
    "certificate_number": "92370306MA0000001X",
    "outcome": "DECISION_OUTCOME_GRANTED",
}


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that was decided on the spot."""
    main = at_once(world, log)
    verified(world, log)
    filed(world, log)
    return main


def begin(world: World, log: Recorder, item: str, clerk: str, citizen: Citizen) -> Course:
    applicant = world.applicant(citizen.account, "申请人账户")
    return Course(world, log, item, world.staff(clerk), applicant, citizen)


# --- 即办件 --------------------------------------------------------------------------------------


def at_once(world: World, log: Recorder) -> str:
    world.at(china(11, 26, 9))
    case = begin(world, log, SHOP, "p-0102", OWNER)
    case.receive_at_window(
        PAPERS, "新开小卖部（示例）", say="{clerk}收件，办件编号{case}；到厅第1次"
    )
    refusal = case.refused_on_case(case.clerk, "AcceptCase")
    log.refusal(
        "即办件不当场决定，先受理再转部门", refusal,
        rule="行政许可法 第三十四条第二款", reason="ON_THE_SPOT_ITEM",
    )  # fmt: skip
    denial = {**DECISION, "outcome": "DECISION_OUTCOME_DENIED", "certificate_number": ""}
    refusal = case.refused_on_case(case.clerk, "DecideOnTheSpot", **denial)
    log.refusal("当场不予许可", refusal, rule="R4.6a", reason="DENIED_ON_THE_SPOT")
    decided = case.on_case(case.clerk, "DecideOnTheSpot", **DECISION)
    document = case.seal(case.clerk, "GRANT_DECISION", "AUTHORITY")
    log.step(
        f"{case.clerk.name}（授权书载明的人员）当场受理并决定，{document.title} "
        f"{decided.document_number} 加盖机关印章"
    )
    answer = case.hand_out(say="同一窗口当场发照，{signed_by}在送达回证上签名；到厅仍为1次")
    expect("one visit for all of it", holds=answer.visits == 1)
    seen = case.case()
    expect("one instant", holds=seen.accept_time == seen.decide_time == decided.decide_time)
    expect("under a letter", holds=bool(seen.letter))
    return case.case_number


# --- turned into a promised item -----------------------------------------------------------------


def verified(world: World, log: Recorder) -> None:
    world.at(china(11, 26, 10))
    case = begin(world, log, SHOP, "p-0103", SECOND)
    case.receive_at_window(PAPERS, "住宅改为经营场所（示例）")
    refusal = case.refused_on_case(case.clerk, "DecideOnTheSpot", **DECISION)
    log.refusal("授权书没有当场决定权限的窗口", refusal, rule="R3.4", reason="POWER_MISSING")
    reason = "住所改为经营场所，需核实有利害关系的业主是否同意"
    case.on_case(case.clerk, "TurnIntoPromised", reason=reason)
    log.step(f"{case.clerk.name}：{reason}，转为承诺件")
    refusal = case.refused_on_case(case.clerk, "DecideOnTheSpot", **DECISION)
    log.refusal(
        "转为承诺件后仍当场决定", refusal,
        rule="行政许可法 第三十四条第三款", reason="TURNED_INTO_PROMISED",
    )  # fmt: skip
    answer = case.accept()
    expect("three working days", holds=day(answer.promise_due.on) == china(12, 1, 9).date())
    world.at(china(11, 26, 15))
    case.hand_over(world.staff("p-0202"), "B-0801")
    alone = world.staff("p-0201")
    case.give_opinion(alone)
    grant: dict[str, Any] = {
        "facts": "有利害关系的业主已同意。",
        "legal_bases": ["民法典 第二百七十九条", "行政许可法 第三十八条第一款"],
    }
    world.at(china(11, 27, 9))
    refusal = case.refused_on_review(
        alone, "Decide", outcome="DECISION_OUTCOME_GRANTED", content="准予登记。", **grant
    )
    log.refusal("核实的人员自行决定", refusal, rule="R4.6a", reason="DECIDED_BY_REVIEWER")
    case.decide(world.staff("p-0301"), content="准予登记。", **grant)
    case.return_result(world.staff("p-0202"), "R-0801", certificate_number="92370306MA0000002X")
    world.at(china(11, 27, 15))
    case.hand_out()


# --- 备案 ----------------------------------------------------------------------------------------


def filed(world: World, log: Recorder) -> None:
    world.at(china(11, 27, 16))
    case = begin(world, log, PROJECT, "p-0102", OWNER)
    case.receive_online({"M01": PDF + b"%8"}, "仓储设施改造项目备案（示例）")
    seen = case.case()
    expect("filed as of its receipt", holds=seen.state == intake.CASE_STATE_FILED)
    expect("at that instant", holds=seen.end_time == seen.receive_time)
    refusal = case.refused_on_case(case.clerk, "AcceptCase")
    log.refusal(
        "受理一件备案", refusal,
        rule="企业投资项目核准和备案管理条例 第十三条", reason="FILING_NOT_ACCEPTED",
    )  # fmt: skip
    receipt = case.seal(case.clerk, "FILING_RECEIPT")
    log.step(f"收到全部信息即为备案，出具{receipt.title} {receipt.document_number}；未到厅")


JOURNEY = Journey("8", "即办件当场决定、转为承诺件，备案", drive)
