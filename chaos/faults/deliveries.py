"""Events that come twice, late, and in another order than they were sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from random import Random
from typing import Any, Final

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from chaos.faults.base import again_and_again
from chaos.ground import Ground, insist
from chaos.threads import telling_thread
from servicekit.messaging import exchange_name, queue_name, raw
from servicekit.publishing import BROKER_TROUBLE, ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from services import graph

__all__ = ["Detour", "delayed_and_reordered", "duplicated"]

BETWEEN_S: Final = (0.3, 1.0)
RECENT: Final = 200
AT_A_TIME: Final = 40
LONGEST_DELAY_S: Final = 1.5
_STORED: Final = text("""
    SELECT event_id, type, envelope FROM outbox WHERE position IS NOT NULL
    ORDER BY position DESC LIMIT :recent""")


def duplicated(ground: Ground, random: Random) -> AbstractContextManager[None]:
    """Publish stored events once more, in any order, to all their consumers."""
    url = ground.district.stack.rabbitmq.url()

    def repeat_some() -> None:
        source = random.choice(graph.SERVICES)
        stored = insist("stored events", lambda: _stored(ground, source), DBAPIError)
        some = random.sample(stored, min(AT_A_TIME, len(stored)))
        insist("duplicates", lambda: _publish(url, exchange_name(source), some),
               PublisherUnavailableError)  # fmt: skip
        ground.counts["deliveries doubled"] += len(some)

    return again_and_again(ground, random, repeat_some, BETWEEN_S)


def _stored(ground: Ground, source: str) -> list[OutgoingMessage]:
    engine = create_engine(ground.district.database_url(source))
    try:
        with engine.connect() as connection:
            rows = connection.execute(_STORED, {"recent": RECENT}).all()
    finally:
        engine.dispose()
    return [OutgoingMessage(row.event_id, row.type, bytes(row.envelope)) for row in rows]


def _publish(url: str, exchange: str, messages: list[OutgoingMessage]) -> None:
    publisher = ConfirmingPublisher(url, exchange)
    try:
        while messages:
            safe = publisher.publish(messages)
            messages = [each for each in messages if each.event_id not in safe]
    finally:
        publisher.close()


@contextmanager
def delayed_and_reordered(ground: Ground, random: Random) -> Iterator[None]:
    """Stand between an exchange and the queues of some consumers, and pass on late and mixed up."""
    sources = random.sample(graph.SERVICES, 3)
    with ExitStack() as detours:
        for source in sources:
            consumer = random.choice(graph.CONSUMERS[source])
            detour = Detour(ground, Random(random.random()), consumer, source)  # noqa: S311
            detours.enter_context(detour.open())
        yield


class Detour:
    """A queue of our own in the place of a consumer's, and a thread that passes on from there."""

    def __init__(self, ground: Ground, random: Random, consumer: str, source: str) -> None:
        self._ground = ground
        self._random = random
        self._url = ground.district.stack.rabbitmq.url()
        self._exchange = exchange_name(source)
        self._queue = queue_name(consumer, source)
        self._detour = f"chaos.{self._queue}"
        self._closing = threading.Event()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let nothing reach the consumer but through the detour, while the block lasts."""
        self._on_a_channel(self._lead_away)
        thread = telling_thread(self._ground.findings, "FAULT detour", self._pass_on_until_closed)
        try:
            yield
        finally:
            # First both ways, then only the right one; what is left in the detour is passed on.
            self._on_a_channel(self._lead_back)
            self._closing.set()
            thread.join()

    def _lead_away(self, channel: Any) -> None:
        channel.queue_declare(self._detour, durable=True, auto_delete=False)
        channel.queue_bind(self._detour, self._exchange, "#")
        channel.queue_unbind(self._queue, self._exchange, "#")

    def _lead_back(self, channel: Any) -> None:
        channel.queue_bind(self._queue, self._exchange, "#")
        channel.queue_unbind(self._detour, self._exchange, "#")

    def _on_a_channel(self, act: Any) -> None:
        def once() -> None:
            with contextlib.closing(connect(self._url)) as connection:
                act(connection.channel())

        insist(f"the detour of {self._queue}", once, *BROKER_TROUBLE)

    def _pass_on_until_closed(self) -> None:
        while True:
            closing = self._closing.is_set()
            passed = insist(self._detour, self._pass_some_on, PublisherUnavailableError,
                            *BROKER_TROUBLE)  # fmt: skip
            if closing and not passed:
                break
        self._on_a_channel(lambda channel: channel.queue_delete(self._detour))

    def _pass_some_on(self) -> int:
        """Take what is there, wait, and pass it on mixed up; acknowledged only afterwards."""
        with contextlib.closing(connect(self._url)) as connection:
            channel: Any = connection.channel()
            channel.auto_decode = False
            self._closing.wait(self._random.uniform(0.1, LONGEST_DELAY_S))
            taken = [
                message for _ in range(AT_A_TIME) if (message := channel.basic_get(self._detour))
            ]
            bodies = [
                OutgoingMessage(f"{place}-{message.delivery_tag}", self._queue, raw(message))
                for place, message in enumerate(taken)
            ]
            self._random.shuffle(bodies)
            _publish(self._url, "", bodies)
            if taken:
                channel.basic_ack(taken[-1].delivery_tag, multiple=True)
        self._ground.counts["deliveries delayed"] += len(taken)
        return len(taken)
