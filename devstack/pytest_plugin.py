"""Private servers for tests: load with `pytest_plugins = ["devstack.pytest_plugin"]`.

`postgres` and `rabbitmq` are started once, for the first test that asks. When the collected
tests need both, they boot side by side. A database of its own costs a test some 50 ms; a
virtual host of its own about 1 s (two rabbitmqctl commands), so prefer `amqp_url` with names
from `unique_name` where names suffice.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from devstack.errors import MissingPackagesError
from devstack.postgres import Database, Postgres
from devstack.rabbitmq import RabbitMQ
from devstack.stack import Stack

FreshDatabase = Callable[[], Database]
FreshVhost = Callable[[], str]

LONGEST_LABEL: Final = 30
_counter = itertools.count(1)


@pytest.fixture(scope="session")
def launched_postgres(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A PostgreSQL that may still be booting."""
    _launch_if_needed(request, "rabbitmq", "launched_rabbitmq")
    yield from _launched(postgres=True, rabbitmq=False)


@pytest.fixture(scope="session")
def launched_rabbitmq() -> Iterator[Stack]:
    """A RabbitMQ that may still be booting."""
    yield from _launched(postgres=False, rabbitmq=True)


@pytest.fixture(scope="session")
def postgres(launched_postgres: Stack) -> Postgres:
    """The session's PostgreSQL; take a `fresh_database` in it."""
    launched_postgres.wait_ready()
    return launched_postgres.postgres


@pytest.fixture(scope="session")
def rabbitmq(launched_rabbitmq: Stack) -> RabbitMQ:
    """The session's RabbitMQ. A test that kills it must restart it."""
    launched_rabbitmq.wait_ready()
    return launched_rabbitmq.rabbitmq


@pytest.fixture
def unique_name(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Return a function that gives a new name at each call: lower case letters, digits, _."""
    label = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower())[:LONGEST_LABEL].strip("_")
    return lambda: f"t{os.getpid()}_{next(_counter)}_{label}"


@pytest.fixture
def fresh_database(postgres: Postgres, unique_name: Callable[[], str]) -> Iterator[FreshDatabase]:
    """Return a function that makes an empty database at each call; dropped after the test."""
    made: list[Database] = []

    def make() -> Database:
        made.append(postgres.create_database(unique_name()))
        return made[-1]

    yield make
    for database in made:
        database.drop()


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ) -> str:
    """The address of the virtual host that all tests share: use names of your own in it."""
    return rabbitmq.url()


@pytest.fixture
def fresh_vhost(rabbitmq: RabbitMQ, unique_name: Callable[[], str]) -> FreshVhost:
    """Return a function that makes an empty virtual host and gives its AMQP address.

    It lives as long as the session's broker: to delete one costs as much as to make one.
    """
    return lambda: rabbitmq.create_vhost(unique_name())


def _launched(*, postgres: bool, rabbitmq: bool) -> Iterator[Stack]:
    try:
        stack = Stack(postgres=postgres, rabbitmq=rabbitmq)
    except MissingPackagesError as error:
        pytest.fail(str(error), pytrace=False)
    try:
        stack.launch()
        yield stack
    finally:
        stack.stop()


def _launch_if_needed(request: pytest.FixtureRequest, wanted: str, launch: str) -> None:
    names = (getattr(item, "fixturenames", ()) for item in request.session.items)
    if any(wanted in fixtures for fixtures in names):
        request.getfixturevalue(launch)
