"""Events in, by stream position: each event of a stream is applied once and in order.

One transaction per delivered event:

    claim the position --+-- lower or equal --> drop (a duplicate)
                         +-- higher ----------> hold
                         +-- the next one ----> handler, then drain what was held

A handler that fails rolls its transaction back; a second transaction keeps
the event with the reason and stops this one stream, until a replay. The
caller acknowledges after `take` has returned, and only then. Nothing here
knows the broker, and the same code runs on SQLite, psycopg and psycopg2.

The fast path has no savepoint (a quarter more events per second); draining
has one for each event, so that what was applied before a failure stays.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from google.protobuf.message import DecodeError
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit.clock import Clock, SystemClock
from servicekit.errors import NotFoundError
from servicekit.event_telemetry import (
    FAILURES,
    HANDLER_SECONDS,
    TAKEN,
    UNKNOWN_EVENTS,
    applied,
    span,
)
from servicekit.stream_tables import (
    ADVANCE,
    CLAIM,
    DRAINED,
    HELD,
    HOLD,
    LOCK,
    READY,
    RELEASE,
    SEED,
    STOP,
    TIDY,
    StreamTables,
    stream_tables,
)
from servicekit.transient import Tries, is_disconnect, is_transient

__all__ = [
    "Handler",
    "HandlerSpoiltTransactionError",
    "Outcome",
    "StreamTables",
    "Streams",
    "UnreadableEventError",
    "decode",
    "intact",
    "is_transient",
    "stream_tables",
]

log = logging.getLogger(__name__)

Handler = Callable[[Connection, Envelope], None]

PATIENCE = 10  # tries of an event that troubles a database which answers otherwise
DRAIN_LIMIT = 200  # held events applied in one transaction; the sweep goes on from there
PAGE = 100
LARGEST_SEQ = 2**63 - 1
_POSTGRES_IN_ERROR = 3
_MOST_FAMILIES = 20
_FAMILY = re.compile(r"[a-z][a-z_]{0,30}\Z")


class Outcome(StrEnum):
    """What became of a delivered event. In every case it may be acknowledged."""

    APPLIED = "applied"
    DROPPED = "dropped"
    HELD = "held"
    FAILED = "failed"


class UnreadableEventError(ValueError):
    """The body has no readable envelope: nobody can ever apply it, so it is parked."""


class HandlerSpoiltTransactionError(RuntimeError):
    """A handler swallowed a database error, or ended the transaction it was given.

    The database would answer the commit with a rollback, without an error,
    and the event would be lost.
    """


def decode(body: bytes) -> Envelope:
    """Return the envelope in `body`, or raise `UnreadableEventError`.

    What no database row could carry (a NUL in a key, a number beyond BIGINT)
    is refused here, because it would be redelivered for ever.
    """
    try:
        event = Envelope.FromString(body)
    except DecodeError as error:
        raise UnreadableEventError(str(error)) from error
    if not (event.source and event.stream_id and event.type and event.seq):
        raise UnreadableEventError("no source, stream, type or seq")
    if event.seq > LARGEST_SEQ or "\x00" in event.source or "\x00" in event.stream_id:
        raise UnreadableEventError("source, stream or seq cannot be stored")
    return event


class Streams:
    """What one consumer makes of the events of its sources.

    `handlers` maps an event type to what is done with it, inside the
    transaction it is given; a type that is not there only advances its
    stream. The pool of `engine` needs one connection per concurrent call.
    """

    def __init__(
        self,
        engine: Engine,
        consumer: str,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock | None = None,
        drain_limit: int = DRAIN_LIMIT,
        patience: int = PATIENCE,
    ) -> None:
        self.engine = engine
        self.consumer = consumer
        self._handlers = dict(handlers)
        self.clock = clock or SystemClock()
        self._drain_limit = drain_limit
        self._tries = Tries(patience)
        self._families: set[str] = set()

    def take(self, body: bytes) -> Outcome:
        """Bring one delivered event into the database; tell what became of it.

        Raises `UnreadableEventError` for a body that must be parked. Any other
        error means that nothing was stored and the event must be redelivered.
        """
        event = decode(body)
        try:
            outcome = self._attempt(event, body)
        except Exception as error:  # whatever it was: redelivered, or kept with its reason
            if is_transient(error) and not self._is_worn_out(event):
                raise
            outcome = self._store_failure(event, body, error)
        self._tries.forget(event)
        TAKEN.labels(self.consumer, outcome).inc()
        if outcome is Outcome.APPLIED and self.knows(event):
            applied(self.consumer, event)
        return outcome

    def replay(self, source: str, stream_id: str) -> int:
        """Start a stopped stream again, at the event that failed; return how many were applied.

        If the event fails once more, the stream stops there again.
        """
        key = self._stream(source, stream_id)
        with self.engine.begin() as connection:
            position = connection.execute(RELEASE, key).one_or_none()
            if position is None:
                raise NotFoundError("no such stream", source=source, stream_id=stream_id)
            applied = self._drain(connection, key, position.seq)
        while applied and (more := self._drain_locked(key)):
            applied += more
        return applied

    def drain_more(self, streams: int = 100) -> int:
        """Go on where a drain reached its bound; return how many events were applied.

        Called in turn by the sweep of the `jobs` process. Zero means that
        everything that could be applied has been.
        """
        with self.engine.begin() as connection:
            connection.execute(TIDY, {"consumer": self.consumer})
            ready = connection.execute(READY, {"consumer": self.consumer, "streams": streams}).all()
        return sum(self._drain_locked(self._stream(row.source, row.stream_id)) for row in ready)

    def seed(self, source: str, positions: Mapping[str, int]) -> None:
        """Let a consumer that begins in mid-stream start after `positions` (stream to seq).

        Without it the first event it sees is not number 1, and everything is
        held for ever. Its queue must be bound before the positions are read.
        A position is never moved back.
        """
        rows = [
            self._stream(source, stream_id) | {"seq": seq}
            for stream_id, seq in sorted(positions.items())
        ]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(SEED, rows)
                connection.execute(DRAINED, rows)

    def _attempt(self, event: Envelope, body: bytes) -> Outcome:
        key = self._key(event)
        with self.engine.begin() as connection:
            position = connection.execute(CLAIM, key).one_or_none()
            if position is None:
                return Outcome.DROPPED
            if position.seq != event.seq:
                self._hold(connection, event, body, None)
                return Outcome.HELD
            self.handle(connection, event)
            if position.highest > event.seq:
                self._drain(connection, key, int(event.seq))
            return Outcome.APPLIED

    def _store_failure(self, event: Envelope, body: bytes, error: Exception) -> Outcome:
        """Keep the event with its reason and stop its stream, in a transaction of its own."""
        with self.engine.begin() as connection:
            position = connection.execute(CLAIM, self._key(event)).one_or_none()
            if position is None:  # another delivery of it was applied in the meantime
                return Outcome.DROPPED
            self._stop(connection, event, body, error, halt=position.seq == event.seq)
        return Outcome.FAILED

    def _stop(
        self, connection: Connection, event: Envelope, body: bytes, error: Exception, *, halt: bool
    ) -> None:
        if halt:
            connection.execute(STOP, self._key(event))
        if self.knows(event):
            FAILURES.labels(self.consumer, event.type).inc()
        self._hold(connection, event, body, _reason(error))
        facts = {"source": event.source, "stream_id": event.stream_id, "seq": event.seq}
        log.error("stream_stopped", extra=facts | {"type": event.type}, exc_info=error)

    def _hold(
        self, connection: Connection, event: Envelope, body: bytes, failure: str | None
    ) -> None:
        row = {"failure": failure, "held_at": self.clock.now(), "body": body}
        connection.execute(HOLD, self._key(event) | row)

    def _drain_locked(self, key: dict[str, Any]) -> int:
        with self.engine.begin() as connection:
            position = connection.execute(LOCK, key).one_or_none()
            if position is None or position.highest <= position.seq:
                return 0
            return self._drain(connection, key, position.seq)

    def _drain(self, connection: Connection, key: dict[str, Any], applied: int) -> int:
        """Apply what is held directly behind `applied`, up to the bound; return how many."""
        done = applied
        alive = True
        while alive and (room := self._drain_limit - (done - applied)) > 0:
            rows = connection.execute(HELD, key | {"seq": done, "page": min(PAGE, room)}).all()
            for row in rows:
                alive = row.seq == done + 1 and self._apply_held(connection, bytes(row.body))
                if not alive:
                    break
                done = row.seq
            alive = alive and bool(rows)
        if done > applied:
            connection.execute(ADVANCE, key | {"seq": done})
            connection.execute(DRAINED, key | {"seq": done})
        return done - applied

    def _apply_held(self, connection: Connection, body: bytes) -> bool:
        event = Envelope.FromString(body)
        try:
            with connection.begin_nested():
                self.handle(connection, event)
        except Exception as error:  # whatever it was: tried again, or the stream stops with it
            if is_transient(error) and (is_disconnect(error) or not self._tries.are_spent(event)):
                raise
            self._stop(connection, event, body, error, halt=True)
            return False
        self._tries.forget(event)
        return True

    def handle(self, connection: Connection, event: Envelope) -> None:
        """Do what the event asks for, inside the caller's transaction.

        An unknown type is counted and otherwise passed over.
        """
        handler = self._handlers.get(event.type)
        if handler is None:
            UNKNOWN_EVENTS.labels(self.consumer, self._family(event)).inc()
            return
        seconds = HANDLER_SECONDS.labels(self.consumer, event.type)
        with seconds.time(), span(self.consumer, event), intact(connection, event.type):
            handler(connection, event)

    def knows(self, event: Envelope) -> bool:
        """Tell whether this consumer does anything with events of that type."""
        return event.type in self._handlers

    def _family(self, event: Envelope) -> str:
        """The label of an unknown type: its service, of which there are few."""
        family = event.type.partition(".")[0]
        if family in self._families:
            return family
        if len(self._families) >= _MOST_FAMILIES or not _FAMILY.match(family):
            return "other"
        self._families.add(family)
        return family

    def _is_worn_out(self, event: Envelope) -> bool:
        """Tell whether the event keeps troubling a database that is there for others.

        A database that is away wears out nobody's patience.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeoutError):
            return False
        return self._tries.are_spent(event)

    def _stream(self, source: str, stream_id: str) -> dict[str, Any]:
        return {"consumer": self.consumer, "source": source, "stream_id": stream_id}

    def _key(self, event: Envelope) -> dict[str, Any]:
        return self._stream(event.source, event.stream_id) | {"seq": event.seq}


@contextmanager
def intact(connection: Connection, what: str) -> Iterator[None]:
    """Raise `HandlerSpoiltTransactionError` after a block whose effects could not be committed."""
    before = (connection.get_transaction(), connection.get_nested_transaction())
    yield
    after = (connection.get_transaction(), connection.get_nested_transaction())
    if before != after or not _can_commit(connection):
        raise HandlerSpoiltTransactionError(what)


def _can_commit(connection: Connection) -> bool:
    """Ask the driver, without a round trip, whether a commit would keep anything."""
    driver = connection.connection.driver_connection
    info = getattr(driver, "info", None)  # psycopg and psycopg2
    if info is not None:
        return bool(info.transaction_status != _POSTGRES_IN_ERROR)
    return bool(getattr(driver, "in_transaction", True))  # sqlite3


def _reason(error: Exception) -> str:
    """A line for the operator; without the parameters of a statement, which may be personal."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    words = f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
    return words.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:500]
