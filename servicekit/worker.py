"""The worker process: nameko 2.14.1 on eventlet, mended so that it loses nothing.

The first statement of such a process is `import eventlet;
eventlet.monkey_patch()`, before any other import; `run_worker` refuses to
start without. grpc must not be imported: both cannot share a process.

What stock nameko does, and what is done about it here:

- A handler that raises: the message is acknowledged and lost. Here the
  failure is a row (`stream.py`); whatever else raises gives the message back.
- A body that cannot be decoded is acknowledged and lost: parked, confirmed.
- A header can break the worker: the headers are not read.
- SIGTERM closes the connection before long handlers could acknowledge: it
  stays open until they are done, and the process ends within its grace even
  if the broker is away.
- A decorator used wrongly registers nothing: entrypoints are counted.

eventlet is deprecated upstream; this module is all that would be replaced.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import eventlet
from eventlet.patcher import is_monkey_patched
from nameko.containers import ServiceContainer
from nameko.exceptions import ContainerBeingKilled
from nameko.messaging import Consumer, QueueConsumer
from prometheus_client import Counter
from sqlalchemy.pool import QueuePool

from servicekit.broker_address import split_address
from servicekit.health import serve_health
from servicekit.messaging import (
    ParkingError,
    Topology,
    check,
    listen,
    park,
    queue_name,
    raw,
    stream_queue,
    wait_for_broker,
)
from servicekit.publishing import BROKER_TROUBLE
from servicekit.stream import Streams, UnreadableEventError, is_transient
from servicekit.waiting import Hand

__all__ = ["MisconfiguredWorkerError", "run_worker", "settle"]

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds an event that met trouble keeps its slot before it goes back
GRACE = 25.0  # seconds from SIGTERM to the end; below what the scheduler allows
BROKER_PATIENCE = 60.0
HEARTBEAT = 30

PARKED = Counter(
    "liandong_events_parked_total", "Bodies without a readable envelope, put aside.", ["queue"]
)


class MisconfiguredWorkerError(Exception):
    """The worker would lose messages, or stall, if it started like this."""


def run_worker(
    consumer: str,
    sources: Sequence[str],
    streams_factory: Callable[[int], Streams],
    amqp_url: str,
    *,
    max_workers: int = 10,
    health_port: int | None = None,
    grace: float = GRACE,
) -> None:
    """Take the events of `sources` until SIGTERM; return when all running handlers are done.

    `streams_factory` is called once with the number of connections its pool
    must have: one for each of the `max_workers` handlers that run at a time.
    """
    _assert_process_is_fit()
    streams = streams_factory(max_workers)
    _assert_pool_fits(streams, max_workers)
    wait_for_broker(amqp_url, timeout=BROKER_PATIENCE)
    check(amqp_url, Topology({source: [consumer] for source in sources}))
    container = _container(streams, consumer, sources, amqp_url, max_workers)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn(_stop, container, grace))
    if health_port is not None:
        serve_health(health_port, lambda: bool(container.started))
    container.start()
    log.info("worker_started", extra={"consumer": consumer, "sources": list(sources)})
    container.wait()


def settle(streams: Streams, queue: str, amqp_url: str, body: bytes) -> bool:
    """Take one delivered body; tell whether it may be acknowledged now.

    False means that it must be delivered again: neither the database nor the
    parking queue has it.
    """
    try:
        streams.take(body)
    except UnreadableEventError as error:
        return _park(queue, amqp_url, body, error)
    except Exception as error:  # the process loop: whatever it was, nothing may be lost
        facts = {"queue": queue, "error": repr(error)}
        log.warning("event_given_back", extra=facts, exc_info=not is_transient(error))
        return False
    return True


def _park(queue: str, amqp_url: str, body: bytes, error: UnreadableEventError) -> bool:
    try:
        park(amqp_url, queue, body, str(error))
    except ParkingError as trouble:
        log.warning("parking_failed", extra={"queue": queue, "error": str(trouble)})
        return False
    PARKED.labels(queue).inc()
    log.error("event_parked", extra={"queue": queue, "error": str(error)})
    return True


class _QueueConsumer(QueueConsumer):  # type: ignore[misc]
    """Takes raw bodies; keeps the connection open until all of them are settled."""

    def __init__(self) -> None:
        super().__init__()
        self.in_hand = 0
        self._hands: dict[Any, Hand] = {}

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        consumers = super().get_consumers(consumer_cls, channel)
        for provider, consumer in self._consumers.items():
            if provider not in self._hands:  # lines come and go, what is in hand stays
                self._hands[provider] = Hand(*provider.queue.name.split("."))
            listen(consumer, partial(self._receive, provider))
        return consumers

    def on_iteration(self) -> None:
        self._cancel_consumers_if_requested()
        if not self._consumers and not self.in_hand:
            self.should_stop = True

    def _receive(self, provider: Any, message: Any) -> None:
        self.in_hand += 1
        self._hands[provider].take(id(message), raw(message))
        self.handle_message(provider, raw(message), message)

    def settled(self, provider: Any, message: Any) -> None:
        self.in_hand -= 1
        self._hands[provider].leave(id(message))


class _StreamEntrypoint(Consumer):  # type: ignore[misc]
    """Calls the service method with each raw body; acknowledges when it returned True."""

    queue_consumer = _QueueConsumer()

    def handle_message(self, body: bytes, message: Any) -> None:
        # Without the headers of the message: what they hold could break the worker.
        settled = partial(self.handle_result, message)
        try:
            self.container.spawn_worker(self, (body,), {}, context_data={}, handle_result=settled)
        except ContainerBeingKilled:
            self._give_back(message)

    def handle_message_processed(
        self, message: Any, result: Any = None, exc_info: Any = None
    ) -> None:
        if result is True:
            self._answer(message, self.queue_consumer.ack_message)
        else:  # order does not matter, so the slot may wait instead of a retry queue
            eventlet.sleep(PAUSE)
            self._give_back(message)

    def _give_back(self, message: Any) -> None:
        self._answer(message, self.queue_consumer.requeue_message)

    def _answer(self, message: Any, answer: Callable[[Any], None]) -> None:
        try:
            answer(message)
        except BROKER_TROUBLE as error:  # the broker delivers it again by itself
            log.warning("broker_lost", extra={"error": str(error)})
        finally:
            self.queue_consumer.settled(self, message)


def _container(
    streams: Streams, consumer: str, sources: Sequence[str], amqp_url: str, max_workers: int
) -> Any:
    """One dispatching entrypoint for each source queue."""
    members: dict[str, Any] = {"name": consumer}
    for source in sources:
        method = _dispatcher(streams, queue_name(consumer, source), amqp_url)
        # Called with the queue: a bare or partial decorator registers nothing, silently.
        decorate = _StreamEntrypoint.decorator(stream_queue(consumer, source))
        members[f"take_{source}"] = decorate(method)
    address, tls = split_address(amqp_url)
    config = {"AMQP_URI": address, "max_workers": max_workers, "HEARTBEAT": HEARTBEAT}
    if tls is not None:
        config["AMQP_SSL"] = tls
    container = ServiceContainer(type("StreamService", (), members), config)
    _assert_entrypoints(container, sources)
    return container


def _dispatcher(streams: Streams, queue: str, amqp_url: str) -> Callable[[Any, bytes], bool]:
    def take(_service: Any, body: bytes) -> bool:
        return settle(streams, queue, amqp_url, body)

    return take


def _stop(container: Any, grace: float) -> None:
    """End gracefully, or at least in time: what is not acknowledged is delivered again."""
    eventlet.spawn_after(grace, _give_up)
    container.stop()


def _give_up() -> None:
    log.error("stopped_ungracefully")
    os._exit(1)


def _assert_process_is_fit() -> None:
    if not all(is_monkey_patched(module) for module in ("socket", "thread", "psycopg")):
        raise MisconfiguredWorkerError("the process does not begin with eventlet.monkey_patch()")
    if "grpc" in sys.modules:
        raise MisconfiguredWorkerError("grpc is imported; it cannot share a process with eventlet")


def _assert_pool_fits(streams: Streams, max_workers: int) -> None:
    driver, pool = streams.engine.driver, streams.engine.pool
    if driver != "psycopg2":  # the C code of psycopg 3 would block all handlers at once
        raise MisconfiguredWorkerError(f"the driver is {driver}, not psycopg2")
    if not isinstance(pool, QueuePool) or pool.size() != max_workers:
        raise MisconfiguredWorkerError(f"the pool must have {max_workers} connections")


def _assert_entrypoints(container: Any, sources: Sequence[str]) -> None:
    found = len(container.entrypoints)
    if found != len(sources):
        raise MisconfiguredWorkerError(f"{found} of {len(sources)} entrypoints are registered")
