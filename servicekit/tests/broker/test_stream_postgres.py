"""The same stream code on PostgreSQL, by both drivers, with real concurrency."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from servicekit.clock import SystemClock
from servicekit.database import make_engine
from servicekit.stream import Outcome
from servicekit.stream_tables import CLAIM, HOLD
from servicekit.tests.broker.conftest import FreshDatabase, wait_until
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


@pytest.fixture(params=["psycopg", "psycopg2"])
def engine(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> Iterator[Engine]:
    engine = make_engine(fresh_database().url(request.param), pool_size=8)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def in_threads(*work: Callable[[], object]) -> None:
    errors: list[Exception] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def waits_for_a_lock(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).all())


def test_an_event_that_waited_for_the_lock_sees_what_was_held_meanwhile(engine: Engine) -> None:
    """The lost wake-up: the claim of 1 waits while 2 is being held, and must then drain it."""
    streams = streams_on(engine)
    key = {"consumer": "metrics", "source": "intake", "stream_id": "A", "seq": 2}
    row = {"failure": None, "held_at": SystemClock().now(), "body": body("A", 2)}
    holding = engine.connect()
    holding.execute(CLAIM, key)
    holding.execute(HOLD, key | row)

    thread = threading.Thread(target=streams.take, args=(body("A", 1),))
    thread.start()
    wait_until(lambda: waits_for_a_lock(engine))
    holding.commit()
    holding.close()
    thread.join()

    assert facts(engine) == {"A": [1, 2]}
    assert held(engine) == []


def test_a_swallowed_database_error_is_a_failure_and_no_loss(engine: Engine) -> None:
    """PostgreSQL answers the commit of such a transaction with a silent rollback."""

    def swallow(connection: Connection, event: Envelope) -> None:
        note(connection, event)
        for _ in range(2):
            try:
                connection.execute(insert(unique_thing), {"name": "twice"})
            except IntegrityError:
                return

    assert streams_on(engine, swallow).take(body("A", 1)) is Outcome.FAILED
    assert positions(engine)["A"] == (0, 1, True)


def test_a_timeout_is_tried_again_and_fails_only_when_patience_ends(engine: Engine) -> None:
    def dawdle(connection: Connection, event: Envelope) -> None:
        connection.execute(text("SET LOCAL statement_timeout = 20"))
        connection.execute(text("SELECT pg_sleep(5)"))

    streams = streams_on(engine, dawdle, patience=3)

    for _ in range(2):
        with pytest.raises(OperationalError):
            streams.take(body("A", 1))
    assert streams.take(body("A", 1)) is Outcome.FAILED


def test_a_deadlock_between_handlers_is_tried_again(engine: Engine) -> None:
    meet = threading.Barrier(2, timeout=10)
    first_time = threading.local()
    with engine.begin() as connection:
        connection.execute(insert(unique_thing), [{"name": "left"}, {"name": "right"}])

    def cross(connection: Connection, event: Envelope) -> None:
        note(connection, event)
        names = ("left", "right") if event.stream_id == "A" else ("right", "left")
        for name in names:
            lock = text("SELECT name FROM unique_thing WHERE name = :name FOR UPDATE")
            connection.execute(lock, {"name": name})
            if not hasattr(first_time, "met"):
                first_time.met = True
                meet.wait()

    streams = streams_on(engine, cross)

    def take(stream: str) -> None:
        try:
            streams.take(body(stream, 1))
        except OperationalError:
            streams.take(body(stream, 1))  # as a redelivery does

    in_threads(lambda: take("A"), lambda: take("B"))

    assert facts(engine) == {"A": [1], "B": [1]}
    assert held(engine) == []


def test_concurrent_deliveries_in_any_order_give_each_event_once_and_in_order(
    engine: Engine,
) -> None:
    rng = random.Random(3)
    names = [f"case-{n}" for n in range(20)]
    deliveries = [(name, seq) for name in names for seq in range(1, 11)]
    deliveries += rng.sample(deliveries, 40)
    rng.shuffle(deliveries)
    defect = Defect(("case-3", 4))
    streams = streams_on(engine, defect)

    def take(part: list[tuple[str, int]]) -> None:
        for name, seq in part:
            streams.take(body(name, seq))

    in_threads(*(lambda n=n: take(deliveries[n::4]) for n in range(4)))
    assert facts(engine)["case-3"] == [1, 2, 3]

    defect.mend()
    streams.replay("intake", "case-3")

    assert facts(engine) == expected(names, 10)
    assert held(engine) == []
