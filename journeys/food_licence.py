"""Journey 1: 食品经营许可 at the district's comprehensive window, with one correction.

Received with the floor plan missing and the rules' list not in legal form,
corrected by upload, accepted, checked on the site, decided, handed out,
rated, counted. On the way everything is attempted that the law forbids.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from journeys.course import PDF, Citizen, Course, china, entry, paper, stamp
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["ITEM", "JOURNEY", "application", "china", "drive", "drive_to_rating"]

ITEM = "370306-01-001"
FLOOR_PLAN, RULES_LIST, LICENCE = "M04", "M05", "M02"
APPLICANT = Citizen("a-0001", "李示例", "370306195001010018")
SUMMARY = "新开小餐饮店申请食品经营许可（示例）"
MATERIALS = [
    paper("M01"),
    {"material_code": FLOOR_PLAN, "defect": "DEFECT_MISSING"},
    paper(RULES_LIST, defect="DEFECT_NOT_IN_LEGAL_FORM"),
]


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the case number."""
    course = drive_to_rating(world, log)
    log.step(f"统计：{course.told('ITEM_TURNED_RED').text}")
    return course.case_number


def drive_to_rating(world: World, log: Recorder) -> Course:
    """Drive the journey to the last thing that anybody does; several may go side by side.

    What turns the item red is only the first of them.
    """
    world.at(china(9, 21, 9, 30))
    applicant = world.applicant(APPLICANT.account, "申请人账户")
    course = Course(world, log, ITEM, world.staff("p-0101"), applicant, APPLICANT)
    receive(course)
    correct(course)
    accept(course)
    hand_over(course)
    review(course)
    decide(course)
    hand_out(course)
    rate(course)
    return course


def application(account: str) -> dict[str, Any]:
    """Return the fields of the application that this journey begins with, for an account."""
    applicant = {**APPLICANT.form, "person": account}
    return {
        "item_code": ITEM,
        "applicant": applicant,
        "materials": [dict(each) for each in MATERIALS],
        "channel": "CHANNEL_WINDOW",
        "result_delivery": "RESULT_DELIVERY_COLLECTION",
        "summary": SUMMARY,
    }


def receive(course: Course) -> None:
    world, log, clerk = course.world, course.log, course.clerk
    asked = application(APPLICANT.account)
    unknown = world.refused(
        clerk, "intake", "ReceiveApplication", **{**asked, "item_code": "370306-99-999"}
    )
    log.refusal("申请一个不存在的事项", unknown, rule="", reason="ITEM_UNKNOWN")
    malformed = world.refused(clerk, "intake", "ReceiveApplication", **{**asked, "summary": ""})
    log.refusal("申请书缺少摘要", malformed, rule="", reason="MALFORMED_REQUEST")
    request_id = f"{world.run}-receive"
    answers = world.at_once(
        lambda: world.do(clerk, "intake", "ReceiveApplication", request_id=request_id, **asked),
        3,
    )
    expect("the same command three times is one case", holds=answers.count(answers[0]) == 3)
    course.case_number, course.query_code = answers[0].case_number, answers[0].query_code
    course.document("MATERIALS_RECEIPT")
    log.step(
        f"{clerk.name}收件，出具收件凭证，办件编号{course.case_number}"
        "（同一请求同时重复三次，只有一个办件）；到厅第1次"
    )


def correct(course: Course) -> None:
    world, log, clerk = course.world, course.log, course.clerk
    world.at(china(9, 21, 10, 10))
    law = "食品经营许可和备案管理办法 第十二条"
    entries = [
        entry(FLOOR_PLAN, "MISSING", "补交经营场所设备设施布局图和操作流程。", law),
        entry(RULES_LIST, "NOT_IN_LEGAL_FORM", "制度目录清单须由申请人签名并注明日期。", law),
    ]
    shared = entry(LICENCE, "MISSING", "请提交营业执照。", law)
    refusal = course.refused_on_case(
        clerk,
        "GiveOneTimeNotice",
        entries=[*entries, shared],
        means="NOTICE_MEANS_SIGNED_AT_WINDOW",
    )
    log.refusal(
        "要求申请人提交可以共享的营业执照", refusal,
        rule="国务院令第716号 第七条", reason="SHARED_DATA_ASKED_FOR",
    )  # fmt: skip
    course.give_notice(entries, say="一次性告知两处问题，出具{title} {number}，当场签收")
    refusal = course.refused_on_case(
        clerk, "GiveOneTimeNotice", entries=entries[:1], means="NOTICE_MEANS_SIGNED_AT_WINDOW"
    )
    log.refusal("再次要求补正", refusal, rule="R1.2", reason="NOTICE_ALREADY_GIVEN")
    world.at(china(9, 22, 15))
    answer = course.correct_online(
        {FLOOR_PLAN: PDF + b"%1", RULES_LIST: PDF + b"%2"},
        say="申请人网上上传补正材料，问题全部消除；未到厅",
    )
    expect("nothing is outstanding", holds=not answer.outstanding)


def accept(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 23, 9, 5))
    refusal = course.refused_on_case(world.staff("p-0201"), "AcceptCase")
    log.refusal("部门岗位自行受理", refusal, rule="R4.4", reason="ACCEPTED_BY_DEPARTMENT")
    stale = world.refused(
        course.clerk, "intake", "AcceptCase", case_number=course.case_number, revision=1
    )
    log.refusal("按过时的页面操作", stale, rule="", reason="STALE_REVISION")
    answer = course.accept(
        say="{clerk}受理（自补正材料到达之时起算），出具{title} {number}并登记用印；承诺{due}前办结"
    )
    expect(
        "accepted as of the arrival of the last cured entry",
        holds=answer.accept_time.ToDatetime(tzinfo=UTC).date() == china(9, 22, 15).date(),
    )
    course.answer_offer(
        by_courier=False, say="告知可由EMS免费寄递（费用由区财政承担），申请人选择到窗口领取"
    )


def hand_over(course: Course) -> None:
    course.world.at(china(9, 23, 11))
    course.hand_over(course.world.staff("p-0202"), "B-0001", pieces=2)


def review(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 24, 9))
    moved = world.staff("p-0101")  # the clerk who accepted holds a department post by now
    refusal = course.refused_on_review(moved, "SubmitOpinion", proposes_grant=True, text="同意。")
    log.refusal("受理人员调入部门后审查本件", refusal, rule="R4.1", reason="REVIEWED_BY_FRONT")
    world.at(china(9, 24, 14))
    reviewer, second = world.staff("p-0201"), world.staff("p-0202")
    alone = course.refused_on_review(
        reviewer, "RecordSiteCheck", checkers=[reviewer.caller.person],
        check_time=stamp(china(9, 24, 13, 30)), place=APPLICANT.address,
        findings="布局与图纸一致，设备设施齐全。", complies=True,
    )  # fmt: skip
    log.refusal(
        "一人进行现场核查", alone,
        rule="行政许可法 第三十四条第三款", reason="SITE_CHECK_BY_ONE",
    )  # fmt: skip
    course.check_site(
        reviewer, second, china(9, 24, 13, 30), findings="布局与图纸一致，设备设施齐全。"
    )
    world.at(china(9, 28, 10))
    course.give_opinion(reviewer, "申请材料齐全，现场核查符合要求，建议准予。")


def decide(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 29, 10))
    reviewer, decider = world.staff("p-0201"), world.staff("p-0301")
    facts = "申请人具备与所经营食品相适应的场所、设备和制度。"
    bases = ["食品安全法 第三十五条", "行政许可法 第三十八条第一款"]
    refusal = course.refused_on_review(
        reviewer, "Decide",
        outcome="DECISION_OUTCOME_GRANTED", facts=facts, legal_bases=bases,
    )  # fmt: skip
    log.refusal("审核人员自行审批", refusal, rule="R4.6a", reason="DECIDED_BY_REVIEWER")
    answer = course.decide(
        decider, facts=facts, legal_bases=bases, content="热食类食品制售（示例）。",
        say="{decider}决定准予，{title} {number} 加盖机关印章；在承诺时限内办结",
    )  # fmt: skip
    expect("the promise was kept", holds=answer.promise_kept and answer.statutory_kept)


def hand_out(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 29, 15))
    sender = world.staff("p-0202")
    course.clerk = world.staff("p-0102")  # another clerk of the accepting window
    course.return_result(
        sender, "R-0001", certificate_number="JY23703060000001",
        say="{sender}回传证照，受理窗口{clerk}签收",
    )  # fmt: skip
    world.at(china(9, 30, 9, 30))
    signed: dict[str, Any] = {"recipient": "RECIPIENT_ADDRESSEE", "signed_by": APPLICANT.name}
    refusal = course.refused_on_case(sender, "HandOut", **signed)
    log.refusal("部门直接发证", refusal, rule="R4.8", reason="HANDED_OUT_BY_DEPARTMENT")
    refusal = course.refused_on_case(world.staff("p-0103"), "HandOut", **signed)
    log.refusal("其他窗口发证", refusal, rule="R4.7", reason="NOT_THE_ACCEPTING_WINDOW")
    answer = course.hand_out(say="受理窗口发证，申请人在送达回证上签名；到厅第2次")
    expect("two visits", holds=answer.visits == 2)


def rate(course: Course) -> None:
    course.world.at(china(9, 30, 9, 40))
    course.rate()


JOURNEY = Journey("1", "食品经营许可：窗口申请、一次补正、现场核查、窗口领取", drive)
