"""How old the eldest event is that a consumer was not yet given, or has not yet settled.

A quorum queue does not tell how long its head has waited. But the log of the
source knows when each event was recorded, and every event goes to every
queue in the order of the log: where N wait, the eldest is the N-th from its
end. An empty queue is of age 0, however long ago its last event was. What is
delivered and not acknowledged the broker no longer counts as waiting, so the
worker that has it shows it (`Hand`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from google.protobuf.message import DecodeError
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import Gauge
from sqlalchemy import Connection, select

from servicekit.clock import SystemClock
from servicekit.outbox import OutboxTables
from servicekit.relay import BATCH

__all__ = ["IN_HAND", "Hand", "eldest_waiting"]

IN_HAND: Final = Gauge(
    "liandong_event_in_hand_oldest_seconds",
    "Age of the eldest event that a worker has taken from a queue and not settled; 0: none.",
    ["consumer", "source"],
)
_machine = SystemClock()


def eldest_waiting(
    connection: Connection, tables: OutboxTables, waiting: Mapping[str, int]
) -> dict[str, datetime]:
    """Return for each queue in which events wait when the eldest of them was recorded.

    `waiting` was counted before: what was published since makes the answer a
    little too young. A batch that the broker has and the relay has not marked
    yet stands in the queue too, hence the unpublished rows at the end of the
    log. Events that were published twice make the answer too old.
    """
    if not any(waiting.values()):
        return {}
    log, head = tables.outbox.c, tables.head.c
    last = connection.execute(select(head.position)).scalar() or 0
    under_way = (
        connection.execute(
            select(log.recorded_at).where(log.position.is_(None)).order_by(log.id).limit(BATCH)
        )
        .scalars()
        .all()
    )
    found = {}
    for queue, number in waiting.items():
        if 0 < number <= len(under_way):
            found[queue] = under_way[-number]
        elif number:
            first = last - (number - len(under_way)) + 1
            recorded_at = connection.execute(
                select(log.recorded_at).where(log.position >= first).order_by(log.position).limit(1)
            ).scalar()
            if recorded_at is not None:  # none: what waits is not from this log
                found[queue] = recorded_at
    return found


class Hand:
    """What one consumer was given of a source and has not settled; its age is shown.

    Nothing is read from a body until somebody looks.
    """

    def __init__(self, consumer: str, source: str) -> None:
        self._bodies: dict[int, bytes] = {}
        IN_HAND.labels(consumer, source).set_function(self.age)

    def take(self, key: int, body: bytes) -> None:
        self._bodies[key] = body

    def leave(self, key: int) -> None:
        self._bodies.pop(key, None)

    def drop_all(self) -> None:
        """Forget everything: the line is lost, and the broker will give it to somebody again."""
        self._bodies.clear()

    def age(self) -> float:
        """Return the age in seconds of the eldest event in hand, 0 where there is none."""
        recorded = [found for body in list(self._bodies.values()) if (found := _recorded(body))]
        if not recorded:
            return 0.0
        return max(_machine.now().timestamp() - min(recorded), 0.0)


def _recorded(body: bytes) -> float | None:
    try:
        event = Envelope.FromString(body)
    except DecodeError:  # it is about to be parked
        return None
    return event.recorded_at.ToNanoseconds() / 1e9 if event.HasField("recorded_at") else None
