"""Publishing with confirms, about a hundred under way at a time.

One by one, a confirm from a quorum queue costs milliseconds; a hundred under
way cost hardly more than one. A message counts as safe only if the broker
acknowledged it and did not return it: an unroutable one is acknowledged too.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from amqp.basic_message import Message
from amqp.exceptions import AMQPError
from kombu import Connection

from servicekit.broker_address import split_address
from servicekit.relay import OutgoingMessage, PublisherUnavailableError

__all__ = ["BROKER_TROUBLE", "ConfirmingPublisher", "connect"]

log = logging.getLogger(__name__)

WINDOW = 100
TIMEOUT = 5.0  # for one call of publish; below the lease of the relay
CONNECT_TIMEOUT = 3.0
ANSWER_TIMEOUT = 5.0
HEARTBEAT = 30
PERSISTENT = 2
CONTENT_TYPE = "application/x-protobuf"
BROKER_TROUBLE = (AMQPError, OSError)


def connect(url: str, *, heartbeat: int = HEARTBEAT) -> Connection:
    """Return an open connection, or raise one of `BROKER_TROUBLE`.

    Every answer of the broker is waited for with a limit, also at the close.
    """
    limits = {"read_timeout": ANSWER_TIMEOUT, "write_timeout": ANSWER_TIMEOUT}
    address, tls = split_address(url)
    connection = Connection(
        address,
        ssl=tls or False,
        connect_timeout=CONNECT_TIMEOUT,
        heartbeat=heartbeat,
        transport_options=limits,
    )
    connection.connect()
    return connection


class ConfirmingPublisher:
    """Publishes to `exchange`; connects when there is something to say, and again after trouble.

    For one thread. An empty `exchange` is the broker's own: then the routing
    key is the name of a queue.
    """

    def __init__(
        self, url: str, exchange: str, *, window: int = WINDOW, timeout: float = TIMEOUT
    ) -> None:
        self._url = url
        self._exchange = exchange
        self._window = window
        self._timeout = timeout
        self._line: _Line | None = None

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        """Publish in order; return the ids that the broker has put into every bound queue.

        Returned and refused ones are missing, and so is whatever was not
        confirmed in time. Raises `PublisherUnavailableError` if none was.
        """
        confirmed: set[str] = set()
        deadline = time.monotonic() + self._timeout
        try:
            line = self._line = self._line or _Line(connect(self._url), self._exchange)
            for start in range(0, len(batch), self._window):
                line.publish(batch[start : start + self._window], deadline, confirmed)
        except BROKER_TROUBLE as error:
            self._abort()  # late confirms must not be taken for those of the next batch
            if not confirmed:
                raise PublisherUnavailableError(str(error)) from error
            facts = {"confirmed": len(confirmed), "sent": len(batch), "error": str(error)}
            log.warning("broker_lost", extra=facts)
        return confirmed

    def keep_alive(self) -> None:
        """Answer heartbeats; notice a broker that has gone."""
        if self._line is not None:
            try:
                self._line.keep_alive()
            except BROKER_TROUBLE as error:
                log.warning("broker_lost", extra={"error": str(error)})
                self._abort()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _abort(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.abort()


class _Line:
    """One connection with a channel in confirm mode."""

    def __init__(self, connection: Connection, exchange: str) -> None:
        self._connection = connection
        self._wire: Any = connection.connection
        self._exchange = exchange
        self._channel: Any = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self._under_way: dict[int, str] = {}
        self._acknowledged: set[str] = set()
        self._refused: dict[str, str] = {}

    def publish(
        self, batch: Sequence[OutgoingMessage], deadline: float, confirmed: set[str]
    ) -> None:
        """Publish `batch` and wait; add to `confirmed` what is safe, also before an error."""
        self._acknowledged.clear()
        self._refused.clear()
        try:
            for message in batch:
                self._send(message, deadline)
            while self._under_way:
                self._connection.drain_events(timeout=_left(deadline))
        finally:
            confirmed |= self._acknowledged - self._refused.keys()
            if self._refused:
                event_id, why = next(iter(self._refused.items()))
                facts = {"count": len(self._refused), "why": why, "first_event_id": event_id}
                log.error("messages_refused", extra=facts)

    def keep_alive(self) -> None:
        with contextlib.suppress(TimeoutError):  # usually nothing came
            self._connection.drain_events(timeout=0)
        self._connection.heartbeat_check()

    def close(self) -> None:
        with contextlib.suppress(*BROKER_TROUBLE):  # it may be gone already
            self._connection.close()

    def abort(self) -> None:
        """Drop the line without a word: a broker under an alarm would not answer a close."""
        self._wire.collect()

    def _send(self, message: OutgoingMessage, deadline: float) -> None:
        self._last_tag += 1
        self._under_way[self._last_tag] = message.event_id
        self._channel.basic_publish(
            _amqp_message(message.event_id, message.body, message.headers),
            exchange=self._exchange,
            routing_key=message.routing_key,
            mandatory=True,
            timeout=_left(deadline),
        )

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._acknowledged.update(self._settle(tag, multiple))

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.update(dict.fromkeys(self._settle(tag, multiple), "refused by a queue"))

    def _on_return(self, error: object, exchange: str, routing_key: str, message: Any) -> None:
        # Comes before the acknowledgement of the same message.
        self._refused[message.properties["message_id"]] = "routed to no queue"

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [t for t in self._under_way if t <= tag] if multiple else [tag]
        return [self._under_way.pop(t) for t in tags if t in self._under_way]


def _amqp_message(event_id: str, body: bytes, headers: Mapping[str, str]) -> Message:
    return Message(
        body,
        message_id=event_id,
        content_type=CONTENT_TYPE,
        content_encoding="binary",
        delivery_mode=PERSISTENT,
        application_headers=dict(headers),
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the broker did not confirm in time")
    return left
