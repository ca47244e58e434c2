from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest

from servicekit.stream import Streams
from servicekit.testing import harness
from services.catalog.bootstrap import DEFINITION, event_handlers
from services.catalog.entrypoints.api import register
from services.catalog.seed import seed
from services.catalog.tests.district import District

DATABASE = f"{DEFINITION.name}.db"


@contextmanager
def opened(folder, database_url=None):
    built = harness(DEFINITION, register, folder, database_url=database_url)
    resources = built.resources
    yield District(built, Streams(resources.engine, "catalog", event_handlers(resources)))
    resources.close()


@pytest.fixture(scope="session")
def loaded_database(tmp_path_factory):
    """The database of the shipped district, closed; tests copy it."""
    folder = tmp_path_factory.mktemp("shipped")
    with opened(folder) as made:
        seed(made.built.resources)
    return folder / DATABASE


@pytest.fixture
def district(tmp_path, loaded_database):
    shutil.copy(loaded_database, tmp_path / DATABASE)
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def postgres_district(tmp_path, fresh_database):
    with opened(tmp_path, fresh_database().url()) as made:
        seed(made.built.resources)
        yield made
