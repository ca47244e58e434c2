"""The tables and the codec that every service has, under one name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message
from sqlalchemy import MetaData, Table

from servicekit.audit import AuditTables, audit_tables
from servicekit.events import Event
from servicekit.idempotency import idempotency_table
from servicekit.jobs import job_table
from servicekit.leases import lease_table
from servicekit.messages import check_pair, to_message
from servicekit.outbox import OutboxTables, PendingEvent, outbox_tables
from servicekit.stream import StreamTables, stream_tables
from servicekit.violations import violation_table

__all__ = ["EventCodec", "Kit", "KitTables", "kit_tables"]


@dataclass(frozen=True, slots=True)
class KitTables:
    """The technical tables of one service, all in its own database."""

    outbox: OutboxTables
    idempotency: Table
    violation: Table
    audit: AuditTables
    job: Table
    lease: Table
    streams: StreamTables


def kit_tables(metadata: MetaData) -> KitTables:
    return KitTables(
        outbox=outbox_tables(metadata),
        idempotency=idempotency_table(metadata),
        violation=violation_table(metadata),
        audit=audit_tables(metadata),
        job=job_table(metadata),
        lease=lease_table(metadata),
        streams=stream_tables(metadata),
    )


class EventCodec:
    """Turns the events of a domain into the messages of its protos.

    The pairs are checked when a codec is made: an event that its message
    cannot tell does not let the process start.
    """

    def __init__(self, pairs: Mapping[type[Event], type[Message]]) -> None:
        self._pairs = dict(pairs)
        for kind, message_type in self._pairs.items():
            if ".v" not in kind.type:
                raise TypeError(f"{kind.__name__} has no versioned type")
            check_pair(kind, message_type)

    def pending(self, event: Event, *, stream_id: str, unit: str) -> PendingEvent:
        message = to_message(event, self._pairs[type(event)])
        return PendingEvent(stream_id, unit, event.type, message.SerializeToString())

    def types(self) -> dict[str, type[Message]]:
        """Map every event type to its message, for documents and the corpus."""
        return {kind.type: message for kind, message in self._pairs.items()}


def _silence() -> None:
    """Nobody waits for the bell."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a unit of work of one service needs of the kit.

    `ring` is called after each commit that left events in the outbox.
    """

    service: str
    tables: KitTables
    codec: EventCodec
    ring: Callable[[], None] = field(default=_silence)
