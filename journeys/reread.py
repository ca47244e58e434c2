"""Reads every fact of a case again, in another role, and compares the services.

Whatever end the case had: decided by one authority or by several, on the spot,
filed, ended without a decision, or still on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.review.v1 import review_service_pb2 as review

from journeys.errors import JourneyError, RefusedError
from journeys.one_case import ISSUED, SUPERVISOR
from journeys.recorder import expect
from journeys.world import Actor, World

__all__ = ["pages", "reread"]

T = TypeVar("T")

_ENDS = {
    intake.CASE_STATE_NOT_REQUIRED: "NOT_REQUIRED",
    intake.CASE_STATE_REFUSED: "REFUSED",
    intake.CASE_STATE_WITHDRAWN: "WITHDRAWN",
    intake.CASE_STATE_TERMINATED: "TERMINATED",
    intake.CASE_STATE_FILED: "FILED",
}
_TOLD = {
    intake.CASE_STATE_SERVED: "已送达",
    intake.CASE_STATE_NOT_REQUIRED: "不受理",
    intake.CASE_STATE_REFUSED: "不予受理",
    intake.CASE_STATE_WITHDRAWN: "已撤回",
    intake.CASE_STATE_TERMINATED: "已终止",
    intake.CASE_STATE_FILED: "已备案",
}


def reread(world: World, number: str) -> str:
    """Return a sentence that says what agrees; end the journey where something does not."""
    reader = world.staff(SUPERVISOR)
    case = world.do(reader, "intake", "GetCase", case_number=number).case
    expect("the supervisor sees a masked name", holds="*" in case.applicant_name)
    reviewed = _agreed(world, case, lambda: _tasks(world, reader, case), _reviewed_otherwise)
    facts, attempted = _agreed(world, case, lambda: _facts(world, reader, number), _told_otherwise)
    documents = world.do(reader, "intake", "ListDocuments", case_number=number).documents
    unissued = [each.title for each in documents if each.state < ISSUED]
    expect(f"every document is issued, not: {unissued}", holds=not unissued)
    for price in _prices(world, reader, number):
        expect("the courier was free", holds=price == 0)
    told = [f"五个服务一致（{_TOLD.get(case.state, '办理中')}）"]
    if len(reviewed) > 1:
        told.append(f"{len(reviewed)}个机关各自决定")
    told.append(f"文书{len(documents)}份均已生效")
    if attempted:
        rules = "、".join(sorted({each.rule for each in attempted if each.rule}))
        told.append(f"违规尝试{len(attempted)}次均已登记（{rules}）")
    return "；".join((*told, f"到厅{facts.visits}次"))


def pages(read: Callable[..., Any], field: str) -> Iterator[Any]:
    """Yield what a list holds, page by page."""
    token = ""
    while True:
        page = read(page_token=token)
        yield from getattr(page, field)
        if not (token := page.next_page_token):
            return


def _agreed(
    world: World, case: Any, read: Callable[[], T], compare: Callable[[Any, T], list[str]]
) -> T:
    """Wait until another service tells the same of the case; return what it tells."""
    differing = ["nothing is known"]

    def agree(found: T) -> bool:
        differing[:] = compare(case, found)
        return not differing

    try:
        return world.wait("all of the case in the other services", read, agree)
    except JourneyError as error:
        raise JourneyError(f"{error}; {case.case_number} differs in {differing}") from error


def _tasks(world: World, reader: Actor, case: Any) -> list[Any]:
    """Return each department's own view of the case; none where it went to no department."""
    found = []
    for authority in [each.authority for each in case.decisions] or [""]:
        try:
            task = world.do(
                reader, "review", "GetReviewCase", case_number=case.case_number,
                authority=authority,
            ).review  # fmt: skip
        except RefusedError as error:
            if error.refusal.code != "NOT_FOUND":
                raise
        else:
            found.append(task)
    return found


def _reviewed_otherwise(case: Any, tasks: list[Any]) -> list[str]:
    """Return what intake and review tell differently."""
    if not tasks:
        return ["no review"] if _was_sent(case) else []
    decided = {each.authority: each for each in case.decisions}
    differing = []
    for task in tasks:
        own = decided.get(task.authority, case)
        has_decision = task.HasField("decision") and not task.decision.void
        closed = task.state in {review.REVIEW_STATE_DECIDED, review.REVIEW_STATE_ENDED}
        same = {
            "accept_time": task.accept_time == case.accept_time,
            "closed": closed or case.state not in _TOLD,
            "decided": has_decision == own.HasField("decide_time"),
            "decide_time": not has_decision or task.decision.decide_time == own.decide_time,
            "outcome": not has_decision or task.decision.outcome == own.outcome,
        }
        differing += [f"{task.authority} {name}" for name, agrees in same.items() if not agrees]
    return differing if len(tasks) == max(len(decided), 1) else ["tasks"]


def _was_sent(case: Any) -> bool:
    """Tell whether the case was accepted to go to a department, not decided at the window."""
    at_the_window = case.handling == "ON_THE_SPOT" or case.state == intake.CASE_STATE_FILED
    return case.HasField("accept_time") and not at_the_window


def _facts(world: World, reader: Actor, number: str) -> tuple[Any, list[Any]]:
    """Return what metrics counts of a case, and the violations it keeps."""
    facts = world.do(reader, "metrics", "GetCaseFacts", case_number=number).facts
    kept = pages(lambda **page: world.do(reader, "metrics", "ListViolations", **page), "violations")
    return facts, [each for each in kept if each.case_number == number]


def _told_otherwise(case: Any, counted: tuple[Any, list[Any]]) -> list[str]:
    """Return what intake and metrics tell differently."""
    facts, attempted = counted
    outcome = intake.DecisionOutcome.Name(case.outcome).removeprefix("DECISION_OUTCOME_")
    by_authority = {each.authority: _when(each, "decide_time") for each in facts.authorities}
    same = {
        "receive_time": case.receive_time == facts.receive_time,
        **{
            name: _when(case, name) == _when(facts, name)
            for name in ("accept_time", "decide_time", "serve_time")
        },
        "end": _ENDS.get(case.state, "") == facts.ended_as,
        "end_time": case.state not in _ENDS or _when(case, "end_time") == _when(facts, "end_time"),
        "outcome": facts.outcome == ("" if outcome == "UNSPECIFIED" else outcome),
        "visits": case.visits == facts.visits,
        "deemed": case.deemed_accepted == facts.deemed,
        "violations": len(attempted) == facts.violations,
        "authorities": not _was_sent(case)
        or all(
            by_authority.get(each.authority) == _when(each, "decide_time")
            for each in case.decisions
        ),
    }
    return [name for name, agrees in same.items() if not agrees]


def _when(message: Any, field: str) -> Any:
    """Return an instant of a message, None where it has none."""
    return getattr(message, field).ToDatetime() if message.HasField(field) else None


def _prices(world: World, reader: Actor, number: str) -> Iterator[int]:
    """Yield what the citizen was asked to pay for each parcel and each offer of one."""
    try:
        offer = world.do(reader, "delivery", "GetCourierOffer", case_number=number).offer
    except RefusedError as error:
        if error.refusal.code != "NOT_FOUND":
            raise
    else:
        yield offer.citizen_price_fen
    shipments = pages(
        lambda **page: world.do(reader, "delivery", "ListShipments", case_number=number, **page),
        "shipments",
    )
    yield from (each.citizen_price_fen for each in shipments)
