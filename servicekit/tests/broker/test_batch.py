"""Batches keep all promises of single events, and two processes do not deadlock."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import REGISTRY
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from devstack.rabbitmq import RabbitMQ
from servicekit.batch_consumer import BatchConsumer
from servicekit.batch_streams import BatchResult, BatchStreams
from servicekit.database import make_engine
from servicekit.messaging import Topology, declare, peek_dead
from servicekit.stream import Outcome
from servicekit.tests.broker.conftest import FreshDatabase, Site, wait_until
from servicekit.tests.stream_support import (
    Defect,
    body,
    expected,
    facts,
    held,
    metadata,
    note,
    positions,
    streams_on,
    unique_thing,
)


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    engine = make_engine(fresh_database().url(), pool_size=8)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def counts(result: BatchResult) -> dict[Outcome, int]:
    return {outcome: count for outcome, count in result.outcomes.items() if count}


class TestOneBatch:
    def test_applies_holds_and_drops_as_single_events_do(self, engine: Engine) -> None:
        batches = BatchStreams(streams_on(engine))
        seqs = [("A", 2), ("A", 1), ("A", 1), ("A", 4), ("B", 1), ("C", 3)]

        result = batches.take_batch([body(*place) for place in seqs])

        assert counts(result) == {Outcome.APPLIED: 3, Outcome.DROPPED: 1, Outcome.HELD: 2}
        assert facts(engine) == {"A": [1, 2], "B": [1]}
        assert [row[:2] for row in held(engine)] == [("A", 4), ("C", 3)]

    def test_goes_on_through_what_earlier_batches_held(self, engine: Engine) -> None:
        batches = BatchStreams(streams_on(engine))
        batches.take_batch([body("A", seq) for seq in (2, 4, 6)])

        batches.take_batch([body("A", seq) for seq in (1, 3, 5)])

        assert facts(engine) == expected("A", 6)
        assert held(engine) == []

    def test_leaves_no_row_of_a_held_event_that_came_again(self, engine: Engine) -> None:
        batches = BatchStreams(streams_on(engine))
        batches.take_batch([body("A", 2)])

        batches.take_batch([body("A", 1), body("A", 2)])

        assert facts(engine) == {"A": [1, 2]}
        assert held(engine) == []

    def test_a_long_run_is_left_to_the_sweep(self, engine: Engine) -> None:
        streams = streams_on(engine)
        batches = BatchStreams(streams)
        batches.take_batch([body("A", seq) for seq in range(2, 251)])

        batches.take_batch([body("A", 1)])
        assert facts(engine) == expected("A", 101)
        while streams.drain_more():
            continue

        assert facts(engine) == expected("A", 250)

    def test_a_failing_event_stops_its_stream_and_the_others_of_the_batch_go_on(
        self, engine: Engine
    ) -> None:
        defect = Defect(("A", 2))
        streams = streams_on(engine, defect)
        batches = BatchStreams(streams)
        places = [(name, seq) for name in "AB" for seq in (1, 2, 3)]

        result = batches.take_batch([body(*place) for place in places])

        assert counts(result) == {Outcome.APPLIED: 4, Outcome.FAILED: 1, Outcome.HELD: 1}
        assert facts(engine) == {"A": [1], "B": [1, 2, 3]}

        batches.take_batch([body("A", 4)])
        assert positions(engine)["A"] == (1, 4, True)
        defect.mend()
        assert streams.replay("intake", "A") == 3

    def test_names_what_must_be_parked(self, engine: Engine) -> None:
        result = BatchStreams(streams_on(engine)).take_batch([b"\xff", body("A", 1), b""])

        assert list(result.unreadable) == [0, 2]
        assert counts(result) == {Outcome.APPLIED: 1}

    def test_a_swallowed_database_error_loses_no_event(self, engine: Engine) -> None:
        """The whole batch would be rolled back in silence, positions and all."""

        def swallow(connection: Connection, events: Sequence[Envelope]) -> None:
            try:
                connection.execute(insert(unique_thing), [{"name": "twice"}, {"name": "twice"}])
            except IntegrityError:
                return

        batches = BatchStreams(streams_on(engine), apply=swallow)

        assert counts(batches.take_batch([body("A", 1)])) == {Outcome.APPLIED: 1}
        assert facts(engine) == {"A": [1]}  # by the handler for single events

    def test_rings_after_a_batch_in_which_something_was_applied(self, engine: Engine) -> None:
        seen: list[dict[str, list[int]]] = []
        batches = BatchStreams(streams_on(engine), ring=lambda: seen.append(facts(engine)))

        batches.take_batch([body("A", 2), b"\xff"])
        assert seen == []
        batches.take_batch([body("A", 1), body("B", 1)])

        assert seen == [{"A": [1, 2], "B": [1]}]  # once, and after the commit

    def test_does_its_work_set_wise_where_told_how(self, engine: Engine) -> None:
        sizes: list[int] = []

        def apply(connection: Connection, events: Sequence[Envelope]) -> None:
            sizes.append(len(events))
            for event in events:
                note(connection, event)

        BatchStreams(streams_on(engine), apply=apply).take_batch([body("A", 1), body("A", 2)])

        assert sizes == [2]
        assert facts(engine) == {"A": [1, 2]}


@pytest.mark.parametrize("seed", range(3))
def test_two_consumers_with_shuffled_batches_keep_order_and_do_not_deadlock(
    engine: Engine, seed: int
) -> None:
    rng = random.Random(seed)
    # Names that a collation of the database would sort otherwise than Python does.
    names = [f"{letter}-{n}" for n in range(30) for letter in ("Z", "a", "é", "中")]
    deliveries = [(name, seq) for name in names for seq in range(1, 6)]
    deliveries += rng.sample(deliveries, 60)
    rng.shuffle(deliveries)
    defect = Defect(("a-3", 2), ("中-7", 5))
    streams = streams_on(engine, defect)

    def take(part: list[tuple[str, int]]) -> None:
        batches = BatchStreams(streams)
        for start in range(0, len(part), 100):
            batches.take_batch([body(*place) for place in part[start : start + 100]])

    _in_threads(*(lambda n=n: take(deliveries[n::4]) for n in range(4)))
    while streams.drain_more():
        continue
    assert _deadlocks(engine) == 0
    assert facts(engine)["a-3"] == [1]

    defect.mend()
    for name in ("a-3", "中-7"):
        streams.replay("intake", name)

    assert facts(engine) == expected(names, 5)
    assert held(engine) == []


def _deadlocks(engine: Engine) -> int:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.execute(text(query)).scalar_one())


def _in_threads(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Away(BatchStreams):
    """Finds the database away the first times."""

    times = 2

    def take_batch(self, bodies: Sequence[bytes]) -> BatchResult:
        if self.times:
            self.times -= 1
            raise OperationalError("SELECT", {}, ConnectionError("away"))
        return super().take_batch(bodies)


class TestConsumer:
    @pytest.fixture
    def run(self, site: Site) -> Iterator[Callable[[BatchConsumer], None]]:
        stop = threading.Event()
        threads: list[threading.Thread] = []

        def start(consumer: BatchConsumer) -> None:
            threads.append(threading.Thread(target=consumer.run, args=(stop,)))
            threads[-1].start()

        yield start
        stop.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()

    def consumer(
        self, site: Site, *more: str, batches: BatchStreams | None = None
    ) -> BatchConsumer:
        batches = batches or BatchStreams(streams_on(site.engine))
        return BatchConsumer(batches, site.consumer, [site.source, *more], site.amqp_url)

    def test_takes_events_and_parks_unreadable_bodies(
        self, site: Site, run: Callable[[BatchConsumer], None]
    ) -> None:
        site.publish(*(body("A", seq) for seq in range(1, 151)), b"\xff", b"")

        run(self.consumer(site))

        wait_until(lambda: facts(site.engine) == expected("A", 150))
        wait_until(lambda: site.depth(".dead") == 2)
        wait_until(lambda: site.depth() == 0)
        assert {parked.body for parked in peek_dead(site.amqp_url, site.queue)} == {b"\xff", b""}

    def test_what_the_database_does_not_take_ages_in_hand_until_it_does(
        self, site: Site, run: Callable[[BatchConsumer], None]
    ) -> None:
        event = Envelope.FromString(body("A", 1))
        event.recorded_at.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
        site.publish(event.SerializeToString())
        batches = Away(streams_on(site.engine))
        batches.times = 10**6
        labels = {"consumer": site.consumer, "source": site.source}

        def age() -> float:
            name = "liandong_event_in_hand_oldest_seconds"
            return REGISTRY.get_sample_value(name, labels) or 0.0

        run(self.consumer(site, batches=batches))

        wait_until(lambda: age() >= 3600)
        assert site.depth() == 0
        batches.times = 0
        wait_until(lambda: age() == 0)
        assert facts(site.engine) == {"A": [1]}

    def test_says_that_it_consumes_only_while_it_does(self, site: Site) -> None:
        consumer, stop = self.consumer(site), threading.Event()
        assert not consumer.is_consuming
        thread = threading.Thread(target=consumer.run, args=(stop,))
        thread.start()
        wait_until(lambda: consumer.is_consuming)
        stop.set()
        thread.join(10)
        assert not consumer.is_consuming

    def test_listens_to_several_sources(
        self, site: Site, run: Callable[[BatchConsumer], None]
    ) -> None:
        other = Site.__new__(Site)
        other.__dict__ |= site.__dict__ | {"source": f"{site.source}2"}
        declare(site.amqp_url, Topology({other.source: [site.consumer]}))
        run(self.consumer(site, other.source))

        site.publish(body("A", 1, source="one"))
        other.publish(body("A", 1, source="two"))

        wait_until(lambda: facts(site.engine) == {"A": [1, 1]})

    def test_keeps_a_batch_while_the_database_is_away(
        self, site: Site, run: Callable[[BatchConsumer], None]
    ) -> None:
        site.publish(body("A", 1))

        run(self.consumer(site, batches=Away(streams_on(site.engine))))

        wait_until(lambda: facts(site.engine) == {"A": [1]})
        wait_until(lambda: site.depth() == 0)

    def test_gives_back_at_its_stop_what_was_never_stored(self, site: Site) -> None:
        tried = threading.Event()

        class NeverThere(BatchStreams):
            def take_batch(self, bodies: Sequence[bytes]) -> BatchResult:
                tried.set()
                raise OperationalError("SELECT", {}, ConnectionError("away"))

        site.publish(body("A", 1), body("A", 2))
        consumer = self.consumer(site, batches=NeverThere(streams_on(site.engine)))
        stop = threading.Event()
        thread = threading.Thread(target=consumer.run, args=(stop,))
        thread.start()
        assert tried.wait(10)
        stop.set()
        thread.join(10)

        wait_until(lambda: site.depth() == 2)

    def test_what_was_stored_but_not_acknowledged_has_one_effect(
        self, site: Site, run: Callable[[BatchConsumer], None], rabbitmq: RabbitMQ
    ) -> None:
        site.publish(*(body("A", seq) for seq in range(1, 21)))
        stored = threading.Event()

        class Cut(BatchStreams):
            def take_batch(self, bodies: Sequence[bytes]) -> BatchResult:
                result = super().take_batch(bodies)
                if not stored.is_set():
                    rabbitmq.ctl("close_all_connections", "cut between commit and ack")
                    stored.set()
                return result

        run(self.consumer(site, batches=Cut(streams_on(site.engine))))

        assert stored.wait(20)
        site.publish(body("A", 21))
        wait_until(lambda: facts(site.engine) == expected("A", 21))
        wait_until(lambda: site.depth() == 0)
