"""On a real broker: what goes round by the detour arrives, each once, late and in another order."""

from __future__ import annotations

from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest

from chaos.faults.deliveries import Detour
from chaos.faults.poison import put
from chaos.settling import parked_as_sent
from servicekit.messaging import (
    Topology,
    declare,
    exchange_name,
    park,
    peek_dead,
    queue_depths,
    queue_name,
    raw,
)
from servicekit.publishing import ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage

SOURCE, CONSUMER = "chaos_source", "chaos_consumer"
QUEUE = queue_name(CONSUMER, SOURCE)


@pytest.fixture
def ground(amqp_url):
    declare(amqp_url, Topology({SOURCE: [CONSUMER]}))
    broker = SimpleNamespace(url=lambda: amqp_url)
    district = SimpleNamespace(stack=SimpleNamespace(rabbitmq=broker))
    return SimpleNamespace(district=district, counts=Counter(), findings=[])


def publish(url, bodies):
    publisher = ConfirmingPublisher(url, exchange_name(SOURCE))
    messages = [OutgoingMessage(f"id-{body}", "source.told.v1", body.encode()) for body in bodies]
    assert publisher.publish(messages) == {message.event_id for message in messages}
    publisher.close()


def taken(url):
    with connect(url) as connection:
        channel = connection.channel()
        found = []
        while message := channel.basic_get(QUEUE, no_ack=True):
            found.append(raw(message).decode())
        return found


def test_everything_arrives_once_in_another_order_and_the_way_is_straight_again(ground):
    url = ground.district.stack.rabbitmq.url()
    first = [f"{number:02}" for number in range(30)]
    with Detour(ground, Random(3), CONSUMER, SOURCE).open():
        publish(url, first)
    arrived = taken(url)
    assert sorted(arrived) == first
    assert arrived != first
    assert ground.counts["deliveries delayed"] == len(first)
    assert not ground.findings

    publish(url, ["straight"])
    assert queue_depths(url, [QUEUE])[QUEUE].messages == 1
    assert taken(url) == ["straight"]


def test_bodies_that_are_parked_more_than_once_are_explained_and_others_are_not(ground):
    url = ground.district.stack.rabbitmq.url()
    put(url, QUEUE, b"\xff no envelope")
    assert taken_raw(url) == b"\xff no envelope"
    for _ in range(2):  # a worker that died between parking and acknowledging
        park(url, QUEUE, b"\xff no envelope", "unreadable")
    assert len(peek_dead(url, QUEUE)) == 2
    assert parked_as_sent(url, QUEUE, {b"\xff no envelope"}) == (2, "")
    count, wrong = parked_as_sent(url, QUEUE, {b"\xff another"})
    assert count == 2
    assert wrong == f"PARKED {QUEUE}.dead: 1 bodies missing, 1 strange"


def taken_raw(url):
    with connect(url) as connection:
        channel = connection.channel()
        channel.auto_decode = False
        return raw(channel.basic_get(QUEUE, no_ack=True))
