"""Queues and jobs are counted for those who watch; a broker that is away leaves no old number."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import insert, update

from servicekit.clock import SystemClock
from servicekit.database import make_engine, new_metadata
from servicekit.figures import BOARD
from servicekit.jobs import enqueue, job_table
from servicekit.messaging import QueueDepth, dead_queue, queue_name
from servicekit.observing import (
    JOBS_DEAD,
    JOBS_WAITING,
    QueueWatch,
    count_jobs,
    watch_queues,
)
from servicekit.outbox import outbox_tables

METADATA = new_metadata()
JOBS = job_table(METADATA)
OUTBOX = outbox_tables(METADATA)


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


@pytest.fixture(autouse=True)
def clean_board():
    yield
    BOARD.show("toy-queues", {})


def depth(stream, consumers=2, dead=0):
    return {
        queue_name("review", "toy"): QueueDepth(stream, consumers),
        dead_queue("review", "toy").name: QueueDepth(dead, 0),
    }


def oldest():
    return sample("liandong_queue_oldest_seconds", consumer="review", source="toy")


@pytest.fixture
def engine(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/toy.db")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def watch(engine):
    """Of a source whose last two events were recorded an hour and two minutes ago."""
    now = SystemClock().now()
    with engine.begin() as connection:
        for position, age in enumerate((3600, 120), start=1):
            row = {"recorded_at": now - timedelta(seconds=age), "event_id": str(position),
                   "stream_id": "A", "seq": position, "unit": "", "type": "toy.done.v1",
                   "envelope": b"", "position": position}  # fmt: skip
            connection.execute(insert(OUTBOX.outbox), row)
        connection.execute(insert(OUTBOX.head), {"only": 1, "position": 2})
    return QueueWatch("toy", ["review"], engine, OUTBOX)


def test_each_consumer_of_a_source_has_its_depth(watch):
    watch.show(depth(7, dead=1))
    labels = {"consumer": "review", "source": "toy"}
    assert sample("liandong_queue_messages", queue="stream", **labels) == 7
    assert sample("liandong_queue_messages", queue="dead", **labels) == 1
    assert sample("liandong_queue_consumers", **labels) == 2


def test_without_traffic_nothing_waits_and_nothing_ages(watch):
    watch.show(depth(0))
    assert oldest() == 0


def test_while_a_consumer_is_stopped_the_source_says_how_long_its_events_wait(watch):
    watch.show(depth(1, consumers=0))
    assert 120 <= oldest() < 1000
    watch.show(depth(2, consumers=0))
    assert 3600 <= oldest() < 4500


def test_what_waited_goes_on_ageing_while_the_broker_is_away(watch):
    watch.show(depth(2))
    before = oldest()
    watch.show_unseen()
    assert oldest() > before
    assert sample("liandong_queue_consumers", consumer="review", source="toy") is None


def test_where_nothing_waited_nothing_is_said_while_the_broker_is_away(watch):
    watch.show(depth(0))
    watch.show_unseen()
    assert oldest() is None


def test_a_log_that_is_away_hides_no_depth_and_keeps_what_was_known(watch, engine):
    watch.show(depth(2))
    METADATA.drop_all(engine)
    watch.show(depth(9))
    labels = {"consumer": "review", "source": "toy"}
    assert sample("liandong_queue_messages", queue="stream", **labels) == 9
    assert oldest() >= 3600
    watch.show(depth(0))
    assert oldest() == 0


def test_while_the_broker_is_away_nothing_is_shown_and_the_watch_goes_on(watch, caplog):
    watch.show(depth(7))
    stop = threading.Event()
    watching = watch_queues(watch, "amqp://guest@127.0.0.1:1//", 0.01, stop)
    for _ in range(600):
        if "queues_unseen" in caplog.text:
            break
        stop.wait(0.1)
    assert watching.is_alive()
    stop.set()
    watching.join(30)
    assert sample("liandong_queue_consumers", consumer="review", source="toy") is None


def test_jobs_are_counted_by_what_became_of_them(engine):
    with engine.begin() as connection:
        for key in ("a", "b", "c", "d"):
            enqueue(connection, JOBS, key=key, kind="render", payload={})
        connection.execute(update(JOBS).where(JOBS.c.key == "a").values(state="DEAD"))
        connection.execute(update(JOBS).where(JOBS.c.key == "b").values(state="DONE"))
        counted = count_jobs(connection, JOBS, "intake")
    assert counted == {
        JOBS_WAITING: {("intake", "render"): 2},
        JOBS_DEAD: {("intake", "render"): 1},
    }
