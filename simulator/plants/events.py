"""Faults on the way of an event from its command to its effects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, text

from servicekit import outbox
from servicekit.relay import OutgoingMessage, Relay
from servicekit.stream import Outcome, Streams
from services.metrics.adapters import projection
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.folding import fold
from services.metrics.domain.incoming import CaseReceived
from simulator.plants.base import Ground
from simulator.scheduler import Scheduler

__all__ = [
    "ack_before_commit",
    "held_forgotten",
    "marked_before_confirm",
    "no_commuting",
    "no_stream_check",
    "outbox_outside",
    "seq_skips",
]


@contextmanager
def ack_before_commit(ground: Ground) -> Iterator[None]:
    """A worker acknowledges before it commits: what it dies with is lost."""
    ground.work.acknowledges_early = True
    yield
    ground.work.acknowledges_early = False


@contextmanager
def no_stream_check(_ground: Ground) -> Iterator[None]:
    """A consumer applies what it has seen before."""
    attempt = Streams._attempt  # noqa: SLF001

    def unchecked(self: Streams, event: Envelope, body: bytes) -> Outcome:
        outcome = attempt(self, event, body)
        if outcome is Outcome.DROPPED:
            with self.engine.begin() as connection:
                self.handle(connection, event)
        return outcome

    with patch.object(Streams, "_attempt", unchecked):
        yield


@contextmanager
def held_forgotten(_ground: Ground) -> Iterator[None]:
    """A consumer holds what came early and never goes back to it."""

    def forgetful(_self: Streams, _connection: Connection, _key: object, _applied: int) -> int:
        return 0

    with patch.object(Streams, "_drain", forgetful):
        yield


@contextmanager
def marked_before_confirm(_ground: Ground) -> Iterator[None]:
    """The relay marks what it read as published, and then publishes it."""
    turn = Relay._turn  # noqa: SLF001

    def hasty(self: Any) -> Any:
        publisher, late = self._publisher, list[OutgoingMessage]()

        class Believed:
            def publish(self, batch: list[OutgoingMessage]) -> set[str]:
                late.extend(batch)
                publisher.asked = len(batch)
                return {message.event_id for message in batch}

            def keep_alive(self) -> None:
                publisher.keep_alive()

        self._publisher = Believed()
        try:
            done = turn(self)
        finally:
            self._publisher = publisher
        if late:
            publisher.publish(late)
        return done

    with patch.object(Relay, "_turn", hasty):
        yield


@contextmanager
def outbox_outside(_ground: Ground) -> Iterator[None]:
    """Events are written after the transaction that caused them, in one of their own."""
    store, after_commit = outbox.store, Scheduler.after_commit
    waiting: list[tuple[Connection, tuple[Any, ...], dict[str, Any]]] = []

    def later(connection: Connection, *arguments: Any, **more: Any) -> None:
        waiting.append((connection, arguments, more))

    def then(self: Scheduler, database: str) -> None:
        mine = [one for one in waiting if str(one[0].engine.url).endswith(f"/{database}.db")]
        waiting.clear()
        after_commit(self, database)
        for connection, arguments, more in mine:
            with connection.engine.begin() as own:
                store(own, *arguments, **more)

    with patch.object(outbox, "store", later), patch.object(Scheduler, "after_commit", then):
        yield


@contextmanager
def seq_skips(_ground: Ground) -> Iterator[None]:
    """Every stream leaves out a number whenever it goes on."""
    skipping = text(str(outbox._TAKE).replace("seq = s.seq + :n", "seq = s.seq + :n + 1"))  # noqa: SLF001
    with patch.object(outbox, "_TAKE", skipping):
        yield


@contextmanager
def no_commuting(_ground: Ground) -> Iterator[None]:
    """Metrics passes over what others tell of a case before intake has told of it."""

    def impatient(facts: CaseFacts, event: Any, at: Any) -> CaseFacts:
        known = facts.received_at is not None or isinstance(event, CaseReceived)
        return fold(facts, event, at) if known else facts

    with patch.object(projection, "fold", impatient):
        yield
