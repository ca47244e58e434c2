"""What each service counts for those who watch, at an interval and never at a scrape."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Table, func, select

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
from servicekit.publishing import BROKER_TROUBLE
from servicekit.service import Resources

__all__ = [
    "COUNTED_AT",
    "FIGURES",
    "Count",
    "count_jobs",
    "counting",
    "depths",
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


def depths(source: str, found: Mapping[str, QueueDepth], consumers: Iterable[str]) -> None:
    """Put up how much waits for each consumer of a source."""
    messages: dict[tuple[str, ...], float] = {}
    takers: dict[tuple[str, ...], float] = {}
    for consumer in consumers:
        stream = found[queue_name(consumer, source)]
        messages[consumer, source, "stream"] = stream.messages
        messages[consumer, source, "dead"] = found[dead_queue(consumer, source).name].messages
        takers[consumer, source] = stream.consumers
    BOARD.show(f"{source}-queues", {QUEUE_MESSAGES: messages, QUEUE_CONSUMERS: takers})


def watch_queues(
    source: str, consumers: Sequence[str], amqp_url: str, every: float, stop: threading.Event
) -> threading.Thread:
    """Look at the queues of a source's consumers until `stop`; the relay's process does.

    It has a line to the broker already, and a publisher should know who does
    not keep up. While the broker is away nothing is shown.
    """
    names = [queue_name(consumer, source) for consumer in consumers]
    names += [dead_queue(consumer, source).name for consumer in consumers]

    def look() -> None:
        while not stop.wait(every):
            try:
                depths(source, queue_depths(amqp_url, names), consumers)
            except (*BROKER_TROUBLE, BrokerUnavailableError, TopologyError) as error:
                BOARD.show(f"{source}-queues", {})
                log.warning("queues_unseen", extra={"error": str(error)})

    thread = threading.Thread(target=look, name="queues", daemon=True)
    thread.start()
    return thread
