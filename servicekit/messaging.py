"""The broker: what is declared there, how it is published to, and what was parked.

Only this module, `publishing.py`, `worker.py` and `batch_consumer.py` import
kombu. Each service has a durable topic exchange `<service>.events`; each
consumer of it has one quorum queue `<consumer>.<source>` that takes
everything, and a queue `<consumer>.<source>.dead` for bodies that nobody can
read. There is no retry queue: order does not matter to the consumer, so an
event that met a database in trouble goes back to its queue.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import NotFound, PreconditionFailed
from kombu import Connection, Exchange, Queue

from servicekit.publishing import BROKER_TROUBLE, ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage, PublisherUnavailableError

__all__ = [
    "BrokerUnavailableError",
    "ConfirmingPublisher",
    "ParkedBody",
    "ParkingError",
    "QueueDepth",
    "Topology",
    "TopologyError",
    "check",
    "dead_queue",
    "declare",
    "exchange_name",
    "listen",
    "park",
    "peek_dead",
    "queue_depths",
    "queue_name",
    "raw",
    "requeue_dead",
    "stream_queue",
    "wait_for_broker",
]

# Newer brokers drop a message after 20 returns unless told otherwise. Here a
# return means that the database is away, however long that may last.
UNLIMITED_RETURNS = 2**31 - 1
QUEUE_ARGUMENTS: Mapping[str, Any] = {
    "x-queue-type": "quorum",
    "x-delivery-limit": UNLIMITED_RETURNS,
}


class TopologyError(Exception):
    """Something that `migrate` declares is not there, or not as it should be."""


class BrokerUnavailableError(Exception):
    """The broker could not be reached in the time given."""


class ParkingError(Exception):
    """An unreadable body could not be put safely aside; it must stay where it is."""


def exchange_name(source: str) -> str:
    return f"{source}.events"


def queue_name(consumer: str, source: str) -> str:
    return f"{consumer}.{source}"


def stream_queue(consumer: str, source: str) -> Queue:
    """The queue in which everything that `source` publishes waits for `consumer`.

    Without reject-publish: a full queue would nack for everybody, and one
    dead consumer would stop the outbox of its source. Not declared by use:
    a consumer that finds it missing must stop, not make another one.
    """
    exchange = Exchange(exchange_name(source), "topic", durable=True, no_declare=True)
    return Queue(
        queue_name(consumer, source),
        exchange,
        "#",
        durable=True,
        queue_arguments=dict(QUEUE_ARGUMENTS),
        no_declare=True,
    )


def dead_queue(consumer: str, source: str) -> Queue:
    """The parking queue of a stream queue; it has no bodies but unreadable ones."""
    return Queue(
        f"{queue_name(consumer, source)}.dead",
        durable=True,
        queue_arguments=dict(QUEUE_ARGUMENTS),
        no_declare=True,
    )


@dataclass(frozen=True, slots=True)
class Topology:
    """Who listens to whom: maps each source to its consumers."""

    consumers: Mapping[str, Sequence[str]]

    def exchanges(self) -> list[Exchange]:
        return [Exchange(exchange_name(source), "topic", durable=True) for source in self.consumers]

    def queues(self) -> list[Queue]:
        pairs = [
            (consumer, source) for source in self.consumers for consumer in self.consumers[source]
        ]
        return [make(*pair) for pair in pairs for make in (dead_queue, stream_queue)]


def declare(url: str, topology: Topology) -> None:
    """Make all exchanges, queues and bindings; to repeat it changes nothing.

    Done by `migrate`, before any relay may publish. Raises `TopologyError` if
    a queue is there with other arguments: it must be emptied and removed by
    an operator, since arguments of a queue cannot be changed.
    """
    with _connected(url) as connection:
        for exchange in topology.exchanges():
            with _asking(connection, exchange.name) as channel:
                exchange(channel).declare()
        for queue in topology.queues():
            with _asking(connection, queue.name) as channel:
                queue(channel).queue_declare()
                if queue.exchange.name:
                    queue(channel).queue_bind()


def check(url: str, topology: Topology) -> None:
    """Raise `TopologyError` unless every exchange and queue is there as it should be.

    A relay calls this before it publishes: `mandatory` notices a message that
    reaches no queue, but not one that misses a queue. AMQP has no question
    for a binding; `declare` makes each queue and its binding together.
    """
    with _connected(url) as connection:
        for exchange in topology.exchanges():
            with _asking(connection, exchange.name) as channel:
                exchange(channel).declare(passive=True)
        for queue in topology.queues():
            with _asking(connection, queue.name) as channel:
                queue(channel).queue_declare(passive=True)
                # There it is, so this changes nothing, and is refused if the arguments differ.
                queue(channel).queue_declare()


def wait_for_broker(url: str, *, timeout: float) -> None:
    """Return once the broker takes connections; services start in any order."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            connect(url).close()
        except BROKER_TROUBLE as error:
            if time.monotonic() > deadline:
                raise BrokerUnavailableError(str(error)) from error
            time.sleep(0.5)
        else:
            return


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages wait in a queue, and how many consumers it has."""

    messages: int
    consumers: int


def queue_depths(url: str, queues: Iterable[str]) -> dict[str, QueueDepth]:
    """Return the depth of each of `queues`, for metrics and alarms."""
    found = {}
    with _connected(url) as connection:
        for name in queues:
            with _asking(connection, name) as channel:
                state = channel.queue_declare(name, passive=True)
            found[name] = QueueDepth(state.message_count, state.consumer_count)
    return found


def raw(message: Any) -> bytes:
    """Return the body as it came over the wire, from a channel that decodes nothing (`listen`)."""
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)  # an empty one comes as str


def listen(consumer: Any, on_message: Callable[[Any], None]) -> None:
    """Let `on_message` have every message of `consumer`, whatever its headers say.

    Left to itself, the client turns a body with a text encoding into str, and
    kombu acknowledges and drops what it cannot decode or decompress.
    """
    consumer.channel.auto_decode = False
    consumer.on_message = on_message
    consumer.on_decode_error = lambda message, _error: on_message(message)


def park(url: str, queue: str, body: bytes, reason: str) -> None:
    """Put an unreadable body of `queue` into its parking queue, or raise `ParkingError`.

    Confirmed and mandatory: after the return the original may be acknowledged.
    """
    parked = OutgoingMessage(str(uuid.uuid4()), f"{queue}.dead", body, {"x-reason": reason[:200]})
    publisher = ConfirmingPublisher(url, exchange="")
    try:
        safe = publisher.publish([parked])
    except PublisherUnavailableError as error:
        raise ParkingError(str(error)) from error
    finally:
        publisher.close()
    if not safe:
        raise ParkingError(f"{queue}.dead did not take it")


@dataclass(frozen=True, slots=True)
class ParkedBody:
    """A body that nobody could read, with the reason."""

    message_id: str
    reason: str
    body: bytes


def peek_dead(url: str, queue: str, *, limit: int = 20) -> list[ParkedBody]:
    """Return what is parked behind `queue`, and leave it there."""
    with _connected(url) as connection:
        channel = _raw_channel(connection)
        messages = list(_get(channel, f"{queue}.dead", limit))
        return [_parked(message) for message in messages]  # the end of the channel gives them back


def requeue_dead(url: str, queue: str, *, limit: int = 100) -> int:
    """Move parked bodies back to `queue`, after whoever could not read them was mended."""
    moved = 0
    publisher = ConfirmingPublisher(url, exchange="")
    with _connected(url) as connection:
        channel = _raw_channel(connection)
        with _asking(connection, f"{queue}.dead") as asked:
            waiting = asked.queue_declare(f"{queue}.dead", passive=True)
        try:
            for message in _get(channel, f"{queue}.dead", min(limit, waiting.message_count)):
                body = _parked(message)
                if not publisher.publish([OutgoingMessage(body.message_id, queue, body.body)]):
                    raise TopologyError(f"{queue} does not take messages")
                channel.basic_ack(message.delivery_info["delivery_tag"])
                moved += 1
        finally:
            publisher.close()
    return moved


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    try:
        connection = connect(url)
    except BROKER_TROUBLE as error:
        raise BrokerUnavailableError(str(error)) from error
    with connection:
        yield connection


@contextmanager
def _asking(connection: Connection, name: str) -> Iterator[Any]:
    """Give a channel of its own to one question: a refusal closes the channel."""
    channel: Any = connection.channel()
    try:
        yield channel
    except NotFound as error:
        raise TopologyError(f"{name} is missing; run migrate") from error
    except PreconditionFailed as error:
        raise TopologyError(f"{name} is not as declared: {error}") from error
    channel.close()


def _raw_channel(connection: Connection) -> Any:
    channel: Any = connection.channel()
    channel.auto_decode = False
    return channel


def _get(channel: Any, queue: str, limit: int) -> Iterator[Any]:
    for _ in range(limit):
        message = channel.basic_get(queue)
        if message is None:
            return
        yield message


def _parked(message: Any) -> ParkedBody:
    headers = message.headers or {}
    return ParkedBody(
        message_id=message.properties.get("message_id", ""),
        reason=str(headers.get("x-reason", "")),
        body=raw(message),
    )
