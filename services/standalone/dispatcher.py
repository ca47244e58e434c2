"""What stands for the broker in one process: takes published rows through the same stream code.

A publisher of the relay that hands each envelope to every consumer. It
confirms an event when every consumer has it in its database; what it does
not confirm stays in the outbox and is handed over again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence

from servicekit.doorbell import LocalDoorbell
from servicekit.relay import OutgoingMessage, Relay
from servicekit.stream import Streams

__all__ = ["Dispatcher", "LocalPublisher"]

log = logging.getLogger(__name__)


class LocalPublisher:
    """Delivers the events of one source to its consumers, in this process."""

    def __init__(self, consumers: Mapping[str, Streams]) -> None:
        self._consumers = consumers

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        return {message.event_id for message in batch if self._delivered(message)}

    def keep_alive(self) -> None:
        """There is no connection to keep."""

    def _delivered(self, message: OutgoingMessage) -> bool:
        for name, streams in self._consumers.items():
            try:
                streams.take(message.body)
            except Exception:  # the process loop of the embedded broker
                log.exception("delivery_failed", extra={"consumer": name})
                return False
        return True


class Dispatcher:
    """Publishes the outboxes of all services in one thread, woken by one bell."""

    def __init__(self, relays: Sequence[Relay], bell: LocalDoorbell) -> None:
        self._relays = relays
        self._bell = bell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Publish no further batch; returns when the thread has ended."""
        self._stop.set()
        self._bell.close()
        self._thread.join(timeout=30)

    def publish_all(self) -> int:
        """Publish until no service has anything left; return how many events went out."""
        total = 0
        while done := sum(relay.publish_once() for relay in self._relays):
            total += done
        return total

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.publish_all()
            except Exception:  # the process loop: the rows are still in the outbox
                log.exception("dispatch_failed")
            self._bell.wait(1.0)
