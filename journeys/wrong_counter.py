"""Journey 9: the wrong counter. Receipt is never refused; the case is passed on, the clock runs.

A window whose letter has ended, a window of a town that has none for the item,
an item that is out of force, and a question to whoever was asked first. At the end
the letter is renewed, which waits until somebody at the window is trained again.
"""

from __future__ import annotations

import hashlib
from typing import Any

from journeys.course import DISTRICT, Citizen, Course, china, paper
from journeys.recorder import Journey, Recorder, expect
from journeys.world import Actor, World

__all__ = ["JOURNEY", "drive"]

ITEM, ENDED, SUCCESSOR = "370306-01-009", "370306-01-013", "370306-01-001"
CENTRE = f"{DISTRICT}-C1"
TOWN_WINDOW = "370306001000-C1-W01"
FIRE_SERVICE = f"{DISTRICT}-D05"
BUILDER = Citizen("a-0901", "吴示例", "37030619880520003X")
SECOND = Citizen("a-0902", "郑示例", "370306199201110046")
PAPERS = [paper("M01"), paper("M02"), paper("M03"), paper("M04")]
SUMMARY = "旧房拆除建筑垃圾处置（示例）"


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case that the expired letter met."""
    world.at(china(11, 30, 9, 20))
    course = _course(world, log, ITEM, "p-0104", BUILDER)
    _expired_letter(course)
    late = _course(world, log, ITEM, "p-0901", SECOND)
    _wrong_window(late)
    _out_of_force(_course(world, log, ENDED, "p-0102", SECOND))
    world.at(china(11, 30, 15))
    _to_the_competent_window(course)
    _transferred_late(late)
    _first_asked(world, log)
    _to_the_end(course)
    _renewed_when_trained(world, log)
    return course.case_number


def _course(world: World, log: Recorder, item: str, clerk: str, citizen: Citizen) -> Course:
    applicant = world.applicant(citizen.account, citizen.name)
    return Course(world, log, item, world.staff(clerk), applicant, citizen)


def _expired_letter(course: Course) -> None:
    course.receive_at_window(
        PAPERS, SUMMARY,
        say="{clerk}（授权书已于11月1日到期）照常收件，出具收件凭证，办件编号{case}；到厅第1次",
    )  # fmt: skip
    expect("it waits for its transfer", holds=course.case().incompetent)
    course.told("COMPETENCE_ALARMED")
    course.log.step("系统提示主管部门：该窗口目前不能受理此事项；期限自收件起照常计算")
    refusal = course.refused_on_case(course.clerk, "AcceptCase")
    course.log.refusal("授权书到期的窗口受理", refusal, rule="R3.4", reason="POWER_MISSING")
    refusal = course.refused_on_case(course.clerk, "TransferCase", to_window=TOWN_WINDOW)
    course.log.refusal("转给同样无权的窗口", refusal, rule="R3.4", reason="NOT_A_COMPETENT_WINDOW")


def _wrong_window(course: Course) -> None:
    course.world.at(china(11, 30, 10, 30))
    course.receive_at_window(
        PAPERS, SUMMARY,
        say="{clerk}对不属于本窗口的事项照常收件，出具收件凭证，办件编号{case}",
    )  # fmt: skip
    expect("it waits for its transfer", holds=course.case().incompetent)


def _out_of_force(course: Course) -> None:
    course.world.at(china(11, 30, 11))
    course.receive_at_window(
        [paper("M01")], "小餐饮登记（示例）",
        say="{clerk}收到已停止施行事项的申请，先行收件，办件编号{case}",
    )  # fmt: skip
    expect("silence cannot accept it", holds=course.case().out_of_force)
    refusal = course.refused_on_case(course.clerk, "AcceptCase")
    course.log.refusal(
        "受理已停止施行的事项", refusal,
        rule="行政许可法 第三十二条第一款第一项", reason="ITEM_NOT_IN_FORCE",
    )  # fmt: skip
    course.on_case(
        course.clerk, "TellNotRequired",
        reason=f"小餐饮登记已于2026年10月1日停止施行，请改办食品经营许可（{SUCCESSOR}）。",
        legal_basis="行政许可法第三十二条第一款第一项",
    )  # fmt: skip
    notice = course.seal(course.clerk, "NOT_REQUIRED_NOTICE")
    course.log.step(f"书面答复：{notice.title} {notice.document_number}，载明替代事项")


def _to_the_competent_window(course: Course) -> None:
    received = course.case().receive_time
    moved = course.on_case(course.clerk, "TransferCase", to_window=f"{CENTRE}-W01")
    expect("the same day", holds=moved.same_day)
    course.log.step(f"{course.clerk.name}于收件当日将办件转至综合窗口（1号），申请人不用再跑")
    course.clerk = course.world.staff("p-0102")
    accepted = course.accept(
        say="{clerk}受理（自首次收件起算），出具{title} {number}；承诺{due}前办结"
    )
    expect("accepted as of the first receipt", holds=accepted.accept_time == received)


def _transferred_late(course: Course) -> None:
    course.world.at(china(12, 1, 9))
    moved = course.on_case(course.clerk, "TransferCase", to_window=f"{CENTRE}-W02")
    expect("a day late", holds=not moved.same_day)
    course.told("CASE_TRANSFERRED_LATE")
    course.log.step(f"{course.clerk.name}次日才转至综合窗口（2号）：记为未于收件当日转出")
    course.on_case(course.applicant, "WithdrawCase", reason="改由施工单位统一申请（示例）")
    course.document("WITHDRAWAL_RECORD")
    course.log.step("申请人网上撤回该申请，办理终结")


def _first_asked(world: World, log: Recorder) -> None:
    world.at(china(12, 1, 10))
    first, fire_service = world.staff("p-0103"), world.staff("p-0731")
    question = {
        "question": "棋牌室开业前要不要消防检查？由谁负责？",
        "asked_by_name": SECOND.name,
        "asked_by_phone": SECOND.phone,
    }
    asked = world.do(first, "intake", "RegisterEnquiry", **question)
    log.step(f"群众向{first.name}询问不属于其窗口的事：登记首问，由其负责到底（{asked.enquiry}）")
    asked = _Question(world, asked.enquiry)
    refusal = asked.refused(first, "AnswerEnquiry", answer="")
    log.refusal("未答复就办结首问", refusal, rule="R1.3", reason="ENQUIRY_UNANSWERED")
    asked.do(first, "HandOverEnquiry", to_unit=FIRE_SERVICE)
    expect("still the first owner's", holds=asked.read(first).owner == first.caller.person)
    log.step(f"{first.name}移交消防救援大队；签收之前仍由其负责")
    refusal = asked.refused(world.staff("p-0104"), "AcknowledgeEnquiry")
    log.refusal("无关窗口签收", refusal, rule="R1.3", reason="NOT_THE_UNIT_ASKED")
    refusal = asked.refused(fire_service, "AnswerEnquiry", answer="需要。")
    log.refusal("未签收就代答", refusal, rule="R1.3", reason="NOT_THE_ENQUIRY_OWNER")
    asked.do(fire_service, "AcknowledgeEnquiry")
    expect("the owner has changed", holds=asked.read(first).owner == fire_service.caller.person)
    asked.do(
        fire_service, "AnswerEnquiry",
        answer="投入使用、营业前须向消防救援大队申请消防安全检查，可在综合窗口办理。",
    )  # fmt: skip
    log.step(f"{fire_service.name}签收后成为责任人，答复并办结")


class _Question:
    """One question, commanded at the revision it has now."""

    def __init__(self, world: World, enquiry: str) -> None:
        self._world = world
        self._enquiry = enquiry
        self._keeper = world.staff("p-0103")

    def read(self, actor: Actor) -> Any:
        return self._world.do(actor, "intake", "GetEnquiry", enquiry=self._enquiry).enquiry

    def do(self, actor: Actor, method: str, **fields: Any) -> Any:
        return self._world.do(actor, "intake", method, **self._seen(), **fields)

    def refused(self, actor: Actor, method: str, **fields: Any) -> Any:
        return self._world.refused(actor, "intake", method, **self._seen(), **fields)

    def _seen(self) -> dict[str, Any]:
        return {"enquiry": self._enquiry, "revision": self.read(self._keeper).revision}


def _to_the_end(course: Course) -> None:
    world = course.world
    receiver = world.staff("p-0202")
    course.hand_over(receiver, "袋-1130")
    course.give_opinion(world.staff("p-0201"))
    world.at(china(12, 1, 16))
    course.decide(
        world.staff("p-0301"), facts="处置方案和去向证明齐全。",
        legal_bases=["城市建筑垃圾管理规定 第七条"],
    )  # fmt: skip
    world.at(china(12, 2, 9))
    course.return_result(receiver, "果-1130", certificate_number="周建垃〔2026〕1号")
    former = world.staff("p-0104")
    refusal = course.refused_on_case(
        former, "HandOut", recipient="RECIPIENT_ADDRESSEE", signed_by=course.citizen.name
    )
    course.log.refusal(
        "最初收件的窗口发证", refusal, rule="R4.7", reason="NOT_THE_ACCEPTING_WINDOW"
    )
    course.hand_out(say="受理窗口发证，{signed_by}在送达回证上签名；到厅第2次")


def _renewed_when_trained(world: World, log: Recorder) -> None:
    """Renew the letter of the window that had none since November: first the training, R4.9."""
    world.at(china(12, 2, 14))
    head, supervisor = world.staff("p-0302"), world.staff("p-0401")
    letter: dict[str, Any] = {
        "letter": "周审批授权〔2026〕5号",
        "authority": f"{DISTRICT}-D01",
        "window_unit": f"{CENTRE}-W03",
        "signatory": "孙丽（示例）",
        "from_date": {"year": 2027, "month": 1, "day": 1},
        "until_date": {"year": 2028, "month": 1, "day": 1},
        "item_powers": [{"item_code": ITEM, "powers": ["POWER_RECEIVE", "POWER_ACCEPT"]}],
        "scan_sha256": hashlib.sha256("示例 周审批授权〔2026〕5号".encode()).hexdigest(),
    }
    refusal = world.refused(head, "catalog", "SignAuthorisationLetter", **letter)
    log.refusal("窗口人员培训已过期，仍续签授权书", refusal, rule="R4.9", reason="NOBODY_TRAINED")
    world.do(
        supervisor, "catalog", "RecordTraining", person="p-0104",
        rules_version="ONE_WINDOW_ACCEPTANCE@1", item_codes=[ITEM],
        trained_on={"year": 2026, "month": 12, "day": 2},
    )  # fmt: skip
    world.do(head, "catalog", "SignAuthorisationLetter", **letter)
    listed = world.do(head, "catalog", "ListWindowLetters", window_unit=letter["window_unit"])
    expect("the letter is signed", holds=letter["letter"] in {e.letter for e in listed.letters})
    log.step(
        f"{supervisor.name}登记3号窗口人员的培训，{head.name}随即签署授权书"
        f"{letter['letter']}，自2027年1月1日起生效"
    )


JOURNEY = Journey(
    "9", "走错窗口：照常收件、当日转办、停办事项书面答复、首问负责、先培训后授权", drive
)
