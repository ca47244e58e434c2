"""Journey 6: the clocks. What they count, what stops them, who moves them, and across which year.

Five cases in the last days of 2026: one decided on the spot; one in calendar
days from the material that completed it; one whose expert review stops the
clock only after its notice; one that is extended by the head, across a year
whose holidays are not published yet; and one that is too late for anything.
The second is granted to somebody who cannot be found: announced (公告), served
when its thirty days have run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from liandong.common.v1 import item_terms_pb2 as terms
from liandong.review.v1 import review_service_pb2 as review

from journeys.announced import announce, send_to_nobody, serve_by_announcement
from journeys.course import DISTRICT, PDF, Citizen, Course, china, day, entry, paper
from journeys.fully_online import Online
from journeys.recorder import Journey, Recorder, expect
from journeys.world import World
from workdays import CalendarDay, DayKind, export_year
from workdays.statutory import assumed_notice

__all__ = ["ITEM", "JOURNEY", "drive"]

ITEM: Final = "370306-01-007"  # 企业投资项目核准: 20 working days, 40 more by the head
ENVIRONMENT: Final = f"{DISTRICT}-D02"
LAW_42, LAW_45 = "行政许可法 第四十二条", "行政许可法 第四十五条"
INVESTOR = Citizen("a-0006", "陈示例", "37030619881225014X")
GRANT: Final[dict[str, Any]] = {"legal_bases": ["行政许可法 第三十八条第一款"]}
EXTENSION: Final[dict[str, Any]] = {"amount": 10, "reasons": "项目涉及面广，需进一步核实建设方案。"}


@dataclass(slots=True)
class Cases:
    """The cases of this journey, by what they are about."""

    investment: Course
    building: Online
    hygiene: Course
    assessment: Course

    @property
    def log(self) -> Recorder:
        return self.investment.log

    @property
    def world(self) -> World:
        return self.investment.world


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that is extended."""
    world.at(china(12, 18, 9))
    cases = Cases(
        investment=begin(world, log, ITEM),
        building=Online(
            world,
            log,
            "370306-01-004",
            world.staff("p-0102"),
            world.applicant(INVESTOR.account, "申请人账户"),
            INVESTOR,
        ),
        hygiene=begin(world, log, "370306-01-002"),
        assessment=begin(world, log, "370306-01-005", ENVIRONMENT),
    )
    on_the_spot(begin(world, log, "370306-01-008"))
    begin_with_a_correction(cases)
    accept_in_december(cases)
    decide_in_calendar_days(cases.building)
    parcel = send_to_nobody(cases.building)
    import_the_notice(cases)
    extend(cases.investment)
    plan_an_expert_review(cases.assessment)
    tell_of_the_expert_review(cases.assessment)
    announce(cases.building, parcel)
    end_the_expert_review(cases.assessment)
    be_too_late(cases.hygiene)
    decide_within_the_extension(cases.investment)
    serve_by_announcement(cases.building)
    return cases.investment.case_number


def begin(world: World, log: Recorder, item: str, authority: str = f"{DISTRICT}-D01") -> Course:
    clerk, applicant = world.staff("p-0102"), world.applicant(INVESTOR.account, "申请人账户")
    return Course(world, log, item, clerk, applicant, INVESTOR, authority)


def finish(case: Course, sender: str, bag: str, certificate: str) -> None:
    """Return the result and hand it out, without a word."""
    case.return_result(case.world.staff(sender), bag, certificate_number=certificate, say="")
    case.hand_out(say="")


# --- on the spot; in calendar days ----------------------------------------------------------------


def on_the_spot(case: Course) -> None:
    case.receive_at_window([paper("M01"), paper("M03")], "新设个体工商户（示例）", say="")
    decided = case.on_case(
        case.clerk, "DecideOnTheSpot", facts="材料齐全，符合法定形式。",
        outcome="DECISION_OUTCOME_GRANTED", certificate_number="92370306MA0000006X", **GRANT,
    )  # fmt: skip
    case.seal(case.clerk, "GRANT_DECISION", "AUTHORITY")
    case.hand_out(say="")
    seen = case.case()
    expect("due at once", holds=day(seen.promise_due.on) == date(2026, 12, 18))
    expect("one instant", holds=seen.accept_time == decided.decide_time)
    case.log.step("即办件：受理与决定同一时刻，当日届满、当场办结")


def begin_with_a_correction(cases: Cases) -> None:
    world, log = cases.world, cases.log
    world.at(china(12, 18, 10))
    codes = ("M01", "M05", "M06", "M07")
    building = cases.building
    building.receive_at_window(
        [*(paper(code) for code in codes), {"material_code": "M04", "defect": "DEFECT_MISSING"}],
        "厂房扩建申请施工许可（示例）",
        result_delivery="RESULT_DELIVERY_EMS",
        say="{clerk}收件（施工许可），缺施工合同，办件编号{case}",
    )
    building.give_notice([entry("M04", "MISSING", "补交施工合同。", "建筑法 第八条")])
    world.at(china(12, 18, 11))
    hygiene = cases.hygiene
    hygiene.receive_at_window(
        [paper(code) for code in ("M01", "M03", "M04", "M05")], "新开浴室（示例）", say=""
    )
    hygiene.accept(say="公共场所卫生许可：{clerk}受理，{title} {number}；承诺{due}前办结")
    hygiene.hand_over(world.staff("p-0202"), "B-0601", say="")
    log.step("公共场所卫生许可已移交部门；此件将被搁置到法定期限以后")


def accept_in_december(cases: Cases) -> None:
    world, log = cases.world, cases.log
    world.at(china(12, 21, 9))
    building = cases.building
    building.correct_online({"M04": PDF + b"%contract"})
    accepted = building.accept(say="{clerk}受理，{title} {number}；承诺{due}前办结")
    expect("calendar days", holds=day(accepted.statutory_due.on) == date(2026, 12, 28))
    log.step("建筑法第八条7日为自然日，自补齐之日（12月21日）而非首次收件起算：12月28日届满")
    building.hand_over(world.staff("p-0202"), "B-0602", say="")
    world.at(china(12, 21, 10))
    investment = cases.investment
    investment.receive_at_window(
        [paper("M01"), paper("M02")], "新建仓储项目核准（示例）",
        say="{clerk}收件（企业投资项目核准），办件编号{case}；到厅第1次",
    )  # fmt: skip
    accepted = investment.accept()
    last = accepted.statutory_due
    expect("20 working days into 2027", holds=day(last.on) == date(2027, 1, 19))
    expect("nobody knows 2027 yet", holds=last.provisional)
    log.step("20个工作日跨入尚未公布放假安排的2027年：法定届满日1月19日，标明“暂定”")
    investment.hand_over(world.staff("p-0202"), "B-0603", say="")
    world.at(china(12, 21, 11))
    assessment = cases.assessment
    assessment.receive_at_window(
        [paper(code) for code in ("M01", "M02", "M03")], "新建喷涂车间环评（示例）", say=""
    )
    assessment.accept(say="环评审批：{clerk}受理，{title} {number}；承诺{due}前办结")
    assessment.hand_over(world.staff("p-0704"), "B-0604", say="")


def decide_in_calendar_days(case: Online) -> None:
    world = case.world
    world.at(china(12, 22, 9))
    case.give_opinion(world.staff("p-0201"), say="")
    answer = case.decide(
        world.staff("p-0301"), facts="具备施工条件。", content="准予施工（示例）。", **GRANT,
        say="施工许可：{decider}作出{outcome}的决定，{title} {number}；承诺1个工作日之内",
    )  # fmt: skip
    expect("both kept", holds=answer.promise_kept and answer.statutory_kept)


# --- across the unpublished year -----------------------------------------------------------------


def notice_of_2027() -> str:
    """Return an illustrative notice: a Monday after New Year is free, a Saturday is worked."""
    assumed = assumed_notice(2027)
    changed = (
        CalendarDay(date(2027, 1, 4), DayKind.HOLIDAY, "元旦"),
        CalendarDay(date(2027, 1, 30), DayKind.WORKDAY, "元旦"),
    )
    days = tuple(sorted((*assumed.days, *changed)))
    return export_year(replace(assumed, source="放假安排（示例，非正式通知）", days=days))


def import_the_notice(cases: Cases) -> None:
    world, log, case = cases.world, cases.log, cases.investment
    world.at(china(12, 22, 15))
    world.do(world.staff("p-0601"), "catalog", "ImportCalendarYear", notice=notice_of_2027())
    moved = world.wait(
        "recomputed dates in review",
        lambda: case.review().statutory.due,
        lambda found: not found.provisional,
    )
    expect("a day later", holds=day(moved.on) == date(2027, 1, 20))
    world.wait(
        "recomputed dates in intake",
        lambda: case.case().statutory_due,
        lambda found: found == moved,
    )
    log.step("导入2027年放假安排（示例通知，1月4日放假）：届满日重新计算为1月20日，不再是“暂定”")


# --- the extension ----------------------------------------------------------------------------


def extend(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(12, 23, 9))
    for person, who in (("p-0301", "审批人员"), ("p-0402", "区政府负责人")):
        refusal = case.refused_on_review(world.staff(person), "ExtendLimit", **EXTENSION)
        log.refusal(f"由{who}批准延长", refusal, rule=LAW_42, reason="NOT_THE_HEAD")
    head = world.staff("p-0302")
    longer = {**EXTENSION, "amount": 41}
    refusal = case.refused_on_review(head, "ExtendLimit", **longer)
    log.refusal("延长41个工作日", refusal, rule=LAW_42, reason="EXTENSION_TOO_LONG")
    promised = case.review().promise.due
    extended = case.on_review(head, "ExtendLimit", **EXTENSION)
    expect("30 as one period", holds=day(extended.statutory_due.on) == date(2027, 2, 2))
    expect("the promise stays", holds=extended.promise_due == promised)
    notice = case.seal(head, "EXTENSION_NOTICE", "AUTHORITY")
    case.on_case(
        case.clerk, "GiveProcessNotice",
        document=notice.document, means="NOTICE_MEANS_SIGNED_AT_WINDOW",
    )  # fmt: skip
    world.wait(
        "the notice in review",
        lambda: case.review().extension,
        lambda found: found.HasField("notice_time"),
    )
    log.step(
        f"{head.name}批准延长10个工作日至2027年2月2日，{notice.title} {notice.document_number} "
        "说明理由并告知申请人；承诺时限不变"
    )
    refusal = case.refused_on_review(head, "ExtendLimit", **EXTENSION)
    log.refusal("第二次延长", refusal, rule=LAW_42, reason="ALREADY_EXTENDED")


# --- the expert review ------------------------------------------------------------------------


def plan_an_expert_review(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(12, 23, 10))
    reviewer = world.staff("p-0701")
    before = case.review().statutory.due
    expect("30 calendar days", holds=day(before.on) == date(2027, 1, 20))
    planned: dict[str, Any] = {
        "kind": terms.SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW,
        "days": 5,
        "start_date": {"year": 2026, "month": 12, "day": 23},
        "institution": "淄博市环境工程评估中心（示例）",
    }
    other = {**planned, "kind": terms.SPECIAL_PROCEDURE_KIND_HEARING}
    refusal = case.refused_on_review(reviewer, "PlanSpecialProcedure", **other)
    log.refusal("事项没有规定的特别程序", refusal, rule=LAW_45, reason="PROCEDURE_NOT_ALLOWED")
    refusal = case.refused_on_review(reviewer, "PlanSpecialProcedure", **{**planned, "days": 31})
    log.refusal("专家评审31个工作日", refusal, rule=LAW_45, reason="PROCEDURE_TOO_LONG")
    case.on_review(reviewer, "PlanSpecialProcedure", **planned)
    case.check_site(
        reviewer, world.staff("p-0704"), china(12, 23, 9, 30),
        say="{reviewer}、{second}现场踏勘：不停止计时",
    )  # fmt: skip
    expect("nothing stopped", holds=case.review().statutory.due == before)
    log.step("安排专家评审5个工作日，12月23日开始；尚未书面告知申请人，时限照常计算")


def tell_of_the_expert_review(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(12, 24, 9))
    notice = case.seal(world.staff("p-0702"), "SPECIAL_PROCEDURE")
    unnoticed = case.review().procedures[0]
    expect("sealed is not told", holds=unnoticed.excluded_days == 0)
    case.on_case(
        case.clerk, "GiveProcessNotice",
        document=notice.document, means="NOTICE_MEANS_SIGNED_AT_WINDOW",
    )  # fmt: skip
    told = world.wait(
        "the notice in review",
        lambda: case.review().procedures[0],
        lambda found: found.HasField("notice_time"),
    )
    expect("four of the five days told", holds=told.excluded_days == 4)
    expect("the law waits", holds=day(case.review().statutory.due.on) == date(2027, 1, 26))
    log.step(
        f"{notice.title} {notice.document_number} 12月24日告知申请人：只扣除告知以后的4个工作日，"
        "法定届满日移至1月26日，承诺同样顺延"
    )
    world.at(china(12, 25, 9))
    lights = case.review()
    suspended = review.LIGHT_SUSPENDED
    expect(
        "both clocks stand still",
        holds=(lights.promise.light, lights.statutory.light) == (suspended, suspended),
    )


def end_the_expert_review(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(1, 5, 9, year=2027))
    ended = case.on_review(
        world.staff("p-0701"), "EndSpecialProcedure",
        procedure=case.review().procedures[0].procedure,
        end_date={"year": 2027, "month": 1, "day": 5},
    )  # fmt: skip
    expect("no more than told", holds=ended.excluded_days == 4)
    expect("nothing more", holds=day(case.review().statutory.due.on) == date(2027, 1, 26))
    log.step("专家评审拖到1月5日才结束：仍只扣除告知的天数，届满日不再后移")
    case.give_opinion(world.staff("p-0701"), say="")
    answer = case.decide(
        world.staff("p-0702"), facts="评审意见已落实。", content="同意建设（示例）。", **GRANT,
        say="环评审批：{decider}作出{outcome}的决定，{title} {number}",
    )  # fmt: skip
    expect("within the law", holds=answer.statutory_kept)
    finish(case, "p-0704", "R-0604", "周环审〔2027〕1号（示例）")


# --- too late; within the extension --------------------------------------------------------------


def be_too_late(case: Course) -> None:
    world, log = case.world, case.log
    last = day(case.review().statutory.due.on)
    tomorrow = last + timedelta(days=1)
    world.at(china(tomorrow.month, tomorrow.day, 9, year=tomorrow.year))
    head = world.staff("p-0302")
    refusal = case.refused_on_review(head, "ExtendLimit", **EXTENSION)
    log.refusal("期限届满以后再延长", refusal, rule=LAW_42, reason="EXTENSION_TOO_LATE")
    found = case.review()
    expect("past the law", holds=found.promise.light == review.LIGHT_PAST_LAW)
    log.step(f"法定期限{last.month}月{last.day}日已过：灯色“超法定”，监管留痕")
    reviewer = world.staff("p-0201")
    checked = china(tomorrow.month, tomorrow.day, 8, 30, year=tomorrow.year)
    case.check_site(reviewer, world.staff("p-0202"), checked, say="")
    case.give_opinion(reviewer, say="")
    answer = case.decide(
        world.staff("p-0301"), facts="卫生设施符合要求。", content="浴室（示例）。", **GRANT,
        say="仍须作出决定：{decider}作出{outcome}的决定，{title} {number}；如实记为超期",
    )  # fmt: skip
    expect("both broken", holds=not (answer.promise_kept or answer.statutory_kept))
    finish(case, "p-0202", "R-0601", "WS37030620270001")


def decide_within_the_extension(case: Course) -> None:
    world, log = case.world, case.log
    world.at(china(1, 25, 9, year=2027))
    case.give_opinion(world.staff("p-0201"))
    world.at(china(1, 25, 15, year=2027))
    answer = case.decide(
        world.staff("p-0301"),
        facts="项目符合产业政策和规划。",
        content="同意核准（示例）。",
        **GRANT,
    )
    expect("the law was kept, thanks to the extension", holds=answer.statutory_kept)
    expect("the promise was not", holds=not answer.promise_kept)
    log.step("在延长后的法定期限内办结；承诺10个工作日已过，如实记为超承诺")
    world.at(china(1, 26, 9, year=2027))
    sender = world.staff("p-0202")
    case.return_result(sender, "R-0603", certificate_number="周发改核〔2027〕1号（示例）")
    case.hand_out(say="受理窗口发证，{signed_by}在送达回证上签名；到厅第2次")


JOURNEY = Journey("6", "时限：特别程序、延长、自然日、当场、跨年暂定、超期", drive)
