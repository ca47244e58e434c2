"""What stock nameko loses, this worker keeps. Each test runs a real worker process."""

from __future__ import annotations

import importlib
import time
import urllib.request
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from amqp.basic_message import Message
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from devstack.ports import free_port
from devstack.rabbitmq import RabbitMQ
from servicekit.database import make_engine
from servicekit.messaging import exchange_name, peek_dead
from servicekit.publishing import connect
from servicekit.stream import Streams
from servicekit.tests.broker.conftest import Site, StartWorker, wait_until
from servicekit.tests.stream_support import NOTED, body, expected, facts, held


@pytest.fixture
def worker_module() -> ModuleType:
    """The module in this process, which is not patched; eventlet warns of itself."""
    with warnings.catch_warnings(action="ignore"):
        return importlib.import_module("servicekit.worker")


def publish_as(site: Site, content: bytes | str, **properties: Any) -> None:
    """Publish as a client of another make would: with any encoding and headers."""
    with connect(site.amqp_url) as connection:
        channel = connection.channel()
        channel.basic_publish(
            Message(content, delivery_mode=2, **properties),
            exchange=exchange_name(site.source),
            routing_key=NOTED,
        )
        channel.close()


def test_a_handler_that_raises_loses_nothing_and_stops_only_its_stream(
    site: Site, start_worker: StartWorker
) -> None:
    site.publish(
        body("A", 1, source=site.source),
        body("A", 2, source=site.source, payload=b"raise:no"),
        body("A", 3, source=site.source),
        body("B", 1, source=site.source),
    )

    start_worker()

    wait_until(lambda: facts(site.engine) == {"A": [1], "B": [1]} and len(held(site.engine)) == 2)
    assert held(site.engine) == [("A", 2, "ValueError: no"), ("A", 3, None)]
    wait_until(lambda: site.depth() == 0)


def test_a_body_that_nobody_can_read_is_parked(site: Site, start_worker: StartWorker) -> None:
    publish_as(site, b"\xff\xfe no envelope", content_type="application/json")
    publish_as(site, b"", content_type="text/plain")
    publish_as(site, b"\xff", application_headers={"compression": "application/x-gzip"})
    site.publish(body("A", 1, source=site.source))

    worker = start_worker()

    wait_until(lambda: site.depth(".dead") == 3)
    wait_until(lambda: facts(site.engine) == {"A": [1]})
    parked = peek_dead(site.amqp_url, site.queue)
    assert {one.body for one in parked} == {b"\xff\xfe no envelope", b"", b"\xff"}
    assert all(one.reason for one in parked)
    worker.terminate()
    assert worker.wait() == 0
    assert site.depth() == 0


def test_neither_an_encoding_nor_a_header_breaks_the_worker(
    site: Site, start_worker: StartWorker
) -> None:
    """A text encoding makes the client hand out str; nameko reads what its headers say."""
    publish_as(site, body("案", 1, source=site.source), content_encoding="utf-8")
    publish_as(site, body("案", 2, source=site.source), content_encoding="latin-1")
    publish_as(
        site,
        body("案", 3, source=site.source),
        content_type="application/x-python-serialize",
        application_headers={"nameko.call_id_stack": 5},
    )

    start_worker()

    wait_until(lambda: facts(site.engine) == expected("案", 3))
    wait_until(lambda: site.depth() == 0)
    assert site.depth(".dead") == 0


def test_sigterm_lets_a_running_handler_finish_and_acknowledge(
    site: Site, start_worker: StartWorker
) -> None:
    site.publish(body("A", 1, source=site.source, payload=b"sleep:3"))
    worker = start_worker()
    wait_until((worker.folder / "handling").exists)

    worker.terminate()

    assert worker.wait(10) == 0
    assert facts(site.engine) == {"A": [1]}
    assert site.depth() == 0


def test_a_kill_between_commit_and_acknowledgement_has_one_effect(
    site: Site, start_worker: StartWorker
) -> None:
    site.publish(body("A", 1, source=site.source))
    first = start_worker(PAUSE_AFTER_COMMIT="1")
    wait_until((first.folder / "committed").exists)
    first.kill()
    wait_until(lambda: site.depth() == 1)  # not acknowledged, so it is there again

    second = start_worker()

    wait_until(lambda: site.depth() == 0)
    second.terminate()
    assert second.wait() == 0
    assert facts(site.engine) == {"A": [1]}


def test_a_lost_database_connection_gives_the_event_back(
    site: Site, start_worker: StartWorker
) -> None:
    site.publish(body("A", 1, source=site.source, payload=b"query:30"))
    worker = start_worker()
    wait_until((worker.folder / "handling").exists)
    (worker.folder / "mended").touch()

    def cut() -> bool:
        with site.engine.begin() as connection:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE :q"
            sleeping = {"q": "SELECT pg_sleep(%"}
            return connection.execute(text(query), sleeping).first() is not None

    wait_until(cut)

    wait_until(lambda: facts(site.engine) == {"A": [1]})
    assert held(site.engine) == []
    assert worker.said("event_given_back")


def test_a_broker_that_is_killed_costs_neither_events_nor_the_worker(
    site: Site, start_worker: StartWorker, rabbitmq: RabbitMQ
) -> None:
    site.publish(*(body("A", seq, source=site.source, payload=b"sleep:0.3") for seq in range(1, 9)))
    worker = start_worker()
    wait_until((worker.folder / "handling").exists)
    leaving = start_worker(GRACE="2")
    leaving.wait_started()

    rabbitmq.kill()
    try:
        wait_until(lambda: leaving.said("Error connecting to broker"))
        leaving.terminate()
        asked_at = time.monotonic()
        assert leaving.wait(10) == 1  # its grace, not that of the scheduler
        assert time.monotonic() - asked_at < 5
    finally:
        rabbitmq.restart()
    wait_until(lambda: site.has_published(body("A", 9, source=site.source)), seconds=30)

    wait_until(lambda: facts(site.engine) == expected("A", 9), seconds=30)
    wait_until(lambda: site.depth() == 0)


@pytest.mark.parametrize(
    ("env", "why"),
    [
        pytest.param({"IMPORT_GRPC": "1"}, "grpc is imported", id="grpc"),
        pytest.param({"UNPATCHED": "1"}, "monkey_patch", id="unpatched"),
        pytest.param({"POOL_TOO_MANY": "-1"}, "the pool must have 4", id="pool"),
        pytest.param({"CONSUMER": "nobody"}, "is missing; run migrate", id="undeclared queue"),
    ],
)
def test_a_worker_that_would_lose_or_stall_does_not_start(
    start_worker: StartWorker, env: dict[str, str], why: str
) -> None:
    worker = start_worker(**env)

    assert worker.wait() == 1
    assert worker.said(why)


def test_a_driver_that_blocks_the_hub_is_refused(site: Site, worker_module: ModuleType) -> None:
    streams = Streams(make_engine(site.database.url("psycopg"), pool_size=4), site.consumer, {})

    with pytest.raises(worker_module.MisconfiguredWorkerError, match="psycopg2"):
        worker_module._assert_pool_fits(streams, 4)


def test_an_entrypoint_that_was_not_registered_is_noticed(
    site: Site, monkeypatch: pytest.MonkeyPatch, worker_module: ModuleType
) -> None:
    """What a decorator applied wrongly does: it returns the method as it was."""

    def registers_nothing(queue: object) -> Callable[[Any], Any]:
        return lambda method: method

    monkeypatch.setattr(worker_module._StreamEntrypoint, "decorator", registers_nothing)
    streams = Streams(site.engine, site.consumer, {})

    with pytest.raises(worker_module.MisconfiguredWorkerError, match="0 of 1"):
        worker_module._container(streams, site.consumer, [site.source], site.amqp_url, 4)


def test_the_worker_answers_probes_and_scrapes(site: Site, start_worker: StartWorker) -> None:
    port = free_port()
    worker = start_worker(HEALTH_PORT=str(port))
    worker.wait_started()
    site.publish(body("A", 1, source=site.source))
    wait_until(lambda: facts(site.engine) == {"A": [1]})

    def get(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def applied() -> float:
        families = text_string_to_metric_families(get("/metrics"))
        taken = [s for f in families for s in f.samples if s.name == "liandong_events_taken_total"]
        return sum(s.value for s in taken if s.labels["outcome"] == "applied")

    assert get("/healthz") == "ok"
    wait_until(lambda: applied() == 1)


def test_what_the_worker_has_in_hand_is_scraped_until_it_is_settled(
    site: Site, start_worker: StartWorker
) -> None:
    """The broker no longer counts it as waiting, so nobody else could tell."""
    port = free_port()
    worker = start_worker(HEALTH_PORT=str(port))
    worker.wait_started()
    event = Envelope.FromString(body("A", 1, source=site.source, payload=b"sleep:4"))
    event.recorded_at.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    site.publish(event.SerializeToString())

    def age() -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        name = "liandong_event_in_hand_oldest_seconds"
        [found] = [s.value for f in families for s in f.samples if s.name == name]
        return float(found)

    wait_until((worker.folder / "handling").exists)
    assert age() >= 3600
    wait_until(lambda: age() == 0)
    assert facts(site.engine) == {"A": [1]}
