"""Events wait here, in the transaction that caused them, and stay as the service's log.

`seq` is contiguous within a stream: the counter row of the stream is locked
by the transaction that takes the next numbers. `position` is contiguous
within the service and is given at publication by the one relay that holds
the lease, so a reader of the log never sees a gap that fills up later.
On PostgreSQL the log is partitioned by month; the partitions are made by
`migrate` and, ahead of time, by the jobs of the service.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from servicekit.clock import SystemClock
from servicekit.database import BigId, UTCDateTime

__all__ = ["OutboxTables", "PendingEvent", "outbox_tables", "store"]

_machine = SystemClock()


@dataclass(frozen=True, slots=True)
class OutboxTables:
    outbox: Table
    stream: Table
    head: Table


def outbox_tables(metadata: MetaData) -> OutboxTables:
    """Add the tables of the outbox to `metadata`."""
    outbox = Table(
        "outbox",
        metadata,
        Column("id", BigId, Identity(always=True), primary_key=True, comment="写入次序"),
        # SQLite counts an id by itself only where it is the whole primary key; on
        # PostgreSQL the migration makes (id, recorded_at) the key of the partitioned log.
        Column("recorded_at", UTCDateTime, nullable=False, comment="写入时间"),
        Column("event_id", Text, nullable=False, comment="事件标识"),
        Column("stream_id", Text, nullable=False, comment="事件流（办件编号等）"),
        Column("seq", BigInteger, nullable=False, comment="流内序号，自 1 起连续"),
        Column("unit", Text, nullable=False, comment="发生单位"),
        Column("type", Text, nullable=False, comment="事件类型及版本"),
        Column("envelope", LargeBinary, nullable=False, comment="信封原文"),
        Column("position", BigInteger, comment="发布位置，未发布为空"),
        Column("published_at", UTCDateTime, comment="发布时间"),
    )
    Index(
        "ix_outbox_unpublished",
        outbox.c.id,
        postgresql_where=text("position IS NULL"),
        sqlite_where=text("position IS NULL"),
    )
    Index("ix_outbox_position", outbox.c.position)
    Index("ix_outbox_stream_id_seq", outbox.c.stream_id, outbox.c.seq)
    stream = Table(
        "outbox_stream",
        metadata,
        Column("stream_id", Text, primary_key=True, comment="事件流"),
        Column("seq", BigInteger, nullable=False, comment="最后一个序号"),
    )
    head = Table(
        "outbox_head",
        metadata,
        Column("only", Integer, primary_key=True, comment="恒为 1"),
        Column("position", BigInteger, nullable=False, comment="最后发布位置"),
    )
    return OutboxTables(outbox, stream, head)


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that is about to be committed with the change that caused it."""

    stream_id: str
    unit: str
    type: str
    payload: bytes


_TAKE = text("""
    INSERT INTO outbox_stream AS s (stream_id, seq) VALUES (:stream_id, :n)
    ON CONFLICT (stream_id) DO UPDATE SET seq = s.seq + :n
    RETURNING seq""")


def store(
    connection: Connection,
    tables: OutboxTables,
    source: str,
    events: Sequence[PendingEvent],
    *,
    occurred_at: datetime,
    traceparent: str,
) -> None:
    """Add `events` to the outbox inside the caller's transaction, in their order."""
    if not events:
        return
    recorded_at = _machine.now()
    common = Envelope(source=source, traceparent=traceparent)
    common.occurred_at.FromDatetime(occurred_at.astimezone(UTC))
    common.recorded_at.FromDatetime(recorded_at)
    next_seq = _take_numbers(connection, Counter(event.stream_id for event in events))
    rows = []
    for event in events:
        envelope = Envelope(
            event_id=str(uuid.uuid4()),
            stream_id=event.stream_id,
            seq=next_seq[event.stream_id],
            unit=event.unit,
            type=event.type,
            version=int(event.type.rpartition(".v")[2]),
            payload=event.payload,
        )
        envelope.MergeFrom(common)
        next_seq[event.stream_id] += 1
        rows.append(
            {
                "recorded_at": recorded_at,
                "event_id": envelope.event_id,
                "stream_id": event.stream_id,
                "seq": envelope.seq,
                "unit": event.unit,
                "type": event.type,
                "envelope": envelope.SerializeToString(),
            }
        )
    connection.execute(_adding(tables.outbox), rows)


@cache
def _adding(outbox: Table) -> Insert:
    return outbox.insert().inline()


def _take_numbers(connection: Connection, wanted: Mapping[str, int]) -> dict[str, int]:
    """Take as many numbers of each stream as are wanted; return the first of each."""
    first = {}
    for stream_id in sorted(wanted):  # one order everywhere, so that two writers never cross
        n = wanted[stream_id]
        last = connection.execute(_TAKE, {"stream_id": stream_id, "n": n}).scalar_one()
        first[stream_id] = int(last) - n + 1
    return first
