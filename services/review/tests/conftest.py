from __future__ import annotations

from contextlib import contextmanager

import pytest

from servicekit.stream import Streams
from servicekit.testing import harness
from services.review.bootstrap import DEFINITION, event_handlers
from services.review.entrypoints.api import registering
from services.review.tests.district import District
from services.review.tests.fakes import FakeCatalog


@contextmanager
def opened(folder, database_url=None):
    catalog = FakeCatalog()
    register = registering({"catalog": catalog})
    built = harness(DEFINITION, register, folder, database_url=database_url)
    resources = built.resources
    streams = Streams(resources.engine, "review", event_handlers(resources))
    yield District(built, streams, catalog)
    resources.close()


@pytest.fixture
def district(tmp_path):
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def postgres_district(tmp_path, fresh_database):
    with opened(tmp_path, fresh_database().url()) as made:
        yield made
