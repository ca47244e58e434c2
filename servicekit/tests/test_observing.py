"""Queues and jobs are counted for those who watch; a broker that is away leaves no old number."""

from __future__ import annotations

import threading

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update

from servicekit.database import make_engine, new_metadata
from servicekit.figures import BOARD
from servicekit.jobs import enqueue, job_table
from servicekit.messaging import QueueDepth, dead_queue, queue_name
from servicekit.observing import JOBS_DEAD, JOBS_WAITING, count_jobs, depths, watch_queues

METADATA = new_metadata()
JOBS = job_table(METADATA)


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


@pytest.fixture(autouse=True)
def clean_board():
    yield
    BOARD.show("toy-queues", {})


def test_each_consumer_of_a_source_has_its_depth():
    found = {
        queue_name("review", "toy"): QueueDepth(7, 2),
        dead_queue("review", "toy").name: QueueDepth(1, 0),
    }
    depths("toy", found, ["review"])
    labels = {"consumer": "review", "source": "toy"}
    assert sample("liandong_queue_messages", queue="stream", **labels) == 7
    assert sample("liandong_queue_messages", queue="dead", **labels) == 1
    assert sample("liandong_queue_consumers", **labels) == 2


def test_while_the_broker_is_away_nothing_is_shown_and_the_watch_goes_on(caplog):
    test_each_consumer_of_a_source_has_its_depth()
    stop = threading.Event()
    watching = watch_queues("toy", ["review"], "amqp://guest@127.0.0.1:1//", 0.01, stop)
    for _ in range(600):
        if "queues_unseen" in caplog.text:
            break
        stop.wait(0.1)
    assert watching.is_alive()
    stop.set()
    watching.join(30)
    assert sample("liandong_queue_consumers", consumer="review", source="toy") is None


def test_jobs_are_counted_by_what_became_of_them(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/jobs.db")
    METADATA.create_all(engine)
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
    engine.dispose()
