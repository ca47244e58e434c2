"""Journey 1 of many cases side by side, a stage at a time: what the law asks for, and no refusals.

Every case is at the same stage before the next begins, and between two stages
the district settles. So legal time may move for all of them, and nobody asks
again and again for what is not there yet: what is spent is what the acts and
their effects cost, with the looks that a clerk takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bench.district import Bench
from bench.people import citizen, receipt
from journeys.course import Course, china
from journeys.food_licence import FLOOR_PLAN, ITEM, MATERIALS, RULES_LIST, SUMMARY
from journeys.forms import PDF, entry
from journeys.recorder import Recorder
from journeys.world import Actor
from servicekit.clock import steer

__all__ = ["Hall", "drive_all", "open_cases", "templates"]

_SIDE_BY_SIDE: Final = 4
_TEMPLATES: Final = 90_000  # their applicants are nobody else's
_LAW: Final = "食品经营许可和备案管理办法 第十二条"
_NOTICE: Final = (
    entry(FLOOR_PLAN, "MISSING", "补交经营场所设备设施布局图和操作流程。", _LAW),
    entry(RULES_LIST, "NOT_IN_LEGAL_FORM", "制度目录清单须由申请人签名并注明日期。", _LAW),
)
_BASES: Final = ("食品安全法 第三十五条", "行政许可法 第三十八条第一款")


@dataclass(frozen=True, slots=True)
class Hall:
    """Who acts."""

    clerk: Actor
    reviewer: Actor
    second: Actor
    decider: Actor


@dataclass(slots=True)
class _Case:
    number: int
    course: Course
    hall: Hall

    def receive(self) -> None:
        asked = self.course.application(MATERIALS, summary=SUMMARY)
        answer = self.course.world.do(self.course.clerk, "intake", "ReceiveApplication", **asked)
        self.course.case_number = answer.case_number

    def notice(self) -> None:
        means = "NOTICE_MEANS_SIGNED_AT_WINDOW"
        self.course.on_case(self.hall.clerk, "GiveOneTimeNotice", entries=_NOTICE, means=means)

    def seal_notice(self) -> None:
        self.course.seal(self.hall.clerk, "ONE_TIME_NOTICE")

    def correct(self) -> None:
        files = {FLOOR_PLAN: PDF + b"%1", RULES_LIST: PDF + b"%2"}
        self.course.correct_online(files, say="")

    def accept(self) -> None:
        self.course.on_case(self.hall.clerk, "AcceptCase")

    def seal_acceptance(self) -> None:
        self.course.seal(self.hall.clerk, "ACCEPTANCE_NOTICE")
        self.course.answer_offer(by_courier=False)

    def hand_over(self) -> None:
        self.course.on_case(self.hall.clerk, "HandOverBundle", bag=self._bag("B"), pieces=2)

    def take_over(self) -> None:
        self.course.on_case(self.hall.second, "ReceiveBundle", bag=self._bag("B"), pieces=2)

    def check(self) -> None:
        self.course.check_site(self.hall.reviewer, self.hall.second, china(9, 24, 13, 30), say="")

    def opine(self) -> None:
        self.course.give_opinion(self.hall.reviewer, say="")

    def decide(self) -> None:
        self.course.on_review(
            self.hall.decider, "Decide", outcome="DECISION_OUTCOME_GRANTED",
            facts="申请人具备与所经营食品相适应的场所、设备和制度。", legal_bases=_BASES,
            content="热食类食品制售（示例）。",
        )  # fmt: skip

    def seal_decision(self) -> None:
        self.course.seal(self.hall.decider, "GRANT_DECISION", "AUTHORITY")

    def give_back(self) -> None:
        number = f"JY237030600{self.number:05}"
        self.course.return_result(
            self.hall.second, self._bag("R"), certificate_number=number, say=""
        )

    def hand_out(self) -> None:
        self.course.on_case(
            self.hall.clerk, "HandOut", recipient="RECIPIENT_ADDRESSEE",
            signed_by=self.course.citizen.name,
        )  # fmt: skip

    def rate(self) -> None:
        self.course.rate(say="")

    def _bag(self, mark: str) -> str:
        return f"{mark}-{self.number:05}"


_Act = Callable[[_Case], None]
_STAGES: Final[Sequence[tuple[datetime, _Act]]] = (
    (china(9, 21, 9, 30), _Case.receive),
    (china(9, 21, 10, 10), _Case.notice),
    (china(9, 21, 10, 20), _Case.seal_notice),
    (china(9, 22, 15), _Case.correct),
    (china(9, 23, 9, 5), _Case.accept),
    (china(9, 23, 9, 15), _Case.seal_acceptance),
    (china(9, 23, 11), _Case.hand_over),
    (china(9, 23, 11, 10), _Case.take_over),
    (china(9, 24, 14), _Case.check),
    (china(9, 28, 10), _Case.opine),
    (china(9, 29, 10), _Case.decide),
    (china(9, 29, 10, 10), _Case.seal_decision),
    (china(9, 29, 15), _Case.give_back),
    (china(9, 30, 9, 30), _Case.hand_out),
    (china(9, 30, 9, 40), _Case.rate),
)


def open_cases(bench: Bench, count: int) -> list[_Case]:
    """Return cases that nobody has applied for yet, each with a world of its own."""
    world = bench.world
    hall = Hall(*(world.staff(person) for person in ("p-0102", "p-0201", "p-0202", "p-0301")))
    return [_case(bench, hall, number) for number in range(count)]


def drive_all(bench: Bench, cases: Sequence[_Case]) -> list[str]:
    """Drive the cases from receipt to rating; return their numbers. All processes must run.

    Without cases only legal time passes, and whatever the district does about that.
    """
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for instant, act in _STAGES:
            steer(bench.district.clock_control, instant)
            list(pool.map(act, cases))
            bench.settle()
    return [case.course.case_number for case in cases]


def templates(bench: Bench) -> dict[str, str]:
    """Return a finished, an accepted, a received and a withdrawn case; all processes must run."""
    if not bench.templates:
        bench.templates = drive_all(bench, open_cases(bench, 1))
    clerk, world = bench.world.staff("p-0102"), bench.world
    found = {"finished": bench.templates[0]}
    for place, kind in enumerate(("accepted", "received", "withdrawn")):
        asked = receipt(_TEMPLATES + place)
        answer = world.do(clerk, "intake", "ReceiveApplication", **asked)
        found[kind] = answer.case_number
        on_it = {"case_number": answer.case_number, "revision": answer.revision}
        if kind == "accepted":
            world.do(clerk, "intake", "AcceptCase", **on_it)
        elif kind == "withdrawn":
            account = world.applicant(asked["applicant"]["person"], "申请人账户")
            world.do(account, "intake", "WithdrawCase", **on_it)
    bench.settle()
    return found


def _case(bench: Bench, hall: Hall, number: int) -> _Case:
    # A world counts its requests: each case has its own, for cases go side by side.
    world = replace(bench.world, run=f"bench-{number:05}", _count=0, refusals=[])
    who = citizen(number)
    applicant: Any = world.applicant(who.account, "申请人账户")
    course = Course(world, Recorder(), ITEM, hall.clerk, applicant, who, pieces=2)
    return _Case(number, course, hall)
