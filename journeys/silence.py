"""Journey 4: the window stays silent, so the law accepts (逾期不告知, 视为受理).

Received with a report missing; nobody says so within five working days. The
case is accepted as of its receipt, the promise is overdue before the
department has seen it, and those days are the window's. The department asks
for an explanation, which nobody must give, and decides on the file.
"""

from __future__ import annotations

from typing import Any, Final

from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.metrics.v1 import metrics_service_pb2 as metrics
from liandong.review.v1 import review_service_pb2 as review

from journeys.course import PDF, Citizen, Course, china, day, entry, paper
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World

__all__ = ["ITEM", "JOURNEY", "drive"]

ITEM: Final = "370306-01-002"
CITIZEN = Citizen("a-0004", "冯示例", "370306198509120123")
REPORT = "M04"  # 卫生检测或者评价报告, which was not handed in
ASKED = entry(REPORT, "MISSING", "补交公共场所卫生检测报告。", "公共场所卫生管理条例实施细则")


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the case number."""
    world.at(china(10, 28, 9, 30))
    applicant = world.applicant(CITIZEN.account, "申请人账户")
    case = Course(world, log, ITEM, world.staff("p-0102"), applicant, CITIZEN)
    receive(case)
    stay_silent(case)
    tell_what_silence_did(case)
    hand_over_late(case)
    ask_for_an_explanation(case)
    decide_on_the_file(case)
    hand_out(case)
    return case.case_number


def receive(case: Course) -> None:
    answer = case.receive_at_window(
        [
            paper("M01"),
            paper("M03"),
            {"material_code": REPORT, "defect": "DEFECT_MISSING"},
            paper("M05"),
        ],
        "新开理发店申请公共场所卫生许可（示例）",
        electronic_service_consent=True,
        say="{clerk}收件，缺卫生检测报告，出具收件凭证，办件编号{case}；到厅第1次",
    )
    expect("five working days", holds=day(answer.notice_due.on) == china(11, 4, 9).date())
    case.log.step("应当在11月4日前一次性告知需要补正的内容；窗口没有告知")


def stay_silent(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 4, 23, 30))  # where legal time goes on by itself, it is not midnight yet
    still = case.case()
    expect("not yet accepted", holds=still.state == intake.CASE_STATE_RECEIVED)
    world.at(china(11, 5, 0, 0))
    seen = case.case()  # read at once: whoever looks need not wait for any timer
    expect("accepted by silence", holds=seen.state == intake.CASE_STATE_ACCEPTED)
    expect("as of receipt", holds=seen.accept_time == seen.receive_time)
    log.step("11月4日24时一过，任何人查询都已是“视为受理”，受理时间为收件之时（不等定时任务）")
    world.at(china(11, 5, 8, 40))
    refusal = case.refused_on_case(
        case.clerk, "GiveOneTimeNotice",
        entries=[ASKED], means="NOTICE_MEANS_SIGNED_AT_WINDOW",
    )  # fmt: skip
    log.refusal(
        "过期以后再要求补正", refusal,
        rule="行政许可法 第三十二条第一款第四项", reason="NOTICE_TOO_LATE",
    )  # fmt: skip


def tell_what_silence_did(case: Course) -> None:
    world, log = case.world, case.log
    notice = case.seal(case.clerk, "ACCEPTANCE_NOTICE")
    log.step(f"受理通知书照样出具：{notice.title} {notice.document_number}，载明视为受理")
    alarm = world.wait(
        "the alarm of the silence",
        lambda: [
            each
            for each in world.do(case.reader, "metrics", "ListAlarms").alarms
            if each.case_number == case.case_number
            and each.kind == metrics.ALARM_KIND_DEEMED_ACCEPTANCE
        ],
        bool,
    )[0]
    expect("against the window", holds=alarm.unit.endswith("-W01"))
    log.step(f"监管收到红色告警“{alarm.title}”，责任单位为受理窗口")


def hand_over_late(case: Course) -> None:
    world, log = case.world, case.log
    found = case.opened()
    expect(
        "the promise was shorter than the silence", holds=found.promise.light == review.LIGHT_RED
    )
    expect("both run from receipt", holds=day(found.promise.due.on) == china(11, 2, 9).date())
    expect("the law is kept so far", holds=found.statutory.light == review.LIGHT_GREEN)
    world.at(china(11, 5, 10))
    case.hand_over(world.staff("p-0202"), "B-0401")
    days = case.review().segments
    expect(
        "the days are the window's", holds=(days.days_at_window, days.days_at_department) == (6, 0)
    )
    log.step(
        f"承诺3个工作日比5日还短：部门收到时承诺已于11月2日届满，"
        f"此前{days.days_at_window}个工作日全部记在窗口名下"
    )


def ask_for_an_explanation(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 5, 14))
    reviewer = world.staff("p-0201")
    before = case.review().statutory.due
    asked = case.on_review(
        reviewer,
        "RequestExplanation",
        question="请说明室内空气质量检测的情况，有检测报告的可一并提供。",
    )
    notice = case.document("EXPLANATION_REQUEST")
    case.on_case(
        reviewer, "GiveProcessNotice", document=notice.document, means="NOTICE_MEANS_ACCOUNT"
    )
    log.step(f"{reviewer.name}请申请人补充说明（自愿，时限不停，不说明也要决定）")
    world.at(china(11, 6, 9))
    report = PDF + b"%report"
    materials = [
        {"material_code": REPORT, "sha256": world.upload(case.applicant, report, "application/pdf")}
    ]
    case.on_case(
        case.applicant, "GiveExplanation", explanation=asked.explanation,
        text="已于10月20日检测合格，报告随附。", materials=materials,
    )  # fmt: skip
    world.wait(
        "the explanation in review",
        lambda: case.review().explanations[0],
        lambda found: found.HasField("answer_time"),
    )
    expect("no clock stood still", holds=case.review().statutory.due == before)
    log.step("申请人在网上补充说明并附检测报告；未到厅，时限没有变化")


def decide_on_the_file(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(11, 9, 10))
    case.check_site(world.staff("p-0201"), world.staff("p-0202"), china(11, 9, 9, 20))
    case.give_opinion(world.staff("p-0201"))
    world.at(china(11, 10, 10))
    answer = case.decide(
        world.staff("p-0301"),
        facts="场所卫生设施、制度和检测结果符合要求。",
        legal_bases=["公共场所卫生管理条例 第四条", "行政许可法 第三十八条第一款"],
        content="理发店，卫生许可（示例）。",
    )
    expect("the promise was broken", holds=not answer.promise_kept)
    expect("the law was kept", holds=answer.statutory_kept)
    days = case.review().segments
    expect("three days here", holds=(days.days_at_window, days.days_at_department) == (6, 3))
    log.step(
        f"依卷决定：法定20个工作日之内；超出承诺，窗口{days.days_at_window}个工作日、"
        f"部门{days.days_at_department}个工作日分别记账"
    )


def hand_out(case: Course) -> None:
    case.world.at(china(11, 10, 15))
    certificate: dict[str, Any] = {"certificate_number": "WS37030620260004"}
    case.return_result(case.world.staff("p-0202"), "R-0401", **certificate)
    case.world.at(china(11, 11, 9))
    answer = case.hand_out(say="受理窗口发证，{signed_by}在送达回证上签名；到厅第2次")
    expect("two visits", holds=answer.visits == 2)


JOURNEY = Journey("4", "逾期不告知视为受理：承诺已过、补充说明、依卷决定", drive)
