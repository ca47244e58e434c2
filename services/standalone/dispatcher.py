"""What stands for the broker in one process: takes published rows through the same stream code.

A publisher of the relay that hands each envelope to every consumer. It
confirms an event when every consumer has it in its database; what it does
not confirm stays in the outbox and is handed over again.

The consumers' work is done while the relay waits, so a batch is small, and what
would outlast the relay's lease is left for the next turn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

from servicekit.doorbell import LocalDoorbell
from servicekit.relay import OutgoingMessage, Relay
from servicekit.stream import Streams

__all__ = ["BATCH", "Dispatcher", "LocalPublisher"]

log = logging.getLogger(__name__)

BATCH: Final = 20
LONGEST: Final = 5.0  # seconds of one batch; half of the lease that the relay works under


class LocalPublisher:
    """Delivers the events of one source to its consumers, in this process.

    After a batch it sets `wakes`: an event may have asked for a job of a consumer.
    """

    def __init__(
        self, consumers: Mapping[str, Streams], wakes: Sequence[threading.Event] = ()
    ) -> None:
        self._consumers = consumers
        self._wakes = wakes

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        """Hand over as much of `batch`, in its order, as there is time for."""
        deadline = time.monotonic() + LONGEST
        confirmed: set[str] = set()
        for message in batch:
            if time.monotonic() > deadline:
                break
            if self._delivered(message):
                confirmed.add(message.event_id)
        for wake in self._wakes:
            wake.set()
        return confirmed

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
