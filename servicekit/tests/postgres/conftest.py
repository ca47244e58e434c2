"""The toy service on PostgreSQL: one database for all tests, emptied before each."""

from __future__ import annotations

import os

import pytest

from servicekit.database import make_engine
from servicekit.tests.toy import Parcel, Toy, metadata


@pytest.fixture(scope="session")
def toy_database(postgres):
    database = postgres.create_database(f"toy_{os.getpid()}")
    yield database
    database.drop()


@pytest.fixture(scope="session")
def toy_engine(toy_database):
    engine = make_engine(toy_database.url(), pool_size=12)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def toy(toy_engine):
    with toy_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    made = Toy(toy_engine)
    made.add(Parcel("A1"))
    return made


@pytest.fixture
def toy_url(toy_database):
    return toy_database.url()
