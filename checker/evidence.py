"""Everything a check reads of the tables that all services have, loaded once.

The rows of a run fit into memory: some hundred bytes for each event and
command. A proof that needs a service's own tables asks its database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from google.protobuf.message import DecodeError
from liandong.common.v1.envelope_pb2 import Envelope

from checker.asked import CheckInput
from checker.case_files import CaseFiles
from checker.databases import Database
from checker.ledger import LedgerEntry
from checker.values import flag, instant, octets

__all__ = [
    "Answer",
    "AuditRow",
    "Event",
    "Evidence",
    "Position",
    "ServiceEvidence",
    "Violation",
]


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the outbox and the envelope in it; `envelope` is None if it cannot be read."""

    id: int
    recorded_at: datetime | None
    event_id: str
    stream_id: str
    seq: int
    unit: str
    type: str
    position: int | None
    published_at: datetime | None
    envelope: Envelope | None

    @property
    def occurred_at(self) -> datetime | None:
        if self.envelope is None:
            return None
        return self.envelope.occurred_at.ToDatetime(tzinfo=UTC)

    @property
    def trace_id(self) -> str:
        return "" if self.envelope is None else self.envelope.traceparent[3:35]

    @property
    def payload(self) -> bytes:
        return b"" if self.envelope is None else self.envelope.payload


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of idempotency."""

    caller: str
    method: str
    request_id: str
    answer: bytes | None
    refusal: bytes | None
    answered_at: datetime | None

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.caller, self.method, self.request_id)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the audit, with its detail read."""

    id: int
    recorded_at: datetime | None
    actor: str
    assignment: str
    action: str
    subject: str
    outcome: str
    detail: Mapping[str, Any]
    trace_id: str

    @property
    def request_id(self) -> str:
        return str(self.detail.get("request_id", ""))

    @property
    def is_command(self) -> bool:
        """A method of the wire, as against an event taken in or a job."""
        return self.action.startswith("/")


@dataclass(frozen=True, slots=True)
class Violation:
    """A row of the refusals that are kept."""

    id: str
    at: datetime | None
    rule: str
    reason: str
    person: str
    assignment: str
    unit: str
    unit_path: str
    method: str
    subject: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """How far one consumer is in one stream of one source."""

    consumer: str
    source: str
    stream_id: str
    seq: int
    highest: int
    stopped: bool


class ServiceEvidence:
    """The tables of one service that every service has."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = database.service

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The outbox in the order in which it was written."""
        sql = """SELECT id, recorded_at, event_id, stream_id, seq, unit, type, position,
            published_at, envelope FROM outbox ORDER BY id"""
        return tuple(
            Event(
                id=row["id"],
                recorded_at=instant(row["recorded_at"]),
                event_id=row["event_id"],
                stream_id=row["stream_id"],
                seq=row["seq"],
                unit=row["unit"],
                type=row["type"],
                position=row["position"],
                published_at=instant(row["published_at"]),
                envelope=_envelope(row["envelope"]),
            )
            for row in self.database.rows(sql)
        )

    @cached_property
    def by_event_id(self) -> dict[str, Event]:
        return {event.event_id: event for event in self.events}

    @cached_property
    def heads(self) -> dict[str, int]:
        """The last number given in each stream."""
        rows = self.database.rows("SELECT stream_id, seq FROM outbox_stream")
        return {row["stream_id"]: row["seq"] for row in rows}

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        sql = """SELECT caller, method, request_id, answer, refusal, answered_at
            FROM idempotency ORDER BY answered_at, request_id"""
        return tuple(
            Answer(
                caller=row["caller"],
                method=row["method"],
                request_id=row["request_id"],
                answer=octets(row["answer"]),
                refusal=octets(row["refusal"]),
                answered_at=instant(row["answered_at"]),
            )
            for row in self.database.rows(sql)
        )

    @cached_property
    def audits(self) -> tuple[AuditRow, ...]:
        sql = """SELECT id, recorded_at, actor, assignment, action, subject, outcome, detail,
            trace_id FROM audit ORDER BY id"""
        return tuple(
            AuditRow(
                id=row["id"],
                recorded_at=instant(row["recorded_at"]),
                actor=row["actor"],
                assignment=row["assignment"],
                action=row["action"],
                subject=row["subject"],
                outcome=row["outcome"],
                detail=_detail(row["detail"]),
                trace_id=row["trace_id"],
            )
            for row in self.database.rows(sql)
        )

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        sql = """SELECT id, at, rule, reason, person, assignment, unit, unit_path, method,
            subject, facts FROM violation ORDER BY at, id"""
        return tuple(
            Violation(**{**row, "at": instant(row["at"]), "facts": _detail(row["facts"])})
            for row in self.database.rows(sql)
        )

    @cached_property
    def positions(self) -> tuple[Position, ...]:
        sql = """SELECT consumer, source, stream_id, seq, highest, stopped
            FROM stream_position ORDER BY consumer, source, stream_id"""
        return tuple(
            Position(**{**row, "stopped": bool(flag(row["stopped"]))})
            for row in self.database.rows(sql)
        )


@dataclass(frozen=True)
class Evidence:
    """What the proofs work on."""

    asked: CheckInput
    services: Mapping[str, ServiceEvidence]
    ledger: tuple[LedgerEntry, ...] = ()
    facts: dict[str, int | str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        return self.asked.settled

    @cached_property
    def cases(self) -> CaseFiles:
        """The cases as the services have them."""
        return CaseFiles({name: each.database for name, each in self.services.items()})

    def having(self, *names: str) -> bool:
        """Whether the databases of all these services are there to be compared."""
        return all(name in self.services for name in names)

    def count(self, fact: str, number: int = 1) -> None:
        before = self.facts.get(fact, 0)
        self.facts[fact] = (before if isinstance(before, int) else 0) + number


def _envelope(value: Any) -> Envelope | None:
    try:
        return Envelope.FromString(octets(value) or b"")
    except DecodeError:
        return None


def _detail(value: str) -> Mapping[str, Any]:
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
