"""The relay against a real broker and PostgreSQL: at least once, in order, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import REGISTRY
from sqlalchemy import Engine, select

from servicekit.doorbell import DatabaseListener, DatabaseRinger
from servicekit.leases import Lease
from servicekit.messaging import exchange_name, queue_depths
from servicekit.observing import QueueWatch
from servicekit.outbox import PendingEvent, store
from servicekit.publishing import ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage, Relay, read_events
from servicekit.stream import Streams
from servicekit.tests.broker.conftest import Site, wait_until
from servicekit.tests.stream_support import NOTED, expected, facts, held, note, outbox

MORNING = datetime(2018, 3, 1, 1, 0, tzinfo=UTC)


def write(site: Site, *streams: str) -> None:
    with site.engine.begin() as connection:
        for name in streams:
            event = PendingEvent(name, "unit", NOTED, b"")
            store(connection, outbox, site.source, [event], occurred_at=MORNING, traceparent="")


def relay_on(site: Site, publisher: Any, holder: str = "one", **options: int) -> Relay:
    lease = Lease(site.engine, "relay", holder, ttl=options.pop("ttl", 10))
    return Relay(site.engine, outbox, publisher, lease, service=site.source, **options)


def deliveries(site: Site) -> list[bytes]:
    """Take everything out of the queue."""
    bodies = []
    with connect(site.amqp_url) as connection, connection.channel() as channel:
        while (message := channel.basic_get(site.queue, no_ack=True)) is not None:
            bodies.append(bytes(message.body))
    return bodies


def log_of(engine: Engine) -> list[tuple[int, str, int]]:
    events = read_events(engine, outbox, 0, 10_000)
    return [(event.position, event.stream_id, event.seq) for event in events]


def places(bodies: Sequence[bytes]) -> list[tuple[str, int]]:
    events = [Envelope.FromString(one) for one in bodies]
    return [(event.stream_id, event.seq) for event in events]


def test_what_was_confirmed_but_not_marked_is_repeated_and_has_one_effect(site: Site) -> None:
    write(site, "A", "B", "A")

    class DiesAfterwards(ConfirmingPublisher):
        def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
            super().publish(batch)
            raise KeyboardInterrupt

    dying = DiesAfterwards(site.amqp_url, exchange_name(site.source))
    with pytest.raises(KeyboardInterrupt):
        relay_on(site, dying).publish_once()
    dying.close()
    with site.publisher() as publisher:
        assert relay_on(site, publisher).publish_once() == 3

    bodies = deliveries(site)
    streams = Streams(site.engine, site.consumer, {NOTED: note})
    for body in bodies:
        streams.take(body)
    assert len(bodies) == 6
    assert facts(site.engine) == {"A": [1, 2], "B": [1]}


def test_what_reaches_no_queue_is_not_marked(site: Site) -> None:
    write(site, "A")
    with connect(site.amqp_url) as connection, connection.channel() as channel:
        channel.queue_unbind(site.queue, exchange_name(site.source), "#")
    with site.publisher() as publisher:
        relay = relay_on(site, publisher)

        assert relay.publish_once() == 0
        assert log_of(site.engine) == []

        with connect(site.amqp_url) as connection, connection.channel() as channel:
            channel.queue_bind(site.queue, exchange_name(site.source), "#")
        assert relay.publish_once() == 1


def test_two_relays_that_take_the_lease_from_each_other_never_reorder(site: Site) -> None:
    """Their leases run out all the time, while they publish and between publishing and marking."""
    names = [f"case-{n}" for n in range(6)]
    stop = threading.Event()

    class Slow(ConfirmingPublisher):
        def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
            confirmed = super().publish(batch)
            self.turns = getattr(self, "turns", 0) + 1
            time.sleep(0.4 if self.turns % 3 == 0 else 0.0)  # longer than its lease
            return confirmed

    class NoBell:
        def wait(self, timeout: float) -> bool:
            return stop.wait(timeout)

    relays = []
    publishers = [Slow(site.amqp_url, exchange_name(site.source)) for _ in range(2)]
    for place, publisher in enumerate(publishers):
        lease = Lease(site.engine, "relay", f"relay-{place}", ttl=0.2)
        relay = Relay(site.engine, outbox, publisher, lease, service=site.source, batch=10)
        options = {"sweep": 0.01}
        relays.append(threading.Thread(target=relay.run, args=(stop, NoBell()), kwargs=options))
    for thread in relays:
        thread.start()
    for _ in range(20):
        write(site, *names)
    wait_until(lambda: len(log_of(site.engine)) == 120)
    stop.set()
    for thread in relays:
        thread.join(10)
    for publisher in publishers:
        publisher.close()

    log = log_of(site.engine)
    assert [position for position, _, _ in log] == list(range(1, 121))
    first_arrivals = list(dict.fromkeys(places(deliveries(site))))
    for name in names:
        assert [seq for _, stream, seq in log if stream == name] == list(range(1, 21))
        assert [seq for stream, seq in first_arrivals if stream == name] == list(range(1, 21))


class TestDoorbell:
    @pytest.fixture
    def listener(self, site: Site) -> Iterator[DatabaseListener]:
        listener = DatabaseListener(site.database.url())
        assert listener.wait(0)  # begins to listen: look once, it may have rung before
        yield listener
        listener.close()

    @pytest.fixture(params=["psycopg", "psycopg2"])
    def ringer(self, site: Site, request: pytest.FixtureRequest) -> Iterator[DatabaseRinger]:
        ringer = DatabaseRinger(site.database.url(request.param))
        yield ringer
        ringer.close()

    def test_is_heard_in_another_process(
        self, listener: DatabaseListener, ringer: DatabaseRinger
    ) -> None:
        assert not listener.wait(0.05)
        ringer.ring()
        assert listener.wait(10)

    def test_many_rings_at_once_are_few(
        self, listener: DatabaseListener, ringer: DatabaseRinger
    ) -> None:
        for _ in range(200):
            ringer.ring()

        heard = 0
        while listener.wait(0.3):
            heard += 1
        assert 1 <= heard <= 3

    def test_both_sides_survive_the_loss_of_their_connections(
        self, site: Site, listener: DatabaseListener, ringer: DatabaseRinger
    ) -> None:
        ringer.ring()
        assert listener.wait(10)
        with site.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'doorbell'"
            )

        assert not listener.wait(0.01)  # found out; the sweep of the relay covers this
        assert listener.wait(0.01)  # listens again
        ringer.ring()  # found out
        wait_until(lambda: _rings(ringer, listener))

    def test_wakes_the_relay_before_its_sweep(
        self, site: Site, listener: DatabaseListener, ringer: DatabaseRinger
    ) -> None:
        stop = threading.Event()
        with site.publisher() as publisher:
            relay = relay_on(site, publisher, ttl=60)
            options = {"sweep": 30.0}
            thread = threading.Thread(target=relay.run, args=(stop, listener), kwargs=options)
            thread.start()
            write(site, "A")
            ringer.ring()

            wait_until(lambda: log_of(site.engine) == [(1, "A", 1)], seconds=10)
            stop.set()
            ringer.ring()
            thread.join(10)
            assert not thread.is_alive()


def _rings(ringer: DatabaseRinger, listener: DatabaseListener) -> bool:
    ringer.ring()
    return listener.wait(0.2)


def test_events_reach_a_consumer_from_the_outbox(site: Site) -> None:
    write(site, *("AB" * 60))
    with site.publisher() as publisher:
        relay = relay_on(site, publisher, batch=50)
        while relay.publish_once():
            continue
    streams = Streams(site.engine, site.consumer, {NOTED: note})

    for body in deliveries(site):
        streams.take(body)

    assert facts(site.engine) == expected("AB", 60)
    assert held(site.engine) == []


def test_the_age_of_what_waits_for_a_stopped_consumer_is_that_of_its_eldest_event(
    site: Site,
) -> None:
    for name in "ABC":
        write(site, name)
    with site.publisher() as publisher:
        relay_on(site, publisher).publish_once()
    watch = QueueWatch(site.source, [site.consumer], site.engine, outbox)
    labels = {"consumer": site.consumer, "source": site.source}

    def shown() -> float | None:
        watch.show(queue_depths(site.amqp_url, watch.queues))
        return REGISTRY.get_sample_value("liandong_queue_oldest_seconds", labels)

    def age(stream: str) -> float:
        recorded = select(outbox.outbox.c.recorded_at).where(outbox.outbox.c.stream_id == stream)
        with site.engine.connect() as connection:
            found: datetime = connection.execute(recorded).scalar_one()
        return (datetime.now(UTC) - found).total_seconds()

    def shows_the_age_of(stream: str) -> bool:
        return age(stream) <= (shown() or 0.0) <= age(stream)

    wait_until(lambda: site.depth() == 3)
    assert shows_the_age_of("A")
    with connect(site.amqp_url) as connection, connection.channel() as channel:
        for _ in range(2):
            channel.basic_get(site.queue, no_ack=True)
    wait_until(lambda: site.depth() == 1)
    assert shows_the_age_of("C")
    deliveries(site)
    wait_until(lambda: site.depth() == 0)
    assert shown() == 0
