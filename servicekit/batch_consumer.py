"""A consumer in batches: one transaction and one multiple acknowledgement for each.

For a service that only counts what others report. nameko cannot batch, so
this is plain kombu in a plain process: psycopg 3, no eventlet.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from kombu import Connection, Consumer

from servicekit.batch_streams import BatchStreams
from servicekit.messaging import (
    ParkingError,
    Topology,
    check,
    listen,
    park,
    raw,
    stream_queue,
    wait_for_broker,
)
from servicekit.publishing import BROKER_TROUBLE, connect
from servicekit.transient import is_transient
from servicekit.waiting import Hand

__all__ = ["BatchConsumer"]

log = logging.getLogger(__name__)

BATCH = 100
LINGER = 0.05  # seconds from the first event of a batch to its end, if it does not fill up
IDLE = 1.0
PAUSE = 1.0
BROKER_PATIENCE = 60.0


_Arrived = tuple[str, Any]  # the queue, and the message that came from it


class BatchConsumer:
    """Takes the events of `sources` in batches until `stop` is set.

    An event in a batch that cannot be stored (the database is away) stays
    with this consumer, unacknowledged, and is tried again. When the connection
    to the broker is lost, the broker delivers everything again, and the stream
    positions drop what was stored.
    """

    def __init__(
        self,
        batches: BatchStreams,
        consumer: str,
        sources: Sequence[str],
        amqp_url: str,
        *,
        batch: int = BATCH,
        linger: float = LINGER,
    ) -> None:
        self._batches = batches
        self._consumer = consumer
        self._sources = tuple(sources)
        self._url = amqp_url
        self._batch = batch
        self._linger = linger
        self._arrived: list[_Arrived] = []
        self._hands = {stream_queue(consumer, each).name: Hand(consumer, each) for each in sources}
        self._consuming = False

    @property
    def is_consuming(self) -> bool:
        """Whether the broker delivers to this consumer now: it is asked by probes."""
        return self._consuming

    def run(self, stop: threading.Event) -> None:
        """Take events until `stop` is set; the batch at hand is finished first."""
        wait_for_broker(self._url, timeout=BROKER_PATIENCE)
        check(self._url, Topology({source: [self._consumer] for source in self._sources}))
        while not stop.is_set():
            try:
                with connect(self._url) as connection:
                    self._consume(connection, stop)
            except BROKER_TROUBLE as error:
                self._consuming = False
                log.warning("broker_lost", extra={"error": str(error)})
                stop.wait(PAUSE)
        self._consuming = False

    def _consume(self, connection: Connection, stop: threading.Event) -> None:
        self._arrived = []
        for hand in self._hands.values():
            hand.drop_all()
        channel: Any = connection.channel()
        with contextlib.ExitStack() as consumers:
            for source in self._sources:
                queue = stream_queue(self._consumer, source)
                consumer = Consumer(channel, [queue], auto_declare=False)
                consumer.qos(prefetch_count=2 * self._batch)
                listen(consumer, partial(self._keep, queue.name))
                consumers.enter_context(consumer)
            self._consuming = True
            while not stop.is_set():
                messages = self._collect(connection)
                if messages:
                    self._take(connection, messages, stop)

    def _keep(self, queue: str, message: Any) -> None:
        self._arrived.append((queue, message))
        self._hands[queue].take(id(message), raw(message))

    def _collect(self, connection: Connection) -> list[_Arrived]:
        """Return up to a batch, in the order of arrival; nothing after a quiet second."""
        connection.heartbeat_check()
        self._drain(connection, IDLE)
        deadline = time.monotonic() + self._linger
        while 0 < len(self._arrived) < self._batch:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._drain(connection, left)
        messages = self._arrived[: self._batch]
        del self._arrived[: self._batch]
        return messages

    def _drain(self, connection: Connection, timeout: float) -> None:
        if len(self._arrived) >= self._batch:
            return
        with contextlib.suppress(TimeoutError):  # nothing came
            connection.drain_events(timeout=timeout)

    def _take(
        self, connection: Connection, messages: list[_Arrived], stop: threading.Event
    ) -> None:
        """Store a batch, and acknowledge it as a whole; what is never stored goes back."""
        while not self._stored(messages):
            if stop.wait(PAUSE):
                return  # unacknowledged: delivered again, to whoever comes next
            connection.heartbeat_check()
        # All messages of the channel up to this one are in this batch or in an earlier one.
        messages[-1][1].ack(multiple=True)
        for queue, message in messages:
            self._hands[queue].leave(id(message))

    def _stored(self, messages: Sequence[_Arrived]) -> bool:
        bodies = [raw(message) for _queue, message in messages]
        try:
            result = self._batches.take_batch(bodies)
            for place, reason in result.unreadable.items():
                queue = messages[place][0]
                park(self._url, queue, bodies[place], reason)
                log.error("event_parked", extra={"queue": queue, "error": reason})
        except Exception as error:  # the process loop: nothing is acknowledged, so nothing is lost
            known = isinstance(error, ParkingError) or is_transient(error)
            log.warning("batch_kept", extra={"error": repr(error)[:500]}, exc_info=not known)
            return False
        return True
