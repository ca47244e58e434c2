"""Metrics on SQLite, and whoever talks to it."""

from __future__ import annotations

import pytest
from liandong.metrics.v1 import metrics_service_pb2_grpc as pb_grpc

from servicekit.stream import Streams
from servicekit.testing import harness
from services.metrics.bootstrap import DEFINITION, event_handlers
from services.metrics.entrypoints.api import register
from services.metrics.tests.fakes import Voices


@pytest.fixture
def district(tmp_path):
    built = harness(DEFINITION, register, tmp_path)
    yield built
    built.resources.close()


@pytest.fixture
def streams(district):
    return Streams(district.resources.engine, "metrics", event_handlers(district.resources))


@pytest.fixture
def stub(district):
    return pb_grpc.MetricsServiceStub(district.channel)


@pytest.fixture
def voices():
    return Voices()


@pytest.fixture
def hear(streams, voices):
    """Let metrics hear everything that was told since the last time."""
    heard = 0

    def take():
        nonlocal heard
        outcomes = [streams.take(body) for _, body in voices.told[heard:]]
        heard = len(voices.told)
        return outcomes

    return take


@pytest.fixture
def ask(district, stub):
    def call(method, request, caller):
        return district.call(getattr(stub, method), request, caller)

    return call


@pytest.fixture
def served(district, voices, hear):
    """The district in which case A1 has gone all the way."""
    voices.journey()
    hear()
    return district
