"""Events to publish and take in: those of a real case, made many with other case numbers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from liandong.common.v1.envelope_pb2 import Envelope

from bench.district import Bench

__all__ = ["add_events", "clone_number", "cloned", "envelopes_of"]

_EVENTS: Final = "SELECT envelope FROM outbox WHERE stream_id = %s ORDER BY seq"


def envelopes_of(bench: Bench, case: str) -> list[Envelope]:
    """Return what intake published of a case, in its order."""
    return [Envelope.FromString(bytes(row[0])) for row in bench.rows("intake", _EVENTS, case)]


def clone_number(batch: int, number: int) -> str:
    """Return a case number nobody has, as long as a real one."""
    return f"370306-{batch:02}-20260922-{number:07}"


def cloned(events: list[Envelope], batch: int, cases: int) -> Iterator[Envelope]:
    """Return the events of `cases` further cases, those of one case together and in order.

    The number of a case stands in the payloads with its length before it, so
    another may stand in its place that is as long.
    """
    old = events[0].stream_id
    for number in range(cases):
        new = clone_number(batch, number)
        if len(new) != len(old):
            raise ValueError(f"{new} is not as long as {old}")
        for event in events:
            clone = Envelope()
            clone.CopyFrom(event)
            clone.event_id = str(uuid.uuid4())
            clone.stream_id = new
            clone.payload = event.payload.replace(old.encode(), new.encode())
            yield clone


def add_events(bench: Bench, events: Iterator[Envelope]) -> int:
    """Put events into the outbox of intake, as many commands would have; return how many."""
    count = 0
    last: dict[str, int] = {}
    now = datetime.now(UTC)
    columns = "recorded_at, event_id, stream_id, seq, unit, type, envelope"
    connection = bench.connection("intake")
    with connection.cursor() as cursor, cursor.copy(f"COPY outbox ({columns}) FROM STDIN") as copy:
        for event in events:
            body = event.SerializeToString()
            copy.write_row(
                (now, event.event_id, event.stream_id, event.seq, event.unit, event.type, body)
            )
            last[event.stream_id] = event.seq
            count += 1
    with connection.cursor() as cursor, cursor.copy("COPY outbox_stream FROM STDIN") as copy:
        for stream, seq in last.items():
            copy.write_row((stream, seq))
    return count
