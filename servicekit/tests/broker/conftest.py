"""A consumer and a source of their own for each test, on real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine

from devstack.postgres import Database
from devstack.pytest_plugin import (  # noqa: F401 -- fixtures
    FreshDatabase,
    amqp_url,
    fresh_database,
    launched_postgres,
    launched_rabbitmq,
    postgres,
    rabbitmq,
    unique_name,
)
from servicekit.database import make_engine
from servicekit.messaging import Topology, declare, exchange_name, queue_depths, queue_name
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from servicekit.tests.stream_support import NOTED, metadata

ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).with_name("worker_main.py")


def wait_until(what: Callable[[], bool], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class WorkerProcess:
    """A worker as it runs in production, in a process of its own."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.log = folder / "worker.log"
        path = os.pathsep.join([str(ROOT), str(ROOT / "protos/gen/python")])
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, WORKER],
                env=os.environ | {"PYTHONPATH": path, "FOLDER": str(folder)} | env,
                stdout=log,
                stderr=log,
            )

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def wait_started(self) -> None:
        wait_until(lambda: self.said("worker_started"))

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def wait(self, seconds: float = 20.0) -> int:
        return self._process.wait(seconds)


class StartWorker(Protocol):
    def __call__(self, **env: str) -> WorkerProcess: ...


class Site:
    """One consumer of one source, with queue and database."""

    def __init__(self, url: str, database: Database, name: str) -> None:
        self.amqp_url = url
        self.database = database
        self.consumer, self.source = f"{name}_c", f"{name}_s"
        self.queue = queue_name(self.consumer, self.source)
        self.topology = Topology({self.source: [self.consumer]})
        self.engine: Engine = make_engine(database.url())
        metadata.create_all(self.engine)
        declare(url, self.topology)

    def publish(self, *bodies: bytes, **headers: str) -> None:
        batch = [
            OutgoingMessage(str(place), NOTED, body, headers) for place, body in enumerate(bodies)
        ]
        with self.publisher() as publisher:
            assert len(publisher.publish(batch)) == len(batch)

    def has_published(self, body: bytes) -> bool:
        """Try it once, as a relay does again and again: a queue wakes up after its broker."""
        with self.publisher() as publisher:
            try:
                return bool(publisher.publish([OutgoingMessage("again", NOTED, body)]))
            except PublisherUnavailableError:
                return False

    @contextmanager
    def publisher(self) -> Iterator[ConfirmingPublisher]:
        publisher = ConfirmingPublisher(self.amqp_url, exchange_name(self.source))
        try:
            yield publisher
        finally:
            publisher.close()

    def depth(self, suffix: str = "") -> int:
        name = f"{self.queue}{suffix}"
        return queue_depths(self.amqp_url, [name])[name].messages


@pytest.fixture
def site(
    amqp_url: str,  # noqa: F811
    fresh_database: FreshDatabase,  # noqa: F811
    unique_name: Callable[[], str],  # noqa: F811
) -> Iterator[Site]:
    site = Site(amqp_url, fresh_database(), unique_name())
    yield site
    site.engine.dispose()


@pytest.fixture
def start_worker(site: Site, tmp_path: Path) -> Iterator[StartWorker]:
    """Start workers of `site`; whatever still runs after the test is killed."""
    started: list[WorkerProcess] = []

    def start(**env: str) -> WorkerProcess:
        folder = tmp_path / f"worker-{len(started)}"
        folder.mkdir()
        place = {
            "CONSUMER": site.consumer,
            "SOURCE": site.source,
            "AMQP_URL": site.amqp_url,
            "DATABASE_URL": site.database.url("psycopg2"),
        }
        started.append(WorkerProcess(folder, place | env))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
