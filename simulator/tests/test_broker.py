from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from simulator.broker import Broker, SimulatedPublisher
from simulator.machine import SimulatedTime
from simulator.rates import Rates
from simulator.scheduler import Scheduler

BEGINS = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)
EVENTS = [OutgoingMessage(str(n), "intake.case_received.v1", str(n).encode()) for n in range(20)]


class Consumers:
    """Keeps what was delivered; acknowledges all but the first `deaf` deliveries."""

    def __init__(self, deaf=0):
        self.deaf = deaf
        self.got = []

    def __call__(self, consumer, message):
        self.got.append((consumer, message.body))
        self.deaf -= 1
        return self.deaf < 0

    def of(self, consumer):
        return [int(body) for name, body in self.got if name == consumer]


def broker(deliver, seed=1, **rates):
    scheduler = Scheduler(Random(seed), SimulatedTime(BEGINS), Rates(**rates))
    made = Broker(scheduler, {"intake": ("review", "metrics")}, deliver)
    scheduler.sources.append(made)
    return made


def test_every_consumer_gets_every_event_in_order_where_nothing_goes_wrong():
    consumers = Consumers()
    made = broker(consumers)
    confirmed = SimulatedPublisher(made, "intake").publish(EVENTS)
    made.scheduler.go_on(1000)
    assert confirmed == {event.event_id for event in EVENTS}
    assert consumers.of("review") == consumers.of("metrics") == list(range(20))
    assert made.is_empty


def test_what_is_not_acknowledged_is_delivered_again():
    consumers = Consumers(deaf=5)
    made = broker(consumers)
    SimulatedPublisher(made, "intake").publish(EVENTS[:1])
    made.scheduler.go_on(1000)
    assert len(consumers.got) == 7
    assert made.is_empty


def test_events_overtake_each_other_and_come_twice():
    consumers = Consumers()
    made = broker(consumers, reordered=0.8, duplicated=0.5)
    SimulatedPublisher(made, "intake").publish(EVENTS)
    made.scheduler.go_on(1000)
    got = consumers.of("review")
    assert set(got) == set(range(20))
    assert len(got) > 20
    assert got != sorted(got)


def test_nobody_knows_whether_an_unconfirmed_event_was_taken():
    made = broker(Consumers(), unconfirmed=0.5)
    confirmed = {int(each) for each in SimulatedPublisher(made, "intake").publish(EVENTS)}
    taken = {int(m.body) for queue in made.queues.values() for m in queue.ready}
    everywhere = [{int(m.body) for m in queue.ready} for queue in made.queues.values()]
    assert confirmed < set(range(20))
    assert all(confirmed <= queue for queue in everywhere)
    assert taken - confirmed
    assert everywhere[0] != everywhere[1]


def test_a_broker_that_is_away_takes_nothing():
    made = broker(Consumers(), broker_away=1.0)
    with pytest.raises(PublisherUnavailableError):
        SimulatedPublisher(made, "intake").publish(EVENTS)
    assert made.is_empty


def test_a_paused_queue_rests_until_somebody_looks_again():
    consumers = Consumers()
    made = broker(consumers, paused=1.0)
    SimulatedPublisher(made, "intake").publish(EVENTS[:1])
    made.scheduler.go_on(2)
    assert not list(made.steps())
    made.nudge()
    assert len(list(made.steps())) == 2
