"""The worker process of metrics on a real broker and a real PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from sqlalchemy import func, select

from devstack.ports import free_port
from servicekit.messaging import Topology, declare
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import OutgoingMessage
from servicekit.testing import harness
from services import graph
from services.metrics.adapters import orm
from services.metrics.bootstrap import DEFINITION
from services.metrics.entrypoints.api import register

PATIENCE = 30.0


@pytest.fixture
def district(tmp_path, fresh_database):
    built = harness(DEFINITION, register, tmp_path, database_url=fresh_database().url())
    yield built
    built.resources.close()


@pytest.fixture
def broker(fresh_vhost):
    url = fresh_vhost()
    declare(url, Topology(graph.CONSUMERS))
    return url


def publish(url, told):
    for source in DEFINITION.sources:
        publisher = ConfirmingPublisher(url, f"{source}.events")
        mine = [
            OutgoingMessage(f"{source}-{place}", source, body)
            for place, (name, body) in enumerate(told)
            if name == source
        ]
        assert len(publisher.publish(mine)) == len(mine)
        publisher.close()


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def worker(district, broker):
    settings, port = district.resources.settings, free_port()
    environment = os.environ | {
        "METRICS_PROFILE": "demonstration",
        "METRICS_DATABASE_URL": settings.database_url.get_secret_value(),
        "METRICS_AMQP_URL": broker,
        "METRICS_KEYRING": str(settings.keyring),
        "METRICS_KEYSTORE": str(settings.keystore),
        "METRICS_CHECKPOINTS": str(settings.checkpoints),
        "METRICS_METRICS_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.metrics", "worker"], env=environment
    )
    yield process, port
    process.kill()
    process.wait()


def test_the_worker_counts_what_was_published_and_ends_when_asked(district, broker, worker, voices):
    process, port = worker
    voices.district()
    for number in range(30):
        voices.journey(f"A{number}")
    publish(broker, voices.told)

    def counted():
        served = select(func.count()).where(
            orm.case_facts.c.visits == 2,
            orm.case_facts.c.decided_at.is_not(None),
            orm.case_facts.c.courier_answer == "DECLINED",
        )
        with district.resources.read_engine.connect() as connection:
            return connection.execute(served).scalar_one() == 30

    until(counted)
    for probe in ("healthz", "readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{probe}", timeout=5) as answer:
            assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    with district.resources.read_engine.connect() as connection:
        lights = connection.execute(select(func.count()).select_from(orm.item_light)).scalar_one()
    assert lights == 1
