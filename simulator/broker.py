"""A broker that promises what RabbitMQ promises with confirms and acknowledgements: at least once.

One queue for each consumer and source. A message leaves its queue when it is
acknowledged; until then the death of its consumer brings it back. Whether a
message without a confirm was taken, by none, some or all of its queues,
nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from simulator.scheduler import Scheduler, Step

__all__ = ["Broker", "Message", "SimulatedPublisher"]

PAUSED_FOR = (20, 200)  # steps
HALF = 0.5
PREFETCH = 20  # how far behind the head a message may overtake

Take = Callable[[str, bytes], bool]


@dataclass(slots=True)
class Message:
    """A body in a queue."""

    body: bytes
    label: str
    not_before: float = 0.0


@dataclass(slots=True)
class Queue:
    """What waits for one consumer from one source."""

    consumer: str
    source: str
    ready: list[Message] = field(default_factory=list)
    in_hand: int = 0
    paused_until: int = 0


@dataclass(slots=True)
class Broker:
    """All queues, and the choice of what is delivered next.

    `deliver` gives a body to a consumer and tells whether it was acknowledged.
    """

    scheduler: Scheduler
    consumers: Mapping[str, Sequence[str]]
    deliver: Callable[[str, Message], bool]
    queues: dict[tuple[str, str], Queue] = field(init=False)
    published: int = 0

    def __post_init__(self) -> None:
        self.queues = {
            (consumer, source): Queue(consumer, source)
            for source, consumers in self.consumers.items()
            for consumer in consumers
        }

    def steps(self) -> Iterator[Step]:
        for queue in self.queues.values():
            if queue.ready and queue.paused_until <= self.scheduler.taken:
                yield Step(
                    1.0 + 0.3 * len(queue.ready),
                    f"deliver {queue.consumer}.{queue.source}",
                    lambda queue=queue: self._deliver_from(queue),  # type: ignore[misc]
                )

    def nudge(self) -> None:
        for queue in self.queues.values():
            queue.paused_until = 0

    @property
    def is_empty(self) -> bool:
        return not any(queue.ready or queue.in_hand for queue in self.queues.values())

    def put(self, source: str, message: OutgoingMessage, consumers: Iterable[str]) -> None:
        """Take a message into the queues of `consumers`."""
        for consumer in consumers:
            ready = self.queues[consumer, source].ready
            ready.append(Message(message.body, message.routing_key))
            if self.scheduler.happens("duplicated"):
                self.scheduler.note("broker.duplicated", fault="broker.duplicated")
                ready.append(Message(message.body, message.routing_key))

    def _deliver_from(self, queue: Queue) -> None:
        scheduler = self.scheduler
        if scheduler.happens("paused"):
            scheduler.note("broker.paused", fault="broker.paused")
            queue.paused_until = scheduler.taken + scheduler.random.randint(*PAUSED_FOR)
            return
        place = 0
        if len(queue.ready) > 1 and scheduler.happens("reordered"):
            place = scheduler.random.randrange(min(len(queue.ready), PREFETCH))
            if place:
                scheduler.note(f"broker.reordered {place}", fault="broker.reordered")
        message = queue.ready.pop(place)
        queue.in_hand += 1
        try:
            if self.deliver(queue.consumer, message):
                scheduler.progress += 1
                scheduler.changes += 1
            else:
                queue.ready.insert(0, message)  # not acknowledged: delivered again
        finally:
            queue.in_hand -= 1


@dataclass(slots=True)
class SimulatedPublisher:
    """The publisher port of the relay of one service; says what it saw of each turn."""

    broker: Broker
    source: str
    asked: int = 0
    idle: bool = False

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        scheduler, broker = self.broker.scheduler, self.broker
        self.asked = len(batch)
        scheduler.outside("publishing")
        if scheduler.happens("broker_away"):
            scheduler.note("broker.away", fault="broker.away")
            raise PublisherUnavailableError("the broker is away")
        consumers = broker.consumers[self.source]
        confirmed: set[str] = set()
        for message in batch:
            broker.published += 1
            if scheduler.happens("unconfirmed"):
                scheduler.note("broker.unconfirmed", fault="broker.unconfirmed")
                reached = [each for each in consumers if scheduler.chance(HALF)]
                broker.put(self.source, message, reached)
                continue
            broker.put(self.source, message, consumers)
            confirmed.add(message.event_id)
            scheduler.may_die("publishing")
        if scheduler.happens("late_confirm"):
            scheduler.note("broker.late_confirm", fault="broker.late_confirm")
            scheduler.clock.pass_by(12.0)  # longer than the relay's lease
        scheduler.outside("confirmed")
        return confirmed

    def keep_alive(self) -> None:
        self.idle = True
