"""What metrics counts of a case is what the other services have of it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from google.protobuf.message import DecodeError, Message
from liandong.intake.v1 import intake_events_pb2 as intake_pb
from liandong.review.v1 import review_events_pb2 as review_pb

from checker.case_files import Offer, ReviewCase
from checker.evidence import Event, Evidence
from checker.intake_files import IntakeCase
from checker.parcels import Shipment
from checker.report import Finding
from checker.values import as_json, civil_day, day, flag, instant

__all__ = ["prove_facts", "told_of"]

_INSTANTS: Final = (
    "received_at", "accepted_at", "served_at", "decided_at", "spot_decided_at", "ended_at",
    "courier_offered_at",
)  # fmt: skip
_DAYS: Final = ("accepted_promise_due_on", "reviewed_promise_due_on", "decision_on")
_FLAGS: Final = (
    "courier_due", "deemed", "promise_kept", "statutory_kept", "out_of_force",
    "spot_promise_kept", "spot_statutory_kept", "decided_early",
)  # fmt: skip
_OF_DEPARTMENTS: Final = {
    "GRANT_DECISION", "DENIAL_DECISION", "SPECIAL_PROCEDURE", "EXTENSION_NOTICE",
    "EXPLANATION_REQUEST",
}  # fmt: skip
_DIFFERENT: Final = 2  # outcomes from which a case is decided partly


class FactsMissing(Finding):
    """A case is not counted, or one is counted that does not exist."""

    id = "FACTS_MISSING"


class FactsDiffer(Finding):
    """Metrics counts something else of a case than its services have."""

    id = "FACTS_DIFFER"


def prove_facts(evidence: Evidence) -> Iterator[Finding]:
    """When settled, each case is counted once, with the facts its services have now.

    Recomputed from their tables, not from the events that metrics read: a
    lost, doubled or misread event shows. What no table keeps is taken from the
    events of its source.
    """
    if not (evidence.settled and evidence.having("intake", "review", "delivery", "metrics")):
        return
    metrics = evidence.services["metrics"].database
    counted = {
        row["case_number"]: row
        for row in metrics.rows("SELECT * FROM case_facts ORDER BY case_number")
    }
    cases, told = evidence.cases.intake, _Told(evidence)
    for number in sorted(cases.keys() | counted.keys()):
        if number not in cases or number not in counted:
            where = "not counted" if number in cases else "counted, but not a case"
            yield FactsMissing(service="metrics", subject=number, detail=where)
            continue
        case, tasks = cases[number], evidence.cases.tasks.get(number, ())
        expected = {
            **_of_intake(case, told),
            **_of_review(case, tasks, told),
            **_of_delivery(
                evidence.cases.offers.get(number), evidence.cases.shipments.get(number, ())
            ),
        }
        found = _found(counted[number])
        for name, value in expected.items():
            if found[name] != value:
                detail = f"{name}: counted {found[name]}, is {value}"
                yield FactsDiffer(service="metrics", subject=number, detail=detail)


def told_of(evidence: Evidence, kind: str, message: type[Message]) -> dict[str, list[Any]]:
    """Return the events of a type by case; what cannot be read is found by the envelopes."""
    told: dict[str, list[Any]] = {}
    service = evidence.services.get(kind.partition(".")[0])
    for event in service.events if service is not None else ():
        if event.type == kind and (found := _read(event, message)) is not None:
            told.setdefault(event.stream_id, []).append(found)
    return told


def _read(event: Event, message: type[Message]) -> Any:
    try:
        return message.FromString(event.payload)
    except DecodeError:
        return None


class _Told:
    """What only the events say: no table of their service keeps it."""

    def __init__(self, evidence: Evidence) -> None:
        pb = intake_pb
        self.received = told_of(evidence, "intake.case_received.v1", pb.CaseReceived)
        self.accepted = told_of(evidence, "intake.case_accepted.v1", pb.CaseAccepted)
        self.on_the_spot = told_of(evidence, "intake.decided_on_the_spot.v1", pb.DecidedOnTheSpot)
        self.transfers = told_of(evidence, "intake.case_transferred.v1", pb.CaseTransferred)
        self.corrections = told_of(
            evidence, "intake.correction_submitted.v1", pb.CorrectionSubmitted
        )
        self.handed_out = told_of(evidence, "intake.result_handed_out.v1", pb.ResultHandedOut)
        self.decided = told_of(evidence, "review.decision_made.v1", review_pb.DecisionMade)


def _of_intake(case: IntakeCase, told: _Told) -> dict[str, object]:
    number = case.number
    received = (told.received.get(number) or [intake_pb.CaseReceived()])[0]
    accepted = (*told.accepted.get(number, ()), *told.on_the_spot.get(number, ()))
    handed_out = told.handed_out.get(number, ())
    return {
        "item_code": case.item_code,
        "item_version": case.item_version,
        "authority": case.authority,
        "window_unit": case.window_unit,
        "unit_path": case.unit_path,
        "applicant": case.applicant,
        "channel": case.channel,
        "courier_due": case.courier_due,
        "handling": case.handling,
        "assistance": case.assistance,
        "first_wish": received.result_delivery,
        "out_of_force": case.out_of_force,
        "received_at": case.received_at,
        "transfers": len(told.transfers.get(number, ())),
        "notices": 1 if case.noticed_at is not None else 0,
        "further_notices": sum(each.approved_at is not None for each in case.further_notices),
        "corrections": len(told.corrections.get(number, ())),
        "accepted_at": case.accepted_at,
        "accepting_unit": accepted[-1].window_unit if case.accepted_at and accepted else "",
        "accepted_promise_due_on": _due_on(accepted[-1]) if accepted else None,
        "deemed": case.deemed,
        "visits": len(case.visits),
        "collection_visits": case.collections,
        "dispatches": len(case.dispatches),
        "service_open": case.service_open,
        "served_at": case.served_at,
        "served_means": case.service_means,
        "serving_unit": _serving_unit(case, handed_out[-1].window_unit if handed_out else ""),
        "reworked_by": _reworked_by(case),
        **_ended(case),
        **_on_the_spot(case),
    }


def _reworked_by(case: IntakeCase) -> list[str]:
    """Whose department spoilt a paper of its own before it was issued.

    Source: R4.10; readings 12.
    """
    if case.spot is not None:
        return []
    return sorted(
        {
            each.authority
            for each in case.documents
            if each.voided and not each.issued and each.kind in _OF_DEPARTMENTS
        }
    )


def _serving_unit(case: IntakeCase, handed_out_by: str) -> str:
    if case.served_at is None:
        return ""
    return handed_out_by if case.service_means == "WINDOW" else case.window_unit


def _ended(case: IntakeCase) -> dict[str, object]:
    """A withdrawal is told even where an earlier decision has overtaken it."""
    if case.filed_at is not None:
        return {"ended_at": case.filed_at, "ended_as": "FILED"}
    last = case.endings[-1] if case.endings else None
    return {"ended_at": last and last.ended_at, "ended_as": "" if last is None else last.kind}


def _on_the_spot(case: IntakeCase) -> dict[str, object]:
    at = None if case.spot is None else case.spot.decided_at
    return {
        "spot_decided_at": at,
        "spot_outcome": "" if at is None else case.outcome,
        "spot_promise_kept": None if at is None else _kept(at, case.promise_due_on),
        "spot_statutory_kept": None if at is None else _kept(at, case.statutory_due_on),
    }


def _kept(at: datetime, due_on: date | None) -> bool:
    return due_on is None or civil_day(at) <= due_on


def _of_review(case: IntakeCase, tasks: tuple[ReviewCase, ...], told: _Told) -> dict[str, object]:
    decisions = {each.authority: each for each in told.decided.get(case.number, ())}
    dates = {
        task.authority: None if task.promise is None else task.promise.due_on for task in tasks
    }
    made = {task.authority: task.decided_at or task.void_decided_at for task in tasks}
    still_open = [due for name, due in dates.items() if made[name] is None and due is not None]
    known = [due for due in dates.values() if due is not None]
    instants = [at for at in made.values() if at is not None]
    all_made = bool(tasks) and len(instants) == len(tasks)
    return {
        "authorities": sorted(
            (name, dates[name], made[name], decisions[name].outcome if name in decisions else "")
            for name in dates
        ),
        "reviewed_promise_due_on": min(still_open) if still_open else max(known, default=None),
        "decided_at": max(instants) if all_made else None,
        "days_at_window": max((each.days_at_window for each in decisions.values()), default=0),
        "days_at_department": max(
            (each.days_at_department for each in decisions.values()), default=0
        ),
        "returned_by": sorted({task.authority for task in tasks if task.explanations}),
        **_standing(case, tasks),
    }


def _standing(case: IntakeCase, tasks: tuple[ReviewCase, ...]) -> dict[str, object]:
    """What the decisions that have effect give together: kept and early only if all of them."""
    if case.spot is not None and case.decided_at is not None:
        return {
            "decision_on": civil_day(case.decided_at),
            "outcome": case.outcome,
            "promise_kept": _kept(case.decided_at, case.promise_due_on),
            "statutory_kept": _kept(case.decided_at, case.statutory_due_on),
            "decided_early": False,
        }
    made = [task for task in tasks if task.decided_at is not None]
    if case.decided_at is None or not made:
        return dict.fromkeys(("decision_on", "promise_kept", "statutory_kept", "decided_early")) | {
            "outcome": ""
        }
    outcomes = {task.outcome for task in made}
    return {
        "decision_on": civil_day(case.decided_at),
        "outcome": "PARTLY" if len(outcomes) >= _DIFFERENT else made[0].outcome,
        "promise_kept": all(_in_time(task.promise, task) for task in made),
        "statutory_kept": all(
            task.statutory is None or _in_time(task.statutory, task) for task in made
        ),
        "decided_early": all(_early(task) for task in made),
    }


def _in_time(clock: Any, task: ReviewCase) -> bool:
    return clock is not None and task.decided_at is not None and bool(clock.kept(task.decided_at))


def _early(task: ReviewCase) -> bool:
    if task.promise is None or task.decided_at is None:
        return False
    return civil_day(task.decided_at) < task.promise.due_on


def _of_delivery(offer: Offer | None, parcels: tuple[Shipment, ...]) -> dict[str, object]:
    states = {each.shipment: _went(each) for each in parcels if each.outbound}
    ends = list(states.values())
    answered = offer is not None and offer.state in {"TAKEN", "DECLINED"}
    return {
        "courier_offered_at": offer and offer.offered_at,
        "courier_answer": offer.state if offer is not None and answered else "",
        "parcels_in": sum(not each.outbound for each in parcels),
        "parcels": sorted(states.items()),
        "parcels_out": len(ends),
        "parcels_signed": ends.count("SIGNED"),
        "parcels_failed": ends.count("FAILED"),
        "parcels_cancelled": ends.count("CANCELLED"),
    }


def _went(parcel: Shipment) -> str:
    if parcel.state in {"SIGNED", "CANCELLED"}:
        return parcel.state
    failed = parcel.refused_at is not None or parcel.ended_at is not None
    return "FAILED" if failed else "ON_ITS_WAY"


def _due_on(accepted: Any) -> date | None:
    on = accepted.promise_due.on
    return day(f"{on.year:04}-{on.month:02}-{on.day:02}")


def _found(row: Mapping[str, Any]) -> dict[str, object]:
    found: dict[str, object] = dict(row)
    found |= {name: instant(row[name]) for name in _INSTANTS}
    found |= {name: day(row[name]) for name in _DAYS}
    found |= {name: flag(row[name]) for name in _FLAGS}
    found["authorities"] = sorted(
        (
            each["authority"],
            day(each["promise_due_on"]),
            instant(each["decided_at"]),
            each["outcome"],
        )
        for each in as_json(row["authorities"])
    )
    for name in ("returned_by", "reworked_by"):
        found[name] = as_json(row[name])
    found["parcels"] = sorted(tuple(each) for each in as_json(row["parcels"]))
    return found
