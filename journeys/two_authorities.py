"""Journey 7: two authorities. Each decides for itself, or one decides and asks the others.

联合办理 twice: once a denial does not hold the other authority, once a grant
must wait for another; one hand-out each time. Then 征求意见: one decision, the
clock runs, and a silence that nobody reads as consent.
"""

from __future__ import annotations

from typing import Any, Final

from liandong.review.v1 import review_service_pb2 as review

from journeys.course import DISTRICT, Citizen, Course, china, day, paper
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["ITEM", "JOURNEY", "drive"]

ITEM: Final = "370306-01-011"
WITH_PREREQUISITE: Final = "370306-01-012"
WITH_QUESTIONS: Final = "370306-01-006"
LEAD, SIGNS, ENVIRONMENT = f"{DISTRICT}-D01", f"{DISTRICT}-D06", f"{DISTRICT}-D02"
CITIZEN = Citizen("a-0007", "钱示例", "370306199007080111")
PERMITS = ["行政许可法 第三十八条第一款"]
GARDENS = ["城市绿化条例 第十九条", "行政许可法 第三十八条第一款"]
REFUSES = ["城市市容和环境卫生管理条例 第十一条", "行政许可法 第三十八条第二款"]


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that two authorities decided."""
    main = one_denies(world, log)
    one_waits(world, log)
    one_asks(world, log)
    return main


def begin(world: World, log: Recorder, item: str) -> Course:
    clerk, applicant = world.staff("p-0102"), world.applicant(CITIZEN.account, "申请人账户")
    return Course(world, log, item, clerk, applicant, CITIZEN)


# --- 联合办理: a denial does not hold the other --------------------------------------------------


def one_denies(world: World, log: Recorder) -> str:
    world.at(china(11, 16, 9))
    case = begin(world, log, ITEM)
    case.receive_at_window(
        [paper(code) for code in ("M01", "M04", "M05", "M06")],
        "新开餐饮店，申请食品经营许可和户外招牌设置（示例）",
        say="{clerk}一次收件：一套材料、两个机关，出具收件凭证，办件编号{case}；到厅第1次",
    )
    case.accept(say="{clerk}受理，出具{title} {number}；两个机关同时开始，各有各的时限")
    show_two_limits(case)
    world.at(china(11, 16, 11))
    case.hand_over(
        world.staff("p-0202"), "B-0701",
        say="纸质材料{pieces}件只交牵头机关，{receiver}签收；另一机关凭电子卷宗审查",
    )  # fmt: skip
    deny_the_sign(case)
    grant_the_licence(case)
    return_both(case)
    hand_out_both(case)
    return case.case_number


def show_two_limits(case: Course) -> None:
    lead, other = case.opened(LEAD), case.opened(SIGNS)
    expect("a task for each", holds=[each.authority for each in lead.tasks] == [LEAD, SIGNS])
    expect("the lead's own limits", holds=day(lead.promise.due.on) == china(11, 23, 9).date())
    expect("the other's own limits", holds=day(other.promise.due.on) == china(11, 25, 9).date())
    expect(
        "each within its own law",
        holds=(lead.statutory.limit.amount, other.statutory.limit.amount) == (10, 20),
    )
    case.log.step(
        "食品经营许可承诺11月23日前（法定10个工作日），户外招牌承诺11月25日前（法定20个工作日）"
    )


def deny_the_sign(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 17, 9))
    reviewer, decider = world.staff("p-0741"), world.staff("p-0742")
    foreign = case.refused_on_review(
        reviewer, "SubmitOpinion", authority=LEAD, proposes_grant=True, text="同意。"
    )
    log.refusal("另一机关审查牵头机关的事项", foreign, rule="", reason="OUT_OF_SCOPE")
    case.give_opinion(reviewer, "招牌遮挡消防登高面，建议不予许可。", grant=False, authority=SIGNS)
    world.at(china(11, 17, 15))
    bare: dict[str, Any] = {
        "outcome": "DECISION_OUTCOME_DENIED",
        "facts": "拟设招牌遮挡建筑消防登高操作面。",
        "legal_bases": REFUSES,
    }
    refusal = case.refused_on_review(decider, "Decide", authority=SIGNS, **bare)
    log.refusal(
        "不予许可而不说明理由", refusal,
        rule="行政许可法 第三十八条第二款", reason="REASONS_MISSING",
    )  # fmt: skip
    case.decide(
        decider,
        facts=bare["facts"],
        legal_bases=REFUSES,
        reasons="招牌位置影响消防救援，不符合设置条件。",
        grant=False,
        authority=SIGNS,
        say="{decider}作出{outcome}的决定，{title} {number} 盖本机关印章，"
        "写明理由和本机关的复议机关、管辖法院",
    )
    lead = case.review(authority=LEAD)
    expect("the other goes on", holds=lead.state == review.REVIEW_STATE_IN_REVIEW)


def grant_the_licence(case: Course) -> None:
    world = case.world
    world.at(china(11, 18, 10))
    reviewer, second = world.staff("p-0201"), world.staff("p-0202")
    case.check_site(reviewer, second, china(11, 18, 9, 30), authority=LEAD)
    case.give_opinion(reviewer, authority=LEAD)
    world.at(china(11, 18, 15))
    answer = case.decide(
        world.staff("p-0301"),
        facts="申请人具备与所经营食品相适应的场所、设备和制度。",
        legal_bases=PERMITS,
        content="热食类食品制售（示例）。",
        authority=LEAD,
        say="户外招牌不予许可，不影响食品经营许可：{decider}作出{outcome}的决定，{title} {number}",
    )
    expect("each kept its own promise", holds=answer.promise_kept and answer.statutory_kept)
    tasks = case.review(authority=LEAD).tasks
    outcomes = [review.DecisionOutcome.Name(each.outcome) for each in tasks]
    expect(
        "two decisions",
        holds=outcomes == ["DECISION_OUTCOME_GRANTED", "DECISION_OUTCOME_DENIED"],
    )


def return_both(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 18, 16, 30))
    certificate = "JY23703060000007"
    case.return_result(world.staff("p-0202"), "R-0701", certificate_number=certificate)
    early: dict[str, Any] = {"recipient": "RECIPIENT_ADDRESSEE", "signed_by": CITIZEN.name}
    refusal = case.refused_on_case(case.clerk, "HandOut", **early)
    log.refusal("只有一个机关的结果就出件", refusal, rule=refusal.rule, reason="RESULT_NOT_HERE")
    case.return_result(world.staff("p-0744"), "R-0702", say="{sender}回传结果，两个机关的结果到齐")


def hand_out_both(case: Course) -> None:
    case.world.at(china(11, 19, 9, 30))
    answer = case.hand_out(
        say="受理窗口一次出件，{signed_by}在一份送达回证上签收两份决定；到厅第2次"
    )
    expect("one hand-out", holds=answer.visits == 2)


# --- 联合办理: a grant that waits for another -----------------------------------------------------


def one_waits(world: World, log: Recorder) -> None:
    world.at(china(11, 19, 10, 30))
    case = begin(world, log, WITH_PREREQUISITE)
    case.receive_at_window([paper(code) for code in ("M01", "M03", "M04")], "门店装修开业（示例）")
    case.accept()
    world.at(china(11, 19, 11))
    case.hand_over(world.staff("p-0202"), "B-0702")
    case.give_opinion(world.staff("p-0741"), authority=SIGNS)
    world.at(china(11, 19, 15))
    refusal = case.refused_on_review(
        world.staff("p-0742"), "Decide", authority=SIGNS, outcome="DECISION_OUTCOME_GRANTED",
        facts="招牌符合设置规范。", legal_bases=PERMITS, content="准予设置户外招牌一块。",
    )  # fmt: skip
    log.refusal(
        "前置机关尚未准予就先准予", refusal,
        rule="行政许可法 第二十六条第二款", reason="PREREQUISITE_NOT_GRANTED",
    )  # fmt: skip
    grant_in_order(case)
    world.at(china(11, 20, 15))
    case.return_result(world.staff("p-0202"), "R-0703", certificate_number="ZX-2026-0001")
    case.return_result(world.staff("p-0744"), "R-0704", certificate_number="ZP-2026-0001")
    case.hand_out()


def grant_in_order(case: Course) -> None:
    world = case.world
    world.at(china(11, 20, 9))
    case.give_opinion(world.staff("p-0201"), authority=LEAD)
    world.at(china(11, 20, 10))
    case.decide(
        world.staff("p-0301"),
        facts="装修方案符合临街立面要求。",
        legal_bases=PERMITS,
        authority=LEAD,
    )
    case.decide(
        world.staff("p-0742"),
        facts="招牌符合设置规范。",
        legal_bases=PERMITS,
        content="准予设置户外招牌一块。",
        authority=SIGNS,
        say="前置机关准予以后，{decider}作出{outcome}的决定，{title} {number}",
    )


# --- 征求意见: one decides and asks ---------------------------------------------------------------


def one_asks(world: World, log: Recorder) -> None:
    world.at(china(11, 23, 9))
    case = begin(world, log, WITH_QUESTIONS)
    case.receive_at_window(
        [paper(code) for code in ("M01", "M02", "M03", "M04")], "临时占用绿地安装燃气调压箱（示例）"
    )
    case.accept()
    world.at(china(11, 23, 10))
    case.hand_over(world.staff("p-0202"), "B-0703")
    before = case.review().statutory.due
    ask(case)
    answer(case)
    expect("the clock ran on", holds=case.review().statutory.due == before)
    decide_on_the_answers(case)


def ask(case: Course) -> None:
    world, log = case.world, case.log
    reviewer = world.staff("p-0201")
    asked: dict[str, Any] = {
        "question": "临时占用绿地60平方米、工期15天，有无意见？",
        "answer_by_date": {"year": 2026, "month": 11, "day": 24},
    }
    stranger = case.refused_on_review(
        reviewer, "AskAuthorities", consulted=[f"{DISTRICT}-D03"], **asked
    )
    log.refusal("征求与本事项无关的机关的意见", stranger, rule="", reason="NOT_TO_BE_CONSULTED")
    case.on_review(reviewer, "AskAuthorities", consulted=[SIGNS, ENVIRONMENT], **asked)
    log.step(f"{reviewer.name}征求综合行政执法局、生态环境局的意见，请11月24日前答复；时限照常计算")


def answer(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 24, 10))
    outsider = case.refused_on_review(
        world.staff("p-0711"), "AnswerConsultation", agrees=True, text="无意见。"
    )
    log.refusal("没有被征求意见的机关答复", outsider, rule="", reason="NOT_ASKED")
    asked = world.staff("p-0741")
    case.on_review(asked, "AnswerConsultation", agrees=True, text="无意见，请按方案恢复。")
    log.step(f"{asked.name}答复：无意见")


def decide_on_the_answers(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 25, 9))
    silent = [each for each in case.review().consultations if not each.HasField("answer")]
    expect("one is silent", holds=[each.consulted for each in silent] == [ENVIRONMENT])
    log.step("生态环境局逾期未答复：不作为同意，也不影响决定")
    case.check_site(world.staff("p-0201"), world.staff("p-0202"), china(11, 25, 8, 40))
    case.give_opinion(world.staff("p-0201"))
    decided = case.decide(
        world.staff("p-0301"),
        facts="占用面积、期限与工程需要相符，恢复方案可行。",
        legal_bases=GARDENS,
        content="准予临时占用绿地60平方米，期限15天，期满恢复。",
        say="只有一个决定：{decider}作出{outcome}的决定，{title} {number}",
    )
    expect("the promise was kept", holds=decided.promise_kept)
    world.at(china(11, 25, 15))
    case.return_result(world.staff("p-0202"), "R-0705", certificate_number="LD-2026-0001")
    world.at(china(11, 25, 16, 30))
    case.hand_out()


JOURNEY = Journey("7", "两个机关：联合办理两个决定一次出件，前置，征求意见", drive)
