"""Journey 3: three requests that village posts carry, two collected by the agent; nobody comes.

The first post only helps and carries: the town's window receives. The second
is a receiving point of its item: the case begins with the agent's receipt.
The district's department decides both. The third lies at its post for too long:
supervision is told, the window receives it all the same. Tried on the way, and refused: a fee,
no mandate, carrying past the window, acceptance by an agent, a stranger's signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from liandong.metrics.v1 import metrics_service_pb2 as metrics

from journeys.course import DISTRICT, PDF, SUPERVISOR, Citizen, Course, china, paper
from journeys.one_case import MEDIA_TYPE
from journeys.recorder import Journey, Recorder, expect
from journeys.world import Actor, World

__all__ = ["JOURNEY", "drive"]

OLD_AGE, HOME_CARE = "370306-05-002", "370306-20-003"
CIVIL_AFFAIRS = f"{DISTRICT}-D03"
TOWN_WINDOW = "370306001000-C1-W01"
GRANDFATHER = Citizen("a-0301", "孙示例", "370306194003120013")
GRANDMOTHER = Citizen("a-0302", "周示例", "370306194506180026")
NEIGHBOUR = Citizen("a-0303", "吴示例", "370306194208150013")
LAW = "老年人权益保障法"
AGENTS = {"p-0801": "韩梅（示例）", "p-0802": "田丽（示例）"}


@dataclass(slots=True)
class Carried(Course):
    """A case that a village agent carries, from the applicant's door and back to it."""

    agent: Actor | None = None
    agent_name: str = ""
    assistance: str = ""

    @property
    def carrier(self) -> Actor:
        if self.agent is None:
            raise ValueError("nobody carries this case")
        return self.agent

    def mandate(self) -> dict[str, Any]:
        """Upload a signed mandate that lets the agent apply and collect."""
        scan = self.world.upload(self.carrier, PDF + self.item.encode(), MEDIA_TYPE)
        return {
            "scan_sha256": scan,
            "scope": "代为提交申请材料、代领结果",
            "may_collect": True,
            "agent_name": self.agent_name,
        }

    def request(self, materials: list[dict[str, Any]], summary: str) -> dict[str, Any]:
        self.pieces = sum(each["paper_pieces"] for each in materials)
        return {
            "item_code": self.item,
            "applicant": self.citizen.form,
            "materials": materials,
            "mandate": self.mandate(),
            "result_delivery": "RESULT_DELIVERY_COLLECTION",
            "summary": summary,
        }

    def view(self) -> Any:
        """Return the carried request as the agent sees it."""
        return self.world.do(
            self.carrier, "intake", "GetAssistance", assistance=self.assistance
        ).assistance

    def take(self, asked: dict[str, Any]) -> Any:
        """Take the request in, and wait until its slip is printed."""
        taken = self.world.do(self.carrier, "intake", "TakeAssistance", **asked)
        self.assistance = taken.assistance
        self.case_number, self.query_code = taken.received_case, taken.query_code
        self.world.wait("代办接件单", self.view, lambda found: bool(found.slip_sha256))
        return taken

    def pass_on(self, to_unit: str = TOWN_WINDOW) -> Any:
        return self.world.do(
            self.carrier, "intake", "PassOnAssistance",
            assistance=self.assistance, revision=self.view().revision, to_unit=to_unit,
        )  # fmt: skip

    def decided(self, day: int, decision: str, basis: str) -> None:
        """Have the department review and decide, and bring the result back to the window."""
        world = self.world
        receiver = world.staff("p-0714")
        self.hand_over(receiver, f"袋-{self.item}")
        world.at(china(10, day, 10))
        self.give_opinion(world.staff("p-0711"))
        world.at(china(10, day, 15))
        self.decide(
            world.staff("p-0712"), facts="申请人年龄和户籍经共享数据核对属实。",
            legal_bases=[basis], content=decision,
        )  # fmt: skip
        world.at(china(10, day, 16))
        self.return_result(
            receiver, f"果-{self.item}", certificate_number=f"周民〔2026〕{self.item[-6:]}"
        )

    def collect(self) -> None:
        """Hand the result out to the agent, whose mandate says 代领."""
        handed = self.hand_out(
            recipient="MANDATED_AGENT",
            signed_by=self.agent_name,
            mandate=self.assistance,
            say="代办员{signed_by}凭委托书代领，在送达回证上签名（代收）；申请人到厅0次",
        )
        expect("nobody came to a hall", holds=handed.visits == 0)


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the number of the case of the first village."""
    world.at(china(10, 19, 9))
    late = _carried(world, log, OLD_AGE, NEIGHBOUR, "p-0801")
    _left_at_the_post(late)
    first = _carried(world, log, OLD_AGE, GRANDFATHER, "p-0802")
    _from_an_ordinary_post(first)
    _passed_on_late(late)
    second = _carried(world, log, HOME_CARE, GRANDMOTHER, "p-0801")
    _from_a_receiving_point(second)
    return first.case_number


def _carried(world: World, log: Recorder, item: str, citizen: Citizen, agent: str) -> Carried:
    return Carried(
        world, log, item, world.staff("p-0901"), world.applicant(citizen.account, citizen.name),
        citizen, CIVIL_AFFAIRS, agent=world.staff(agent), agent_name=AGENTS[agent],
    )  # fmt: skip


def _from_an_ordinary_post(course: Carried) -> None:
    asked = course.request([paper("M01"), paper("M03")], "高龄津贴申领（示例）")
    _refused_at_the_door(course, asked)
    taken = course.take(asked)
    course.log.step(
        f"{course.carrier.name}上门接件，申请人签署代办委托书（可代领），出具代办接件单，"
        f"代办编号{taken.assistance}；须在10月20日前转办，不收费"
    )
    _refused_on_the_way(course)
    course.world.at(china(10, 19, 16))
    expect("it is passed on in time", holds=course.pass_on().in_time)
    course.log.step("代办员当日转办至丝绸路街道便民服务中心综合窗口")
    course.world.at(china(10, 20, 9, 10))
    course.receive_at_window(
        [paper("M01"), paper("M03")],
        "高龄津贴申领（示例）",
        channel="CHANNEL_ASSISTANCE",
        assistance=course.assistance,
        applicant=None,
        say="{clerk}对代办件收件，收件时间以此为准，出具收件凭证，办件编号{case}；申请人未到厅",
    )
    course.accept()
    course.decided(22, "确认自2026年10月起享受高龄津贴。", f"{LAW} 第三十三条")
    course.world.at(china(10, 23, 10))
    stranger = course.refused_on_case(
        course.clerk, "HandOut", recipient="RECIPIENT_MANDATED_AGENT",
        signed_by="过路人（示例）", mandate=course.assistance,
    )  # fmt: skip
    course.log.refusal(
        "他人冒用代办委托书领取结果", stranger,
        rule="行政许可法 第四十四条", reason="SIGNATURE_WITHOUT_MANDATE",
    )  # fmt: skip
    course.collect()
    course.rate(say="申请人在家中评价：满意")


def _refused_at_the_door(course: Carried, asked: dict[str, Any]) -> None:
    world, log = course.world, course.log
    paid = world.refused(course.carrier, "intake", "TakeAssistance", **{**asked, "fee_fen": 1000})
    log.refusal("代办收取10元", paid, rule="R1.6", reason="ASSISTANCE_NOT_FREE")
    without = world.refused(course.carrier, "intake", "TakeAssistance", **{**asked, "mandate": {}})
    log.refusal(
        "没有委托书就代办", without,
        rule="行政许可法 第二十九条第二款", reason="MANDATE_MISSING",
    )  # fmt: skip


def _refused_on_the_way(course: Carried) -> None:
    world, log = course.world, course.log
    past = world.refused(
        course.carrier, "intake", "PassOnAssistance", assistance=course.assistance,
        revision=course.view().revision, to_unit=CIVIL_AFFAIRS,
    )  # fmt: skip
    log.refusal("绕过窗口直接送到部门", past, rule="R3.4", reason="NOT_A_COMPETENT_WINDOW")
    early = world.refused(
        course.clerk, "intake", "ReceiveApplication",
        **course.application(
            [paper("M01"), paper("M03")], summary="高龄津贴申领（示例）",
            channel="CHANNEL_ASSISTANCE", assistance=course.assistance,
        ),
    )  # fmt: skip
    log.refusal("材料未到窗口就收件", early, rule="R5.5", reason="ASSISTANCE_NOT_PASSED_ON")


def _left_at_the_post(course: Carried) -> None:
    course.take(course.request([paper("M01"), paper("M03")], "高龄津贴申领（示例）"))
    course.log.step(f"另一村{course.carrier.name}接件{course.assistance}，随后外出，材料留在代办点")


def _passed_on_late(course: Carried) -> None:
    world, log = course.world, course.log
    expect("it is overdue", holds=course.view().overdue)
    alarm = world.rest(
        "the alarm of the overdue assistance",
        lambda: [
            each
            for each in world.do(world.staff(SUPERVISOR), "metrics", "ListAlarms").alarms
            if each.case_number == course.assistance
        ],
        bool,
    )[0]
    expect("against the post", holds=alarm.unit == course.carrier.caller.unit)
    expect("as overdue", holds=alarm.kind == metrics.ALARM_KIND_ASSISTANCE_OVERDUE)
    log.step(f"10月20日24时已过仍未转办：监管收到告警“{alarm.title}”，责任单位为该代办点")
    expect("it is passed on late", holds=not course.pass_on().in_time)
    course.receive_at_window(
        [paper("M01"), paper("M03")],
        "高龄津贴申领（示例）",
        channel="CHANNEL_ASSISTANCE",
        assistance=course.assistance,
        applicant=None,
        say="10月23日才转办，记为逾期；镇街窗口照常收件，办件编号{case}，申请人不因此受损",
    )
    course.on_case(course.applicant, "WithdrawCase", reason="已由子女在网上申领（示例）")
    course.document("WITHDRAWAL_RECORD")
    log.step("申请人改由子女网上申领，撤回该申请")


def _from_a_receiving_point(course: Carried) -> None:
    world, log = course.world, course.log
    world.at(china(10, 23, 14))
    taken = course.take(
        course.request([paper("M01"), paper("M03")], "居家养老服务补贴申请（示例）")
    )
    course.document("MATERIALS_RECEIPT")
    received = course.case()
    expect("received at the village post", holds=received.receive_time == taken.take_time)
    expect("it is the town window's case", holds=received.window_unit == TOWN_WINDOW)
    log.step(
        f"{course.carrier.name}接件；目录列明本代办点为该事项收件点，以其签收为收件，"
        f"同时出具代办接件单和收件凭证，办件编号{course.case_number}"
    )
    refusal = course.refused_on_case(course.carrier, "AcceptCase")
    log.refusal("村级代办点自行受理", refusal, rule="R4.4", reason="NOT_A_WINDOW_POST")
    passed = course.pass_on()
    world.at(china(10, 23, 17))
    world.do(
        course.clerk, "intake", "AcknowledgeAssistance",
        assistance=course.assistance, revision=passed.revision,
    )  # fmt: skip
    log.step(f"代办员转交材料，{course.clerk.name}签收")
    accepted = course.accept()
    expect("accepted as of that receipt", holds=accepted.accept_time == taken.take_time)
    course.decided(26, "确认享受居家养老服务补贴。", f"{LAW} 第三十七条")
    world.at(china(10, 27, 9))
    course.collect()


JOURNEY = Journey("3", "从村里来：代办委托、镇街收件、部门决定、代领，申请人不到厅", drive)
