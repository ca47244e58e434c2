"""What each service counts for those who watch, at an interval and never at a scrape."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit.clock import SystemClock
from servicekit.figures import BOARD, Figure, Values
from servicekit.jobs import Sweep
from servicekit.messaging import (
    BrokerUnavailableError,
    QueueDepth,
    TopologyError,
    dead_queue,
    queue_depths,
    queue_name,
)
from servicekit.outbox import OutboxTables
from servicekit.publishing import BROKER_TROUBLE
from servicekit.service import Resources
from servicekit.waiting import eldest_waiting

__all__ = [
    "COUNTED_AT",
    "FIGURES",
    "Count",
    "QueueWatch",
    "count_jobs",
    "counting",
    "watch_queues",
]

log = logging.getLogger(__name__)

Count = Callable[[Connection, datetime], Mapping[Figure, Values]]

FIGURES: Final = "count_figures"  # the sweep that counts
COUNTED_AT: Final = Figure(
    "liandong_figures_counted_timestamp_seconds",
    "When the figures of a service were counted last (Unix time).",
    ("service",),
)
JOBS_WAITING: Final = Figure(
    "liandong_jobs_waiting", "Jobs that wait for an attempt, by kind.", ("service", "kind")
)
JOBS_DEAD: Final = Figure(
    "liandong_jobs_dead", "Jobs that were given up and wait for a person.", ("service", "kind")
)
QUEUE_MESSAGES: Final = Figure(
    "liandong_queue_messages",
    "Events that wait in the broker; in `dead`: bodies without a readable envelope.",
    ("consumer", "source", "queue"),
)
QUEUE_CONSUMERS: Final = Figure(
    "liandong_queue_consumers", "Workers that take from a queue.", ("consumer", "source")
)
QUEUE_OLDEST: Final = Figure(
    "liandong_queue_oldest_seconds",
    "Age of the eldest event that waits in the broker, from its recording at the source; 0: none.",
    ("consumer", "source"),
)

_machine = SystemClock()


def counting(service: str, resources: Resources, count: Count) -> Sweep:
    """Return the sweep that counts the figures of a service by its legal time.

    When the database is away the figures stay as they were, and their age
    (`COUNTED_AT`) tells.
    """

    def work() -> None:
        now = resources.clock.now()
        with resources.read_engine.connect() as connection:
            counted = count(connection, now)
        BOARD.show(service, {**counted, COUNTED_AT: {(service,): _machine.now().timestamp()}})

    return Sweep(FIGURES, timedelta(seconds=resources.settings.observe_s), work)


def count_jobs(connection: Connection, table: Table, service: str) -> Mapping[Figure, Values]:
    """Return how many jobs wait and how many are dead; both are few, and found by an index."""
    c = table.c
    rows = connection.execute(
        select(c.state, c.kind, func.count())
        .where(c.state.in_(("WAITING", "DEAD")))
        .group_by(c.state, c.kind)
    ).all()
    return {
        figure: {(service, kind): number for found, kind, number in rows if found == state}
        for figure, state in ((JOBS_WAITING, "WAITING"), (JOBS_DEAD, "DEAD"))
    }


class QueueWatch:
    """What a source shows of the queues of its consumers.

    While the broker is away nobody takes anything, so what waited grows older;
    how much waits, and who takes, is then not known.
    """

    def __init__(
        self, source: str, consumers: Sequence[str], engine: Engine, tables: OutboxTables
    ) -> None:
        self._source = source
        self._consumers = tuple(consumers)
        self._engine = engine
        self._tables = tables
        self._recorded: Mapping[str, datetime] = {}
        streams = [queue_name(consumer, source) for consumer in consumers]
        self._streams = dict(zip(streams, consumers, strict=True))
        self.queues = [*streams, *(dead_queue(consumer, source).name for consumer in consumers)]

    def show(self, found: Mapping[str, QueueDepth]) -> None:
        """Put up how much waits for each consumer, and for how long."""
        messages: dict[tuple[str, ...], float] = {}
        takers: dict[tuple[str, ...], float] = {}
        for queue, consumer in self._streams.items():
            dead = found[dead_queue(consumer, self._source).name]
            messages[consumer, self._source, "stream"] = found[queue].messages
            messages[consumer, self._source, "dead"] = dead.messages
            takers[consumer, self._source] = found[queue].consumers
        waiting = {queue: found[queue].messages for queue in self._streams}
        try:
            with self._engine.connect() as connection:
                self._recorded = eldest_waiting(connection, self._tables, waiting)
        except (DBAPIError, PoolTimeoutError) as error:
            log.warning("log_unseen", extra={"error": str(error)})
            self._recorded = {queue: at for queue, at in self._recorded.items() if waiting[queue]}
        ages = {(consumer, self._source): 0.0 for consumer in self._consumers} | self._ages()
        self._put({QUEUE_MESSAGES: messages, QUEUE_CONSUMERS: takers, QUEUE_OLDEST: ages})

    def show_unseen(self) -> None:
        """Put up what is left to say while the broker does not answer."""
        self._put({QUEUE_OLDEST: self._ages()})

    def _put(self, figures: Mapping[Figure, Values]) -> None:
        BOARD.show(f"{self._source}-queues", figures)

    def _ages(self) -> dict[tuple[str, ...], float]:
        now = _machine.now()
        return {
            (self._streams[queue], self._source): max((now - at).total_seconds(), 0.0)
            for queue, at in self._recorded.items()
        }


def watch_queues(
    watch: QueueWatch, amqp_url: str, every: float, stop: threading.Event
) -> threading.Thread:
    """Look at the queues of a source's consumers until `stop`; the relay's process does.

    It has a line to the broker and one to the log already, it lives when a
    consumer does not, and a publisher should know who does not keep up.
    """

    def look() -> None:
        while not stop.wait(every):
            try:
                watch.show(queue_depths(amqp_url, watch.queues))
            except (*BROKER_TROUBLE, BrokerUnavailableError, TopologyError) as error:
                watch.show_unseen()
                log.warning("queues_unseen", extra={"error": str(error)})

    thread = threading.Thread(target=look, name="queues", daemon=True)
    thread.start()
    return thread
