"""What waits for a person: streams that a failed event has stopped, and gaps that do not close.

Retries and dead letters of events are rows, next to the data they could not
change; only a body without a readable envelope is parked in the broker
(`messaging.py`). `liandong dead-letters` lists and replays from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import Gauge
from sqlalchemy import ColumnElement, Engine, and_, case, column, func, select, table

from servicekit.clock import Clock
from servicekit.database import UTCDateTime
from servicekit.stream import Streams

__all__ = [
    "HeldEvent",
    "ReplayReport",
    "StoppedStream",
    "Tally",
    "WaitingStream",
    "held_events",
    "observe",
    "replay_all",
    "stopped_streams",
    "tallies",
    "waiting_streams",
]

STOPPED_STREAMS = Gauge(
    "liandong_stopped_streams", "Streams that a failed event has stopped.", ["consumer"]
)
HELD_EVENTS = Gauge(
    "liandong_held_events", "Events kept behind a failed or a missing one.", ["consumer"]
)
HELD_AGE = Gauge(
    "liandong_held_oldest_seconds", "Age of the eldest event that is kept.", ["consumer"]
)


@dataclass(frozen=True, slots=True)
class StoppedStream:
    """A stream that waits for a replay; `seq` is the event that failed."""

    consumer: str
    source: str
    stream_id: str
    seq: int
    failure: str
    failed_at: datetime
    held: int


@dataclass(frozen=True, slots=True)
class WaitingStream:
    """A stream whose event `missing_seq` has not arrived, though later ones have."""

    consumer: str
    source: str
    stream_id: str
    missing_seq: int
    held_since: datetime
    held: int


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One event that is kept; `failure` is None if it only came early."""

    seq: int
    event_id: str
    type: str
    failure: str | None
    held_at: datetime
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of one consumer is stopped or held, and since when."""

    consumer: str
    stopped: int
    held: int
    held_since: datetime


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay of everything did; `stopped_again` names source and stream."""

    applied: int
    stopped_again: tuple[tuple[str, str], ...]


_position = table(
    "stream_position", *map(column, ("consumer", "source", "stream_id", "seq", "stopped"))
)
_held = table(
    "held_event",
    *map(column, ("consumer", "source", "stream_id", "seq", "failure", "body")),
    column("held_at", UTCDateTime()),
)
_key = (_position.c.consumer, _position.c.source, _position.c.stream_id)
_same_stream = and_(
    _held.c.consumer == _position.c.consumer,
    _held.c.source == _position.c.source,
    _held.c.stream_id == _position.c.stream_id,
)


def stopped_streams(
    engine: Engine, consumer: str | None = None, *, limit: int = 100
) -> list[StoppedStream]:
    """Return the streams that wait for a replay, the longest stopped first."""
    failed = _held.c.seq == _position.c.seq + 1
    first = (
        select(*_key, _held.c.seq, _held.c.failure, _held.c.held_at)
        .join_from(_position, _held, and_(_same_stream, failed))
        .where(_position.c.stopped, _held.c.failure.is_not(None), *_of(consumer))
        .order_by(_held.c.held_at, *_key)
        .limit(limit)
        .subquery()
    )
    same = [_held.c[name] == first.c[name] for name in ("consumer", "source", "stream_id")]
    behind = select(func.count()).select_from(_held).where(*same).scalar_subquery()
    rows = select(first, behind).order_by(first.c.held_at)
    with engine.connect() as connection:
        return [StoppedStream(*row) for row in connection.execute(rows)]


def waiting_streams(
    engine: Engine, consumer: str | None = None, *, before: datetime, limit: int = 100
) -> list[WaitingStream]:
    """Return the streams whose next event is missing since `before`, the longest first.

    A gap that is minutes old means that an event was lost on its way, or that
    the consumer began in mid-stream without a seed.
    """
    missing = (_position.c.seq + 1).label("missing")
    since = func.min(_held.c.held_at, type_=UTCDateTime()).label("since")
    rows = (
        select(*_key, missing, since, func.count().label("held"))
        .join_from(_position, _held, _same_stream)
        .where(_position.c.stopped.is_(False), *_of(consumer))
        .group_by(*_key, _position.c.seq)
        .having(func.min(_held.c.seq) > _position.c.seq + 1, since < before)
        .order_by(since, *_key)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [WaitingStream(*row) for row in connection.execute(rows)]


def held_events(
    engine: Engine, consumer: str, source: str, stream_id: str, *, limit: int = 100
) -> list[HeldEvent]:
    """Return what is kept of one stream, in order, with the envelopes."""
    rows = (
        select(_held.c.seq, _held.c.failure, _held.c.held_at, _held.c.body)
        .where(
            _held.c.consumer == consumer,
            _held.c.source == source,
            _held.c.stream_id == stream_id,
        )
        .order_by(_held.c.seq)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [
            HeldEvent(
                seq=row.seq,
                event_id=(envelope := Envelope.FromString(bytes(row.body))).event_id,
                type=envelope.type,
                failure=row.failure,
                held_at=row.held_at,
                envelope=envelope,
            )
            for row in connection.execute(rows)
        ]


def replay_all(streams: Streams, *, limit: int = 1000) -> ReplayReport:
    """Start all stopped streams of one consumer again, the longest stopped first."""
    applied = 0
    stopped = stopped_streams(streams.engine, streams.consumer, limit=limit)
    for one in stopped:
        applied += streams.replay(one.source, one.stream_id)
    tried = {(one.source, one.stream_id) for one in stopped}
    again = [
        (one.source, one.stream_id)
        for one in stopped_streams(streams.engine, streams.consumer, limit=limit)
        if (one.source, one.stream_id) in tried
    ]
    return ReplayReport(applied, tuple(again))


def tallies(engine: Engine) -> list[Tally]:
    """Return, for each consumer with anything held, how much and since when."""
    is_failed_one = and_(_position.c.stopped, _held.c.seq == _position.c.seq + 1)
    rows = (
        select(
            _held.c.consumer,
            func.sum(case((is_failed_one, 1), else_=0)),
            func.count(),
            func.min(_held.c.held_at, type_=UTCDateTime()),
        )
        .join_from(_position, _held, _same_stream)
        .group_by(_held.c.consumer)
        .order_by(_held.c.consumer)
    )
    with engine.connect() as connection:
        return [Tally(*row) for row in connection.execute(rows)]


def observe(engine: Engine, consumers: Sequence[str], clock: Clock) -> None:
    """Set the gauges of `consumers`; called in turn by the `jobs` process."""
    now = clock.now()
    found = {tally.consumer: tally for tally in tallies(engine)}
    for consumer in consumers:
        tally = found.get(consumer)
        STOPPED_STREAMS.labels(consumer).set(tally.stopped if tally else 0)
        HELD_EVENTS.labels(consumer).set(tally.held if tally else 0)
        age = (now - tally.held_since).total_seconds() if tally else 0.0
        HELD_AGE.labels(consumer).set(age)


def _of(consumer: str | None) -> list[ColumnElement[bool]]:
    return [] if consumer is None else [_position.c.consumer == consumer]
