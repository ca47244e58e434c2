"""What waits for a person can be listed, counted and replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine

from servicekit import dead_letters
from servicekit.clock import FixedClock
from servicekit.database import make_engine
from servicekit.stream import Streams
from servicekit.tests.stream_support import NOTED, Defect, body, facts, metadata

NOON = datetime(2018, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path}/kit.db")
    metadata.create_all(engine)
    return engine


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def defect() -> Defect:
    return Defect(("A", 2), ("B", 1))


@pytest.fixture
def streams(engine: Engine, clock: FixedClock, defect: Defect) -> Streams:
    """A is stopped at 2 and B at 1, a minute later; C waits for 1; D is in order."""
    streams = Streams(engine, "metrics", {NOTED: defect}, clock=clock)
    for seq in (1, 2, 3):
        streams.take(body("A", seq))
    clock.advance(timedelta(minutes=1))
    streams.take(body("B", 1))
    streams.take(body("C", 3))
    streams.take(body("D", 1))
    return streams


def test_stopped_streams_are_listed_with_their_reason_the_longest_first(
    engine: Engine, streams: Streams
) -> None:
    first, second = dead_letters.stopped_streams(engine, "metrics")

    assert first == dead_letters.StoppedStream(
        consumer="metrics",
        source="intake",
        stream_id="A",
        seq=2,
        failure="ValueError: cannot do that",
        failed_at=NOON,
        held=2,
    )
    assert (second.stream_id, second.seq, second.held) == ("B", 1, 1)


def test_other_consumers_are_not_listed(engine: Engine, streams: Streams) -> None:
    assert dead_letters.stopped_streams(engine, "review") == []


def test_a_gap_is_listed_once_it_is_old(engine: Engine, streams: Streams) -> None:
    young = dead_letters.waiting_streams(engine, before=NOON)
    [old] = dead_letters.waiting_streams(engine, before=NOON + timedelta(hours=1))

    assert young == []
    assert (old.stream_id, old.missing_seq, old.held) == ("C", 1, 1)
    assert old.held_since == NOON + timedelta(minutes=1)


def test_what_is_held_can_be_read(engine: Engine, streams: Streams) -> None:
    failed, behind = dead_letters.held_events(engine, "metrics", "intake", "A")

    assert (failed.seq, failed.failure) == (2, "ValueError: cannot do that")
    assert (behind.seq, behind.failure, behind.event_id) == (3, None, "intake-A-3")
    assert behind.envelope.stream_id == "A"


def test_a_replay_of_all_tells_what_stopped_again(
    engine: Engine, streams: Streams, defect: Defect
) -> None:
    defect.places.remove(("A", 2))

    report = dead_letters.replay_all(streams)

    assert report.applied == 2
    assert report.stopped_again == (("intake", "B"),)
    assert facts(engine) == {"A": [1, 2, 3], "D": [1]}


def test_a_second_failure_renews_reason_and_time(
    streams: Streams, defect: Defect, clock: FixedClock, engine: Engine
) -> None:
    defect.error = ValueError("something else")
    clock.advance(timedelta(hours=1))

    streams.replay("intake", "A")

    [_, again] = dead_letters.stopped_streams(engine)
    assert (again.stream_id, again.failure) == ("A", "ValueError: something else")
    assert again.failed_at == clock.now()


def test_the_gauges_tell_count_and_age(engine: Engine, streams: Streams, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=9))

    dead_letters.observe(engine, ["metrics", "idle"], clock)

    def gauge(name: str, consumer: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"consumer": consumer})

    assert gauge("liandong_stopped_streams", "metrics") == 2
    assert gauge("liandong_held_events", "metrics") == 4
    assert gauge("liandong_held_oldest_seconds", "metrics") == 600
    assert gauge("liandong_held_events", "idle") == 0
