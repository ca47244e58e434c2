"""The toy service on SQLite; `postgres/conftest.py` puts the same tests on PostgreSQL."""

from __future__ import annotations

import pytest

from servicekit.database import make_engine
from servicekit.tests.toy import Parcel, Toy, metadata


@pytest.fixture
def toy_url(tmp_path):
    return f"sqlite:///{tmp_path / 'toy.db'}"


@pytest.fixture
def toy(toy_url):
    engine = make_engine(toy_url)
    metadata.create_all(engine)
    made = Toy(engine)
    made.add(Parcel("A1"))
    yield made
    engine.dispose()
