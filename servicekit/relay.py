"""Events out: from the outbox to the broker, in order, at least once.

One relay of a service is active at a time, by lease. It reads unpublished
rows, publishes them outside of any transaction, and then marks what was
confirmed in a transaction that first makes sure that the lease is still its
own. A relay that dies between confirmation and mark publishes again; the
consumers drop what they have seen. A relay that lost its lease in between may
still repeat old events, but it marks nothing.

A second relay reading the same rows with SKIP LOCKED would reorder a stream.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from prometheus_client import Counter, Gauge
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    select,
    text,
    update,
)

from servicekit.clock import Clock, SystemClock
from servicekit.event_telemetry import tell_published
from servicekit.leases import Lease
from servicekit.outbox import OutboxTables

__all__ = [
    "Bell",
    "LeaseLostError",
    "OutgoingMessage",
    "PublishedEvent",
    "Publisher",
    "PublisherUnavailableError",
    "Relay",
    "observe_outbox",
    "read_events",
]

log = logging.getLogger(__name__)

PUBLISHED = Counter(
    "liandong_outbox_published_total", "Events confirmed by the broker and marked.", ["service"]
)
OLDEST = Gauge(
    "liandong_outbox_oldest_unpublished_seconds",
    "Age of the eldest event that is not published, as the active relay and the jobs see it.",
    ["service"],
)
ACTIVE = Gauge("liandong_relay_active", "1 while this process holds the lease.", ["service"])

SWEEP = 1.0  # seconds between two looks without a ring
BATCH = 100
LONGEST_PAUSE = 10.0
RENEWED_AFTER = 0.2  # share of a lease that has passed when it is prolonged


class PublisherUnavailableError(Exception):
    """Nothing could be handed to the broker. Everything stays in the outbox."""


class LeaseLostError(Exception):
    """Another relay has taken over; this one has marked nothing of its last batch."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """An event on its way out; `routing_key` is its type."""

    event_id: str
    routing_key: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Publisher(Protocol):
    """Hands messages to whoever delivers them."""

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        """Publish `batch` in its order; return the ids that are safe with the broker.

        What is missing from the answer may or may not have been taken.
        Raises `PublisherUnavailableError` if nothing could be handed over.
        """
        ...

    def keep_alive(self) -> None:
        """Called about once a second while there is nothing to publish."""
        ...


class Bell(Protocol):
    """Wakes the relay."""

    def wait(self, timeout: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as the log of its service has it."""

    position: int
    event_id: str
    stream_id: str
    seq: int
    type: str
    envelope: bytes
    published_at: datetime


class Relay:
    """Publishes the outbox of one service.

    The time the publisher may take for a batch must stay below four fifths of
    `lease.ttl`; otherwise marks are refused, and the batch is published again.
    """

    def __init__(
        self,
        engine: Engine,
        tables: OutboxTables,
        publisher: Publisher,
        lease: Lease,
        *,
        service: str,
        batch: int = BATCH,
        clock: Clock | None = None,
    ) -> None:
        self._engine = engine
        self._unpublished_rows, self._marking = _statements(tables.outbox)
        self._publisher = publisher
        self._lease = lease
        self._service = service
        self._batch = batch
        self._clock = clock or SystemClock()
        self._epoch: int | None = None
        self._asked_at = self._clock.now()
        self._asks_after = timedelta(seconds=RENEWED_AFTER * lease.ttl)
        self._active = ACTIVE.labels(service)
        self._published = PUBLISHED.labels(service)
        self._well = False

    @property
    def is_well(self) -> bool:
        """Whether the last turn went through: published, nothing to publish, or standing by."""
        return self._well

    def run(self, stop: threading.Event, bell: Bell, *, sweep: float = SWEEP) -> None:
        """Publish until `stop` is set; stand by while another relay has the lease.

        Set `stop` first and then close the bell: it is looked at after each ring.
        """
        pause = sweep
        try:
            while not stop.is_set():
                try:
                    turn = self._turn()
                    self._well = True
                except Exception:
                    # The one broad net of this process: whatever happened, the rows are
                    # still in the outbox, and to try again later is all there is to do.
                    self._well = False
                    log.exception("relay_failed", extra={"service": self._service})
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause = sweep
                if turn is None or turn.marked < turn.read:
                    stop.wait(sweep)
                elif turn.read < self._batch:
                    bell.wait(sweep)
        finally:
            self._active.set(0)
            self._epoch = None
            self._lease.release()

    def publish_once(self) -> int:
        """Publish one batch; return how many events were marked as published.

        Returns 0 while another relay holds the lease. Raises `LeaseLostError`
        if the lease went to another before the marks.
        """
        turn = self._turn()
        return 0 if turn is None else turn.marked

    def _turn(self) -> _Turn | None:
        epoch = self._lead()
        self._active.set(0 if epoch is None else 1)
        if epoch is None:
            OLDEST.labels(self._service).set(0)  # what it saw last is another's business now
            return None
        rows = self._unpublished()
        if not rows:
            self._publisher.keep_alive()
            OLDEST.labels(self._service).set(0)
            return _Turn(0, 0)
        began = time.time_ns()
        confirmed = self._publisher.publish(
            [OutgoingMessage(row.event_id, row.type, bytes(row.envelope)) for row in rows]
        )
        marked = _in_order(rows, confirmed)
        if marked:
            self._epoch = None  # whatever goes wrong from here on, ask for the lease again
            with self._engine.begin() as connection:
                self._mark(connection, epoch, marked)
            self._epoch = epoch
            self._published.inc(len(marked))
            bodies = [bytes(row.envelope) for row in marked]
            tell_published(self._service, bodies, began, time.time_ns())
        self._observe(rows, marked)
        return _Turn(len(rows), len(marked))

    def _lead(self) -> int | None:
        """Return the epoch in which this relay leads; None while another one does.

        The lease is prolonged when a part of it has passed and not at every turn, which
        would be a commit of its own for each batch. What is published under a lease that
        went to another is not marked.
        """
        now = self._clock.now()
        if self._epoch is None or not self._asked_at <= now < self._asked_at + self._asks_after:
            self._asked_at = now
            self._epoch = self._lease.acquire()
        return self._epoch

    def _unpublished(self) -> Sequence[Row[Any]]:
        with self._engine.connect() as connection:
            return connection.execute(self._unpublished_rows, {"most": self._batch}).all()

    def _mark(self, connection: Connection, epoch: int, rows: Sequence[Row[Any]]) -> None:
        """Give `rows` the next positions of the log, if the lease is still ours.

        The head row stays locked until the commit, so positions become
        visible in their order and a reader sees no gap that fills up later.
        """
        if not self._lease.holds(connection, epoch):
            raise LeaseLostError(self._service)
        last = connection.execute(_NEXT, {"n": len(rows)}).scalar_one()
        published_at = self._clock.now()
        first = int(last) - len(rows) + 1
        marks = [
            {
                "row_id": row.id,
                "row_recorded_at": row.recorded_at,
                "position": position,
                "published_at": published_at,
            }
            for position, row in enumerate(rows, start=first)
        ]
        done = connection.execute(self._marking, marks).rowcount
        if done not in (-1, len(rows)):  # -1: the driver does not count
            raise LeaseLostError(f"{self._service}: somebody else marked {len(rows) - done} rows")

    def _observe(self, rows: Sequence[Row[Any]], marked: Sequence[Row[Any]]) -> None:
        done = {row.id for row in marked}
        left = [row for row in rows if row.id not in done]
        if not left and len(rows) == self._batch:
            left = [rows[-1]]  # the next one cannot be much younger
        age = (self._clock.now() - left[0].recorded_at).total_seconds() if left else 0.0
        OLDEST.labels(self._service).set(age)


@dataclass(frozen=True, slots=True)
class _Turn:
    read: int
    marked: int


_NEXT = text("""
    INSERT INTO outbox_head AS h ("only", position) VALUES (1, :n)
    ON CONFLICT ("only") DO UPDATE SET position = h.position + :n
    RETURNING position""")


@cache
def _statements(outbox: Table) -> tuple[Select[Any], Update]:
    """Return what reads the oldest unpublished rows, and what marks one of them."""
    c = outbox.c
    unpublished = (
        select(c.id, c.recorded_at, c.event_id, c.stream_id, c.type, c.envelope)
        .where(c.position.is_(None))
        .order_by(c.id)
        .limit(bindparam("most"))
    )
    marking = update(outbox).where(
        c.id == bindparam("row_id"),
        c.recorded_at == bindparam("row_recorded_at"),  # finds the partition
        c.position.is_(None),
    )
    return unpublished, marking


def _in_order(rows: Sequence[Row[Any]], confirmed: AbstractSet[str]) -> list[Row[Any]]:
    """Those of `rows` that may be marked: nothing ahead of an unconfirmed predecessor.

    An event behind an unconfirmed one of its stream is published again with
    it, even if it was confirmed by itself; other streams go on.
    """
    blocked: set[str] = set()
    safe = []
    for row in rows:
        if row.stream_id in blocked or row.event_id not in confirmed:
            blocked.add(row.stream_id)
        else:
            safe.append(row)
    return safe


def observe_outbox(engine: Engine, tables: OutboxTables, service: str, clock: Clock) -> None:
    """Set the age of the eldest unpublished event; called in turn by the `jobs` process.

    The relay sets it too, but one that is down says nothing.
    """
    c = tables.outbox.c
    eldest = select(c.recorded_at).where(c.position.is_(None)).order_by(c.id).limit(1)
    with engine.connect() as connection:
        recorded_at = connection.execute(eldest).scalar()
    age = 0.0 if recorded_at is None else (clock.now() - recorded_at).total_seconds()
    OLDEST.labels(service).set(max(age, 0.0))


def read_events(
    engine: Engine, tables: OutboxTables, after_position: int, limit: int
) -> list[PublishedEvent]:
    """Return published events in the order of the log, from behind `after_position`."""
    c = tables.outbox.c
    query = (
        select(c.position, c.event_id, c.stream_id, c.seq, c.type, c.envelope, c.published_at)
        .where(c.position > after_position)
        .order_by(c.position)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [
            PublishedEvent(
                position=row.position,
                event_id=row.event_id,
                stream_id=row.stream_id,
                seq=row.seq,
                type=row.type,
                envelope=bytes(row.envelope),
                published_at=row.published_at,
            )
            for row in connection.execute(query)
        ]
