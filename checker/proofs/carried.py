"""What is passed on: requests of village posts, cases at the wrong counter, questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from liandong.intake.v1 import intake_events_pb2 as pb

from checker.days import calendars, working_days_on
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.proofs.facts import told_of
from checker.report import Finding
from checker.values import civil_day, day, instant
from checker.windows import windows_of

__all__ = ["lateness_wrong", "prove_assistance", "prove_enquiries", "prove_transfers"]

_DAYS_TO_PASS_ON: Final = 1  # working day; readings 5


class AssistanceWrong(Finding):
    """A carried request has no mandate, was not passed on as told, or became no case (R5.5)."""

    id = "LAW_ASSISTANCE_WRONG"


class TransferWrong(Finding):
    """A case went to a window that may not accept it, or not as it was told (readings 4)."""

    id = "LAW_TRANSFER_WRONG"


class EnquiryWrong(Finding):
    """A question was closed without an answer, or has no owner (R1.3)."""

    id = "LAW_ENQUIRY_WRONG"


def prove_assistance(evidence: Evidence) -> Iterator[Finding]:
    """Each carried request has a mandate, went on in its time or is told late, and is one case.

    Source: R1.6, R5.5; readings 5.
    """
    if not evidence.having("intake"):
        return
    rows = list(evidence.services["intake"].database.rows("SELECT * FROM assistance"))
    carried = {row["number"]: row for row in rows}
    passed = told_of(evidence, "intake.assistance_passed_on.v1", pb.AssistancePassedOn)
    taken = Counter(
        event.stream_id
        for event in evidence.services["intake"].events
        if event.type == "intake.assistance_taken.v1"
    )
    overdue = Counter(
        event.stream_id
        for event in evidence.services["intake"].events
        if event.type == "intake.assistance_overdue.v1"
    )
    for number in sorted(overdue.keys() - carried.keys()):
        yield AssistanceWrong(service="intake", subject=number, detail="overdue, and not carried")
    for number, row in carried.items():
        for wrong in lateness_wrong(row, overdue[number]):
            yield AssistanceWrong(service="intake", subject=number, detail=wrong)
        case = evidence.cases.intake.get(row["case_number"])
        for wrong in _assistance_wrong(row, case, passed.get(number, []), taken[number]):
            yield AssistanceWrong(service="intake", subject=number, detail=wrong)
        if not any(_due(row, works) for works in _works(evidence)):
            detail = f"due {row['pass_on_due_on']} though taken {row['taken_at']}"
            yield AssistanceWrong(service="intake", subject=number, detail=detail)
    for case in evidence.cases.intake.values():
        if case.assistance and carried.get(case.assistance, {}).get("case_number") != case.number:
            detail = f"carried by {case.assistance}, which became another case or none"
            yield AssistanceWrong(service="intake", subject=case.number, detail=detail)


def _works(evidence: Evidence) -> list[Any]:
    catalog = evidence.services.get("catalog")
    return list(calendars(None if catalog is None else catalog.database))


def _due(row: Mapping[str, Any], works: Any) -> bool:
    taken = instant(row["taken_at"])
    if taken is None:
        return False
    return day(row["pass_on_due_on"]) == working_days_on(civil_day(taken), _DAYS_TO_PASS_ON, works)


def lateness_wrong(row: Mapping[str, Any], told: int) -> Iterator[str]:
    """Say what is wrong with the alarm: once, after the last day, and only while it waits."""
    at, last = instant(row["overdue_told_at"]), day(row["pass_on_due_on"])
    if told != (at is not None):
        yield f"told overdue {told} times, noted {at}"
    if at is None:
        return
    passed_on = instant(row["passed_on_at"])
    if last is None or civil_day(at) <= last or (passed_on is not None and passed_on < at):
        yield f"told overdue {at}, due {last}, passed on {passed_on}"


def _assistance_wrong(
    row: Mapping[str, Any], case: IntakeCase | None, passed: list[Any], taken: int
) -> Iterator[str]:
    if not row["mandate_sha256"]:
        yield "carried without a mandate"
    if taken != 1 or len(passed) != (row["passed_on_at"] is not None):
        yield f"told {taken} times taken, {len(passed)} times passed on"
    at, last = instant(row["passed_on_at"]), day(row["pass_on_due_on"])
    for told in passed:
        in_time = at is not None and last is not None and civil_day(at) <= last
        if told.in_time != in_time:
            yield f"passed on {at}, told in time: {told.in_time}"
    if row["case_number"] and (case is None or case.assistance != row["number"]):
        yield f"became {row['case_number']}, which was not carried"
    if case is not None and any(visit.purpose != "COLLECTION" for visit in case.visits):
        yield "the applicant came to a hall though an agent carried it"


def prove_transfers(evidence: Evidence) -> Iterator[Finding]:
    """A case is transferred before it is accepted, by the window that has it, in a known time.

    Source: R1.3, R3.4; readings 4.
    """
    windows = windows_of(evidence)
    for number, moves in windows.moves.items():
        case = evidence.cases.intake.get(number)
        if case is None or case.received_at is None:
            yield TransferWrong(service="intake", subject=number, detail="no such case")
            continue
        for first, second in pairwise(moves):
            if first.to_unit != second.from_unit:
                detail = f"went to {first.to_unit}, came from {second.from_unit}"
                yield TransferWrong(service="intake", subject=number, detail=detail)
        if moves[-1].to_unit != case.window_unit:
            detail = f"went to {moves[-1].to_unit}, is at {case.window_unit}"
            yield TransferWrong(service="intake", subject=number, detail=detail)
        for move in moves:
            late = case.accepted_at is not None and not case.deemed and move.at < case.received_at
            if late:
                yield TransferWrong(service="intake", subject=number, detail="before its receipt")
            if not any(_same_day(case, move.at, works) == move.same_day
                       for works in _works(evidence)):  # fmt: skip
                detail = f"left {move.at}, told same day: {move.same_day}"
                yield TransferWrong(service="intake", subject=number, detail=detail)


def _same_day(case: IntakeCase, at: Any, works: Any) -> bool:
    """Whether it left on the day of its receipt, or on the next worked day after a day of rest."""
    if case.received_at is None:
        return False
    received = civil_day(case.received_at)
    last = received if works(received) else working_days_on(received, 1, works)
    return civil_day(at) <= last


def prove_enquiries(evidence: Evidence) -> Iterator[Finding]:
    """A question is owned by somebody from the first contact until it is answered.

    Source: R1.3.
    """
    if not evidence.having("intake"):
        return
    service = evidence.services["intake"]
    registered = Counter(
        event.stream_id for event in service.events if event.type == "intake.enquiry_registered.v1"
    )
    answered = Counter(
        event.stream_id for event in service.events if event.type == "intake.enquiry_answered.v1"
    )
    for row in service.database.rows("SELECT * FROM enquiry ORDER BY number"):
        number, closed = row["number"], row["answered_at"] is not None
        wrong = ""
        if not row["owner"] or not row["first_owner"]:
            wrong = "nobody owns it"
        elif closed and not row["answer"].strip():
            wrong = "closed without an answer"
        elif registered[number] != 1 or answered[number] != closed:
            wrong = f"told {registered[number]} times, answered {answered[number]} times"
        if wrong:
            yield EnquiryWrong(service="intake", subject=number, detail=wrong)
