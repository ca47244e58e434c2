"""The jobs process of metrics says when it does its work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from devstack.ports import free_port
from servicekit.clock import SystemClock
from servicekit.migrations import upgrade
from servicekit.testing import demonstration_settings
from services.metrics.bootstrap import DEFINITION

PATIENCE = 30.0


@pytest.fixture
def settings(tmp_path):
    return demonstration_settings(tmp_path, f"sqlite:///{tmp_path / 'metrics.db'}")


@pytest.fixture
def port(settings):
    chosen = free_port()
    environment = os.environ | {
        "METRICS_PROFILE": "demonstration",
        "METRICS_DATABASE_URL": settings.database_url.get_secret_value(),
        "METRICS_KEYRING": str(settings.keyring),
        "METRICS_KEYSTORE": str(settings.keystore),
        "METRICS_CHECKPOINTS": str(settings.checkpoints),
        "METRICS_METRICS_PORT": str(chosen),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = subprocess.Popen([sys.executable, "-m", "services.metrics", "jobs"], env=environment)
    yield chosen
    process.terminate()
    assert process.wait(PATIENCE) == 0


def probe(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
    except urllib.error.URLError:
        return None


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_jobs_are_healthy_at_once_and_ready_when_they_find_their_tables(settings, port):
    until(lambda: probe(port, "healthz") == 200)
    assert probe(port, "readyz") == 503
    upgrade(DEFINITION.migrations, settings.database("psycopg"), SystemClock().today())
    until(lambda: probe(port, "readyz") == 200)
