"""Events leave in order and at least once; marks are given only to what is safe and ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import REGISTRY
from sqlalchemy import Engine, text

from servicekit.clock import FixedClock, SystemClock
from servicekit.database import make_engine
from servicekit.doorbell import LocalDoorbell
from servicekit.leases import Lease
from servicekit.outbox import PendingEvent, store
from servicekit.relay import (
    LeaseLostError,
    OutgoingMessage,
    PublisherUnavailableError,
    Relay,
    observe_outbox,
    read_events,
)
from servicekit.tests.stream_support import metadata, outbox

MORNING = datetime(2018, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path}/kit.db")
    metadata.create_all(engine)
    return engine


class FakeBroker:
    """Keeps what was published; `refuses` says which events it does not confirm."""

    def __init__(self) -> None:
        self.received: list[tuple[str, int]] = []
        self.refuses: Callable[[Envelope], bool] = lambda _event: False
        self.before_answer: Callable[[], None] = lambda: None
        self.away = False
        self.kept_alive = 0

    def publish(self, batch: Sequence[OutgoingMessage]) -> set[str]:
        if self.away:
            raise PublisherUnavailableError("connection refused")
        events = [Envelope.FromString(message.body) for message in batch]
        assert [message.routing_key for message in batch] == [event.type for event in events]
        taken = [event for event in events if not self.refuses(event)]
        self.received += [(event.stream_id, event.seq) for event in taken]
        self.before_answer()
        return {event.event_id for event in taken}

    def keep_alive(self) -> None:
        self.kept_alive += 1


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


def relay_on(engine: Engine, broker: FakeBroker, holder: str = "one", *, batch: int = 100) -> Relay:
    lease = Lease(engine, "relay", holder, ttl=30.0)
    return Relay(engine, outbox, broker, lease, service="intake", batch=batch)


def write(engine: Engine, *streams: str) -> None:
    events = [PendingEvent(name, "unit", "intake.case_noted.v1", b"") for name in streams]
    with engine.begin() as connection:
        for event in events:
            store(connection, outbox, "intake", [event], occurred_at=MORNING, traceparent="")


def log_of(engine: Engine) -> list[tuple[int, str, int]]:
    events = read_events(engine, outbox, 0, 1000)
    return [(event.position, event.stream_id, event.seq) for event in events]


def test_events_are_published_and_marked_in_the_order_they_were_written(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A", "B", "A")

    assert relay_on(engine, broker).publish_once() == 3
    assert broker.received == [("A", 1), ("B", 1), ("A", 2)]
    assert log_of(engine) == [(1, "A", 1), (2, "B", 1), (3, "A", 2)]


def test_what_is_marked_is_not_published_again(engine: Engine, broker: FakeBroker) -> None:
    write(engine, "A")
    relay = relay_on(engine, broker)
    relay.publish_once()

    assert relay.publish_once() == 0
    assert broker.received == [("A", 1)]
    assert broker.kept_alive == 1


def test_positions_are_contiguous_across_batches(engine: Engine, broker: FakeBroker) -> None:
    write(engine, *"ABCDE")
    relay = relay_on(engine, broker, batch=2)

    assert [relay.publish_once() for _ in range(4)] == [2, 2, 1, 0]
    assert [position for position, _, _ in log_of(engine)] == [1, 2, 3, 4, 5]


def test_nothing_is_marked_ahead_of_an_unconfirmed_predecessor(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A", "B", "A", "B", "A")
    relay = relay_on(engine, broker)
    broker.refuses = lambda event: (event.stream_id, event.seq) == ("A", 2)

    assert relay.publish_once() == 3
    assert log_of(engine) == [(1, "A", 1), (2, "B", 1), (3, "B", 2)]

    broker.refuses = lambda _event: False
    assert relay.publish_once() == 2
    assert log_of(engine)[3:] == [(4, "A", 2), (5, "A", 3)]
    assert broker.received[-2:] == [("A", 2), ("A", 3)]


def test_a_relay_that_dies_between_confirmation_and_mark_publishes_again(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A", "A")

    def die() -> None:
        raise KeyboardInterrupt

    broker.before_answer = die
    with pytest.raises(KeyboardInterrupt):
        relay_on(engine, broker).publish_once()
    assert log_of(engine) == []

    broker.before_answer = lambda: None
    relay_on(engine, broker).publish_once()

    assert broker.received == [("A", 1), ("A", 2)] * 2
    assert log_of(engine) == [(1, "A", 1), (2, "A", 2)]


def test_while_one_relay_holds_the_lease_another_publishes_nothing(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A")
    first, second = relay_on(engine, broker, "one"), relay_on(engine, broker, "two")
    first.publish_once()
    write(engine, "A")

    assert second.publish_once() == 0
    assert broker.received == [("A", 1)]


def oldest() -> float | None:
    return REGISTRY.get_sample_value(
        "liandong_outbox_oldest_unpublished_seconds", {"service": "intake"}
    )


def test_the_jobs_tell_the_age_of_the_outbox_while_no_relay_runs(engine: Engine) -> None:
    write(engine, "A", "B")
    clock = FixedClock(SystemClock().now() + timedelta(minutes=5))
    observe_outbox(engine, outbox, "intake", clock)
    assert oldest() == pytest.approx(300, abs=60)


def test_what_is_published_has_no_age(engine: Engine, broker: FakeBroker) -> None:
    write(engine, "A")
    relay_on(engine, broker).publish_once()
    observe_outbox(engine, outbox, "intake", SystemClock())
    assert oldest() == 0


def test_a_relay_that_stands_by_tells_no_age(engine: Engine, broker: FakeBroker) -> None:
    relay_on(engine, broker, "one").publish_once()
    write(engine, "A")
    observe_outbox(engine, outbox, "intake", FixedClock(SystemClock().now() + timedelta(hours=1)))
    relay_on(engine, broker, "two").publish_once()
    assert oldest() == 0


def test_a_relay_that_lost_its_lease_marks_nothing(engine: Engine, broker: FakeBroker) -> None:
    write(engine, "A", "A")
    slow, quick = relay_on(engine, broker, "slow"), relay_on(engine, FakeBroker(), "quick")

    def lose_lease() -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE lease SET expires_at = 0"))
        assert quick.publish_once() == 2
        write(engine, "A")

    broker.before_answer = lose_lease
    with pytest.raises(LeaseLostError):
        slow.publish_once()

    assert log_of(engine) == [(1, "A", 1), (2, "A", 2)]
    broker.before_answer = lambda: None
    assert slow.publish_once() == 0


def test_a_lease_that_ran_out_and_went_to_nobody_still_refuses_the_marks(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A")

    def run_out() -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE lease SET expires_at = 0"))

    broker.before_answer = run_out
    with pytest.raises(LeaseLostError):
        relay_on(engine, broker).publish_once()
    assert log_of(engine) == []


def test_two_processes_under_one_holder_name_cannot_mark_twice(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A", "B")
    twin = relay_on(engine, FakeBroker())
    broker.before_answer = lambda: assert_marked(twin, 2)

    with pytest.raises(LeaseLostError):
        relay_on(engine, broker).publish_once()

    write(engine, "C")
    twin.publish_once()
    assert [position for position, _, _ in log_of(engine)] == [1, 2, 3]


def assert_marked(relay: Relay, count: int) -> None:
    assert relay.publish_once() == count


def test_the_log_is_read_from_any_position(engine: Engine, broker: FakeBroker) -> None:
    write(engine, *"ABCD")
    relay_on(engine, broker, batch=3).publish_once()

    [second, third] = read_events(engine, outbox, 1, 2)

    assert (second.position, second.stream_id) == (2, "B")
    assert Envelope.FromString(third.envelope).stream_id == "C"
    assert read_events(engine, outbox, 3, 10) == []


def test_the_age_of_what_waits_is_shown(engine: Engine, broker: FakeBroker) -> None:
    def age() -> float:
        name = "liandong_outbox_oldest_unpublished_seconds"
        return REGISTRY.get_sample_value(name, {"service": "intake"}) or 0.0

    write(engine, "A")
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET recorded_at = '2018-03-01 00:00:00.000000'"))
    broker.refuses = lambda _event: True
    relay = relay_on(engine, broker)

    relay.publish_once()
    assert age() > 3600

    broker.refuses = lambda _event: False
    relay.publish_once()
    assert age() == 0


def running(relay: Relay, stop: threading.Event, bell: LocalDoorbell) -> threading.Thread:
    thread = threading.Thread(target=relay.run, args=(stop, bell), kwargs={"sweep": 0.05})
    thread.start()
    return thread


def test_the_loop_outlives_a_broker_that_is_away_and_hands_its_lease_over(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A")
    broker.away = True
    tried = threading.Event()
    arrived = threading.Event()
    original = broker.publish

    def publish(batch: Sequence[OutgoingMessage]) -> set[str]:
        tried.set()
        answer = original(batch)
        arrived.set()
        return answer

    broker.publish = publish  # type: ignore[method-assign]
    stop, bell = threading.Event(), LocalDoorbell()
    thread = running(relay_on(engine, broker), stop, bell)
    assert tried.wait(10)
    broker.away = False
    assert arrived.wait(10)
    stop.set()
    bell.close()
    thread.join(10)

    assert log_of(engine) == [(1, "A", 1)]
    assert Lease(engine, "relay", "two").acquire() == 2


def test_the_bell_wakes_the_loop_before_its_sweep(engine: Engine, broker: FakeBroker) -> None:
    stop, bell = threading.Event(), LocalDoorbell()
    arrived = threading.Event()
    broker.before_answer = arrived.set
    relay = relay_on(engine, broker)
    thread = threading.Thread(target=relay.run, args=(stop, bell), kwargs={"sweep": 60.0})
    thread.start()

    write(engine, "A")
    bell.ring()

    assert arrived.wait(10)
    stop.set()
    bell.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_relay_is_well_only_after_a_turn_that_went_through(
    engine: Engine, broker: FakeBroker
) -> None:
    write(engine, "A")
    relay = relay_on(engine, broker)
    looked: list[bool] = []

    class Bell:
        def wait(self, timeout: float) -> bool:
            looked.append(relay.is_well)
            stop.set()
            return True

    stop = threading.Event()
    broker.away = True
    thread = threading.Thread(target=relay.run, args=(stop, Bell()), kwargs={"sweep": 0.01})
    thread.start()
    while not REGISTRY.get_sample_value("liandong_relay_active", {"service": "intake"}):
        assert thread.is_alive()
    assert not relay.is_well
    broker.away = False
    thread.join(timeout=10)
    assert looked == [True]


def test_a_relay_that_leads_asks_for_its_lease_only_when_a_fifth_of_it_has_passed(
    engine: Engine, broker: FakeBroker
) -> None:
    clock, asked = FixedClock(MORNING), list[datetime]()

    class CountedLease(Lease):
        def acquire(self) -> int | None:
            asked.append(clock.now())
            return super().acquire()

    lease = CountedLease(engine, "relay", "one", ttl=30.0)
    relay = Relay(engine, outbox, broker, lease, service="intake", batch=1, clock=clock)
    write(engine, "a", "b", "c")

    assert [relay.publish_once(), relay.publish_once()] == [1, 1]
    clock.advance(timedelta(seconds=6))
    assert relay.publish_once() == 1

    assert asked == [MORNING, MORNING + timedelta(seconds=6)]


def test_a_relay_whose_mark_was_refused_stands_by(engine: Engine, broker: FakeBroker) -> None:
    relay, other = relay_on(engine, broker), Lease(engine, "relay", "other", ttl=30.0)
    write(engine, "a")
    assert relay.publish_once() == 1

    write(engine, "a")
    Lease(engine, "relay", "one").release()
    assert other.acquire() is not None
    with pytest.raises(LeaseLostError):
        relay.publish_once()

    published = len(broker.received)
    assert relay.publish_once() == 0
    assert len(broker.received) == published, "it leads no more, so it publishes nothing"
