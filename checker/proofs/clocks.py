"""The clocks of each task, counted again day by day: procedures, extension, segments.

Source: 行政许可法 第四十二条, 第四十五条, 第八十二条; readings 15 to 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from google.protobuf.message import DecodeError
from liandong.review.v1.review_events_pb2 import DecisionMade, SpecialProcedureEnded

from checker.case_files import Clock, ReviewCase
from checker.days import Works, calendars, last_day, working_days_between, working_days_on
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.review_records import Procedure
from checker.values import as_names, civil_day

__all__ = ["prove_clocks", "prove_extensions", "prove_procedures", "prove_segments"]

_ROLES: Final = {"AUTHORITY_HEAD": "DEPARTMENT_HEAD", "GOVERNMENT_HEAD": "GOVERNMENT_HEAD"}


class DueWrong(Finding):
    """A last day is not what limit, start, calendar and excluded days give."""

    id = "LAW_DUE_DAY_WRONG"


class ProcedureWrong(Finding):
    """A procedure stopped a clock that the item, its notice or its days do not allow to stop."""

    id = "LAW_PROCEDURE_WRONG"


class ExtensionWrong(Finding):
    """A limit was extended twice, too late, too far or by the wrong head (第四十二条)."""

    id = "LAW_EXTENSION_WRONG"


class SegmentsWrong(Finding):
    """The days of window and department are not those that passed (readings 17)."""

    id = "LAW_SEGMENTS_WRONG"


def prove_clocks(evidence: Evidence) -> Iterator[Finding]:
    """When settled: each last day follows from the limit and the days that do not count.

    A task that is closed keeps the days of the calendar it was closed under.
    """
    if not (evidence.settled and evidence.having("review")):
        return
    known = _calendars(evidence)
    for task in evidence.cases.review.values():
        case = evidence.cases.intake.get(task.case_number)
        if task.promise is None:
            continue
        shown = (task.promise.due_on, None if task.statutory is None else task.statutory.due_on)
        found = [_last_days(task, case, works) for works in known]
        countable = all(promised is not None for promised, _ in found)
        if countable and shown not in found:
            detail = f"shown {_words(shown)}, counted {_words(found[-1])}"
            yield DueWrong(service="review", subject=task.task, detail=detail)


def _calendars(evidence: Evidence) -> list[Works]:
    catalog = evidence.services.get("catalog")
    return list(calendars(None if catalog is None else catalog.database))


def _last_days(
    task: ReviewCase, case: IntakeCase | None, works: Works
) -> tuple[date | None, date | None]:
    """Return the last days promised and allowed; the promise is never later than the law."""
    allowed = None if task.statutory is None else _last(task, case, task.statutory, works, law=True)
    promised = None if task.promise is None else _last(task, case, task.promise, works, law=False)
    if promised is not None and allowed is not None:
        promised = min(promised, allowed)
    return promised, allowed


def _last(
    task: ReviewCase, case: IntakeCase | None, clock: Clock, works: Works, *, law: bool
) -> date | None:
    if case is None:
        return None
    start = _start(case, clock)
    excluded: set[date] = set()
    for each in task.procedures:
        if (law or each.stops_promise) and _told_in_time(task, each):
            excluded |= _excluded(each, works)
    return None if start is None else last_day(start, clock.amount, clock.unit, excluded, works)


def _start(case: IntakeCase, clock: Clock) -> date | None:
    """Return the day a limit is counted from; silence gives nobody more time (readings 15, 17)."""
    instants = {
        "ACCEPTED": case.accepted_at,
        "RECEIVED_COMPLETE": case.completed_at,
        "RECEIVED": case.received_at,
    }
    at = case.received_at if case.deemed else instants.get(clock.start)
    return None if at is None else civil_day(at)


def _told_in_time(task: ReviewCase, procedure: Procedure) -> bool:
    """Whether the applicant was told while the clocks ran."""
    told, stopped = procedure.noticed_at, task.decided_at or task.ended_at
    return told is not None and (stopped is None or told <= stopped)


def _excluded(procedure: Procedure, works: Works) -> set[date]:
    """Return the days in (max(start, notice), min(end, start + days told)] (readings 18)."""
    if procedure.noticed_at is None or procedure.start_on is None:
        return set()
    after = max(procedure.start_on, civil_day(procedure.noticed_at))
    until = working_days_on(procedure.start_on, procedure.days, works)
    if procedure.ended_on is not None:
        until = min(until, procedure.ended_on)
    return {after + timedelta(days=step) for step in range(1, (until - after).days + 1)}


def prove_procedures(evidence: Evidence) -> Iterator[Finding]:
    """Each procedure is one the item has, within its days, told by a notice, and counted right.

    Source: 行政许可法 第四十五条; readings 18.
    """
    if not evidence.having("review"):
        return
    known = _calendars(evidence)
    ended = _ended(evidence)
    for task in evidence.cases.review.values():
        case = evidence.cases.intake.get(task.case_number)
        for each in task.procedures:
            for wrong in _procedure_wrong(task, each):
                yield ProcedureWrong(service="review", subject=each.procedure, detail=wrong)
            if evidence.settled and case is not None:
                given = [
                    notice.given_at
                    for notice in case.process_notices
                    if notice.reference == each.procedure and notice.given_at is not None
                ]
                if min(given, default=None) != each.noticed_at:
                    detail = f"told {given}, noticed {each.noticed_at}"
                    yield ProcedureWrong(service="review", subject=each.procedure, detail=detail)
            days = ended.get(each.procedure)
            counted = [sum(map(works, _excluded(each, works))) for works in known]
            if days is not None and days not in counted and each.ended_on is not None:
                detail = f"{days} days told not to count, counted {counted[-1]}"
                yield ProcedureWrong(service="review", subject=each.procedure, detail=detail)


def _procedure_wrong(task: ReviewCase, procedure: Procedure) -> Iterator[str]:
    terms = next((each for each in task.procedure_terms if each["kind"] == procedure.kind), None)
    if terms is None:
        yield f"the item has no {procedure.kind}"
    else:
        if procedure.days > terms["max_days"]:
            yield f"{procedure.days} of {terms['max_days']} days"
        if procedure.stops_promise and not terms.get("stops_promise"):
            yield "the promise stands still, though the item does not say so"
    told, planned = procedure.noticed_at, procedure.planned_at
    if told is not None and planned is not None and told < planned:
        yield "told before it was planned"


def _ended(evidence: Evidence) -> dict[str, int]:
    """Return the days that were told not to count, where the notice came before the end."""
    told = {}
    for event in evidence.services["review"].events:
        if event.type == "review.special_procedure_ended.v1":
            try:
                found = SpecialProcedureEnded.FromString(event.payload)
            except DecodeError:
                continue  # found by the envelopes
            told[found.procedure] = found.excluded_days
    noticed = {
        each.procedure: each.noticed_at
        for task in evidence.cases.review.values()
        for each in task.procedures
    }
    ends = {
        each.procedure: each.ended_on
        for task in evidence.cases.review.values()
        for each in task.procedures
    }
    return {
        name: days
        for name, days in told.items()
        if (at := noticed.get(name)) is not None
        and (end := ends.get(name)) is not None
        and civil_day(at) <= end
    }


def prove_extensions(evidence: Evidence) -> Iterator[Finding]:
    """A limit is extended once, before it ends, within the terms, by the head whom the law names.

    Source: 行政许可法 第四十二条; readings 21.
    """
    if not evidence.having("review"):
        return
    told: dict[str, int] = {}
    for event in evidence.services["review"].events:
        if event.type == "review.limit_extended.v1":
            told[event.stream_id] = told.get(event.stream_id, 0) + 1
    known = _calendars(evidence)
    extended: dict[str, int] = {}
    for task in evidence.cases.review.values():
        if task.extended_by:
            extended[task.case_number] = extended.get(task.case_number, 0) + 1
            for wrong in _extension_wrong(evidence, task, known):
                yield ExtensionWrong(service="review", subject=task.task, detail=wrong)
    for number in sorted(told.keys() | extended.keys()):
        if told.get(number, 0) != extended.get(number, 0):
            detail = f"told {told.get(number, 0)} times, kept {extended.get(number, 0)}"
            yield ExtensionWrong(service="review", subject=number, detail=detail)


def _extension_wrong(evidence: Evidence, task: ReviewCase, known: list[Works]) -> Iterator[str]:
    terms, clock, at = task.extension_terms, task.statutory, task.extended_at
    if not terms or clock is None or at is None:
        yield "the item allows no extension"
        return
    if task.extended_by > terms["amount"] or terms["unit"] != clock.unit:
        yield f"{task.extended_by} {clock.unit} of {terms['amount']} {terms['unit']}"
    case = evidence.cases.intake.get(task.case_number)
    before = _before_extension(clock, task.extended_by)
    lasts = [_last(task, case, before, works, law=True) for works in known]
    if case is not None and all(last is not None and civil_day(at) > last for last in lasts):
        yield f"on {civil_day(at)}, after the last day {lasts[-1]}"
    approver = str(terms.get("approver", ""))
    if approver == "GOVERNMENT_HEAD" and not task.designation:
        yield "by the head of the government, without a designation"
    if evidence.having("catalog") and not _is_head(evidence, task, _ROLES.get(approver, "")):
        yield f"by {task.extension_approver}, who is no {approver}"


def _before_extension(clock: Clock, extended_by: int) -> Clock:
    return Clock(
        amount=clock.amount - extended_by,
        unit=clock.unit,
        start=clock.start,
        started_at=clock.started_at,
        due_on=clock.due_on,
        provisional=clock.provisional,
        excluded=clock.excluded,
    )


def _is_head(evidence: Evidence, task: ReviewCase, role: str) -> bool:
    sql = """SELECT p.roles, p.authority FROM assignment a JOIN post p ON p.post = a.post
        WHERE a.person = :person"""
    posts = evidence.services["catalog"].database.rows(sql, person=task.extension_approver)
    return any(
        role in as_names(row["roles"])
        and (role == "GOVERNMENT_HEAD" or row["authority"] == task.authority)
        for row in posts
    )


def prove_segments(evidence: Evidence) -> Iterator[Finding]:
    """The working days from receipt to decision are the window's and the department's, all of them.

    Source: readings 17.
    """
    if not evidence.having("review"):
        return
    known = _calendars(evidence)
    for event in evidence.services["review"].events:
        if event.type != "review.decision_made.v1":
            continue
        try:
            told = DecisionMade.FromString(event.payload)
        except DecodeError:
            continue  # found by the envelopes
        task = _task_of(evidence, told)
        if task is None:
            continue
        shown = (told.days_at_window, told.days_at_department)
        counted = [each for works in known for each in _segments(task, works)]
        if shown not in counted:
            detail = f"told {shown}, counted {counted}"
            yield SegmentsWrong(service="review", subject=task.task, detail=detail)


def _task_of(evidence: Evidence, told: DecisionMade) -> ReviewCase | None:
    tasks = evidence.cases.tasks.get(told.case_number, ())
    return next((each for each in tasks if each.authority == told.authority), None)


def _segments(task: ReviewCase, works: Works) -> Iterator[tuple[int, int]]:
    """Yield what may be told: a head may waive, and decide, before the hand-over is heard of."""
    decided = task.decided_at or task.void_decided_at
    if task.received_at is None or decided is None:
        return
    known = [[task.handed_over_at, task.waived_at]]
    if task.waived_at is not None:
        known.append([task.waived_at])
    if task.bundle == "NONE":
        known = [[task.opened_at]]
    for instants in known:
        at = min([decided, *(instant for instant in instants if instant is not None)])
        yield (
            working_days_between(civil_day(task.received_at), civil_day(at), works),
            working_days_between(civil_day(at), civil_day(decided), works),
        )


def _words(days: tuple[date | None, date | None]) -> str:
    promised, allowed = days
    return f"promise {promised}, law {allowed or '-'}"
