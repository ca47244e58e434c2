"""Many events in one transaction: the same promises as `Streams`, set-wise, on PostgreSQL.

One statement claims all streams of a batch, in sorted order: two processes
that claim in different orders deadlock. The order is Python's own, carried
into SQL by the position in an array, since a collation may sort otherwise.
What can be applied goes to the handlers without savepoints; the first error
rolls all of it back, and each event is then taken by itself.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, text

from servicekit.event_telemetry import TAKEN, tell_batch
from servicekit.stream import Outcome, Streams, UnreadableEventError, decode

__all__ = ["BatchHandler", "BatchResult", "BatchStreams"]

log = logging.getLogger(__name__)

BatchHandler = Callable[[Connection, Sequence[Envelope]], None]
Key = tuple[str, str]  # source, stream

PAGE = 100  # held events of one stream looked at in one batch; the sweep goes on from there

_CLAIM = text("""
    INSERT INTO stream_position AS p (consumer, source, stream_id, seq, highest, stopped)
    SELECT :consumer, b.source, b.stream_id, 0, b.highest, false
    FROM unnest(CAST(:sources AS text[]), CAST(:streams AS text[]), CAST(:seqs AS bigint[]))
        WITH ORDINALITY AS b (source, stream_id, highest, place)
    ORDER BY b.place
    ON CONFLICT (consumer, source, stream_id) DO UPDATE SET
        highest = greatest(p.highest, excluded.highest)
    RETURNING source, stream_id, seq, highest, stopped""")
_ADVANCE = text("""
    UPDATE stream_position p SET seq = b.seq
    FROM unnest(CAST(:sources AS text[]), CAST(:streams AS text[]), CAST(:seqs AS bigint[]))
        AS b (source, stream_id, seq)
    WHERE p.consumer = :consumer AND p.source = b.source AND p.stream_id = b.stream_id""")
_HELD = text("""
    SELECT b.source, b.stream_id, h.seq, h.body
    FROM unnest(CAST(:sources AS text[]), CAST(:streams AS text[]), CAST(:seqs AS bigint[]))
        AS b (source, stream_id, seq)
    JOIN held_event n ON n.consumer = :consumer AND n.source = b.source
        AND n.stream_id = b.stream_id AND n.seq = b.seq + 1
    CROSS JOIN LATERAL (
        SELECT o.seq, o.body FROM held_event o WHERE o.consumer = :consumer
        AND o.source = b.source AND o.stream_id = b.stream_id AND o.seq > b.seq
        ORDER BY o.seq LIMIT :page) h""")
_HOLD = text("""
    INSERT INTO held_event (consumer, source, stream_id, seq, failure, held_at, body)
    SELECT :consumer, b.source, b.stream_id, b.seq, NULL, :held_at, b.body
    FROM unnest(CAST(:sources AS text[]), CAST(:streams AS text[]), CAST(:seqs AS bigint[]),
        CAST(:bodies AS bytea[])) AS b (source, stream_id, seq, body)
    ON CONFLICT (consumer, source, stream_id, seq) DO NOTHING""")
_DRAINED = text("""
    DELETE FROM held_event h
    USING unnest(CAST(:sources AS text[]), CAST(:streams AS text[]), CAST(:seqs AS bigint[]))
        AS b (source, stream_id, seq)
    WHERE h.consumer = :consumer AND h.source = b.source AND h.stream_id = b.stream_id
    AND h.seq <= b.seq""")


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch; `unreadable` are the places of bodies that must be parked."""

    outcomes: Counter[Outcome]
    unreadable: dict[int, str]


@dataclass(slots=True)
class _Stream:
    """The part of a batch that belongs to one stream."""

    bodies: dict[int, bytes] = field(default_factory=dict)
    stored: set[int] = field(default_factory=set)  # of them, those that earlier batches held
    claimed: int = 0
    done: int = 0
    highest: int = 0
    stopped: bool = False

    def advance(self) -> None:
        while not self.stopped and self.done + 1 in self.bodies:
            self.done += 1


class BatchStreams:
    """Takes batches for the consumer of `streams`.

    `apply` may do the work of several events at once; it gets them ordered
    within each stream. Left out, the handlers of `streams` are called one
    after the other. A statement that touches shared rows should touch them in
    sorted order: what deadlocks is tried again, event by event.
    `ring` is called once a batch in which something was applied is committed:
    what applied it may have published, and the relay should look at once.
    """

    def __init__(
        self,
        streams: Streams,
        apply: BatchHandler | None = None,
        *,
        ring: Callable[[], None] | None = None,
    ) -> None:
        if streams.engine.dialect.name != "postgresql":
            raise TypeError("batches need PostgreSQL; take events one by one elsewhere")
        self._streams = streams
        self._apply = apply or self._one_after_the_other
        self._ring = ring

    def take_batch(self, bodies: Sequence[bytes]) -> BatchResult:
        """Bring delivered events into the database.

        All of them may be acknowledged afterwards, once the unreadable ones
        are parked. An error means that some may have been stored and all must
        be delivered again.
        """
        events: list[tuple[Envelope, bytes]] = []
        unreadable: dict[int, str] = {}
        for place, body in enumerate(bodies):
            try:
                events.append((decode(body), body))
            except UnreadableEventError as error:
                unreadable[place] = str(error)
        try:
            outcomes = self._take_together(events) if events else Counter()
        except Exception as error:  # noqa: BLE001 -- taken by itself, each event shows whose it was
            log.warning("batch_taken_one_by_one", extra={"error": repr(error)[:500]})
            outcomes = self._take_each(events)
        if self._ring is not None and outcomes[Outcome.APPLIED]:
            self._ring()
        return BatchResult(outcomes, unreadable)

    def _take_each(self, events: Iterable[tuple[Envelope, bytes]]) -> Counter[Outcome]:
        in_order = sorted(events, key=lambda one: (one[0].source, one[0].stream_id, one[0].seq))
        return Counter(self._streams.take(body) for _event, body in in_order)

    def _take_together(self, events: Sequence[tuple[Envelope, bytes]]) -> Counter[Outcome]:
        batch = _by_stream(events)
        readable = {(e.source, e.stream_id, e.seq): e for e, _body in events}
        began = time.time_ns()
        with self._streams.engine.begin() as connection:
            self._claim(connection, batch)
            self._fetch_held(connection, batch)
            due = [
                readable.get((*key, seq)) or Envelope.FromString(stream.bodies[seq])
                for key, stream in batch.items()
                for seq in range(stream.claimed + 1, stream.done + 1)
            ]
            if due:
                self._apply(connection, due)
            # A database error that was swallowed there comes up again here.
            self._settle(connection, batch)
        outcomes = _outcomes(events, batch)
        self._tell(due, outcomes, began)
        return outcomes

    def _tell(self, due: Sequence[Envelope], outcomes: Counter[Outcome], began: int) -> None:
        """Show what was committed; events that are taken one by one show themselves."""
        consumer = self._streams.consumer
        for outcome, number in outcomes.items():
            TAKEN.labels(consumer, outcome).inc(number)
        known = [(event, self._streams.knows(event)) for event in due]
        tell_batch(consumer, known, began, time.time_ns())

    def _claim(self, connection: Connection, batch: dict[Key, _Stream]) -> None:
        """Lock all streams of the batch and read where they are."""
        tops = {key: max(stream.bodies) for key, stream in batch.items()}
        for row in connection.execute(_CLAIM, self._arrays(tops)):
            stream = batch[row.source, row.stream_id]
            stream.claimed = stream.done = row.seq
            stream.highest, stream.stopped = row.highest, row.stopped
            stream.advance()

    def _fetch_held(self, connection: Connection, batch: dict[Key, _Stream]) -> None:
        """Add what earlier batches held, where it is next: a select after the lock."""
        behind = {
            key: stream.done
            for key, stream in batch.items()
            if stream.highest > stream.done and not stream.stopped
        }
        if not behind:
            return
        for row in connection.execute(_HELD, self._arrays(behind) | {"page": PAGE}):
            stream = batch[row.source, row.stream_id]
            stream.bodies.setdefault(row.seq, bytes(row.body))
            stream.stored.add(row.seq)
        for key in behind:
            batch[key].advance()

    def _settle(self, connection: Connection, batch: dict[Key, _Stream]) -> None:
        """Move the positions, keep what came early, drop what was held and is done."""
        moved = {key: s.done for key, s in batch.items() if s.done > s.claimed}
        if moved:
            connection.execute(_ADVANCE, self._arrays(moved))
            connection.execute(_DRAINED, self._arrays(moved))
        early = [
            (key, seq, body)
            for key, stream in batch.items()
            for seq, body in stream.bodies.items()
            if seq > stream.done and seq not in stream.stored
        ]
        if early:
            connection.execute(
                _HOLD,
                {
                    "consumer": self._streams.consumer,
                    "sources": [key[0] for key, _seq, _body in early],
                    "streams": [key[1] for key, _seq, _body in early],
                    "seqs": [seq for _key, seq, _body in early],
                    "bodies": [body for _key, _seq, body in early],
                    "held_at": self._streams.clock.now(),
                },
            )

    def _one_after_the_other(self, connection: Connection, events: Sequence[Envelope]) -> None:
        for event in events:
            self._streams.handle(connection, event)

    def _arrays(self, seqs: dict[Key, int]) -> dict[str, Any]:
        return {
            "consumer": self._streams.consumer,
            "sources": [key[0] for key in seqs],
            "streams": [key[1] for key in seqs],
            "seqs": list(seqs.values()),
        }


def _by_stream(events: Iterable[tuple[Envelope, bytes]]) -> dict[Key, _Stream]:
    found: defaultdict[Key, _Stream] = defaultdict(_Stream)
    for event, body in events:
        found[event.source, event.stream_id].bodies.setdefault(event.seq, body)
    return {key: found[key] for key in sorted(found)}


def _outcomes(
    events: Sequence[tuple[Envelope, bytes]], batch: dict[Key, _Stream]
) -> Counter[Outcome]:
    """Count each delivery; of two deliveries of one event the second is a duplicate."""
    counts: Counter[Outcome] = Counter()
    seen: set[tuple[str, str, int]] = set()
    for event, _body in events:
        stream = batch[event.source, event.stream_id]
        name = (event.source, event.stream_id, event.seq)
        if event.seq <= stream.claimed or name in seen:
            counts[Outcome.DROPPED] += 1
        elif event.seq <= stream.done:
            counts[Outcome.APPLIED] += 1
        else:
            counts[Outcome.HELD] += 1
        seen.add(name)
    return counts
