"""Every event has the command that caused it, and every command its events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from google.protobuf.message import DecodeError
from liandong.common.v1.violation_events_pb2 import ViolationRecorded

from checker.evidence import Evidence, ServiceEvidence, Violation
from checker.report import Finding

__all__ = ["prove_causes", "prove_violations"]

OK = "OK"
_Told = tuple[datetime | None, str, str]  # instant, trace, type


class EventMissing(Finding):
    """The audit says that an event was caused, and the outbox does not have it."""

    id = "EVENT_MISSING"


class EventUncaused(Finding):
    """The outbox has an event of which no audit row tells."""

    id = "EVENT_UNCAUSED"


class ViolationUntold(Finding):
    """A violation is kept and not exactly one event tells of it, so appraisal miscounts."""

    id = "VIOLATION_EVENT_MISSING"


class ViolationUnkept(Finding):
    """An event tells of a violation that is not kept."""

    id = "VIOLATION_EVENT_UNCAUSED"


class ViolationDiffers(Finding):
    """The event tells something else of a violation than is kept."""

    id = "VIOLATION_EVENT_DIFFERS"


class ViolationUnaudited(Finding):
    """A violation is kept and not exactly one audit row of the refused command tells of it."""

    id = "VIOLATION_NOT_AUDITED"


def prove_causes(evidence: Evidence) -> Iterator[Finding]:
    """The events of the outbox are those the audit rows name, instant by instant, trace by trace.

    State, audit and outbox are written in one transaction; a difference means
    that one of them was lost, or made twice.
    """
    for name, service in evidence.services.items():
        told = _told(name, service)
        stored: Counter[_Told] = Counter(
            (event.occurred_at, event.trace_id, event.type) for event in service.events
        )
        for key, missing in sorted((told - stored).items(), key=str):
            yield EventMissing(service=name, subject=key[2], detail=_where(key, missing))
        for key, uncaused in sorted((stored - told).items(), key=str):
            yield EventUncaused(service=name, subject=key[2], detail=_where(key, uncaused))


def _told(name: str, service: ServiceEvidence) -> Counter[_Told]:
    told: Counter[_Told] = Counter()
    for row in service.audits:
        for kind in row.detail.get("events", ()):
            told[(row.recorded_at, row.trace_id, str(kind))] += 1
        if row.is_command and row.outcome != OK:
            told[(row.recorded_at, row.trace_id, f"{name}.violation_recorded.v1")] += 1
    return told


def prove_violations(evidence: Evidence) -> Iterator[Finding]:
    """Each violation is kept once, audited once and told once, in the same words."""
    for name, service in evidence.services.items():
        evidence.count("violations", len(service.violations))
        audited = Counter(
            (row.recorded_at, row.actor, row.assignment, row.action, row.outcome)
            for row in service.audits
        )
        kept = Counter(_audit_words(violation) for violation in service.violations)
        for violation in service.violations:
            words = _audit_words(violation)
            if audited[words] != kept[words]:
                detail = f"{violation.reason}: {audited[words]} audit rows, {kept[words]} kept"
                yield ViolationUnaudited(service=name, subject=violation.id, detail=detail)
        yield from _prove_told(name, service)


def _audit_words(violation: Violation) -> tuple[datetime | None, str, str, str, str]:
    return (
        violation.at,
        violation.person,
        violation.assignment,
        violation.method,
        violation.reason,
    )


def _prove_told(name: str, service: ServiceEvidence) -> Iterator[Finding]:
    told = _told_violations(name, service)
    kept = {violation.id: violation for violation in service.violations}
    for violation_id, violation in kept.items():
        events = told.pop(violation_id, [])
        if len(events) != 1:
            detail = f"{violation.reason}: {len(events)} events"
            yield ViolationUntold(service=name, subject=violation_id, detail=detail)
        for stream_id, event in events:
            different = _differences(violation, stream_id, event)
            if different:
                detail = f"differs in {', '.join(different)}"
                yield ViolationDiffers(service=name, subject=violation_id, detail=detail)
    for violation_id in told:
        yield ViolationUnkept(service=name, subject=violation_id)


def _told_violations(
    name: str, service: ServiceEvidence
) -> dict[str, list[tuple[str, ViolationRecorded]]]:
    told: dict[str, list[tuple[str, ViolationRecorded]]] = {}
    for event in service.events:
        if event.type == f"{name}.violation_recorded.v1":
            try:
                message = ViolationRecorded.FromString(event.payload)
            except DecodeError:
                continue  # the envelope proof tells of it; here the violation is untold
            told.setdefault(message.violation_id, []).append((event.stream_id, message))
    return told


def _differences(violation: Violation, stream_id: str, event: ViolationRecorded) -> list[str]:
    pairs = {
        "stream": (stream_id, violation.subject),
        "rule": (event.rule, violation.rule),
        "reason": (event.reason, violation.reason),
        "case_number": (event.case_number, str(violation.facts.get("case", ""))),
        "person": (event.person, violation.person),
        "assignment": (event.assignment, violation.assignment),
        "unit": (event.unit, violation.unit),
        "unit_path": (event.unit_path, violation.unit_path),
    }
    return [field for field, (sent, stored) in pairs.items() if sent != stored]


def _where(key: _Told, number: int) -> str:
    at = "an unknown instant" if key[0] is None else key[0].isoformat()
    trace = f", trace {key[1]}" if key[1] else ""
    return f"{number} at {at}{trace}"
