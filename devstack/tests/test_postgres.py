from __future__ import annotations

import os
import pwd
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from devstack.errors import DevstackError, ProcessDiedError
from devstack.ports import is_listening
from devstack.postgres import Postgres
from devstack.pytest_plugin import FreshDatabase
from devstack.stack import Stack


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_fresh_database_answers_by_both_drivers(fresh_database: FreshDatabase, driver: str):
    engine = sa.create_engine(fresh_database().url(driver))
    with engine.begin() as connection:
        assert (
            connection.scalar(sa.text("SELECT count(*) FROM pg_tables WHERE schemaname='public'"))
            == 0
        )
        assert connection.scalar(sa.text("SHOW fsync")) == "on"
        assert connection.scalar(sa.text("SHOW server_encoding")) == "UTF8"
        assert connection.scalar(sa.text("SHOW timezone")) == "UTC"
    engine.dispose()


def test_two_fresh_databases_share_nothing(fresh_database: FreshDatabase, postgres: Postgres):
    first, second = fresh_database(), fresh_database()

    assert {first.name, second.name} <= set(postgres.database_names())
    assert first.name != second.name


def test_a_database_made_from_a_template_holds_its_tables(
    fresh_database: FreshDatabase, postgres: Postgres
):
    template = fresh_database()
    execute(template.url(), "CREATE TABLE 件 (n int)", "INSERT INTO 件 VALUES (7)")

    copy = postgres.create_database(f"{template.name}_copy"[:63], template=template.name)

    assert fetch(copy.url(), "SELECT n FROM 件") == [(7,)]
    copy.drop()


def test_a_database_is_dropped_even_while_somebody_uses_it(postgres: Postgres):
    database = postgres.create_database("in_use")
    with psycopg.connect(libpq(database.url())):
        database.drop()

    assert "in_use" not in postgres.database_names()


@pytest.mark.parametrize("name", ["", "A", "a-b", "1a", "a" * 64, 'a"; DROP DATABASE b'])
def test_a_name_that_is_none_is_refused(postgres: Postgres, name: str):
    with pytest.raises(DevstackError, match="is no database name"):
        postgres.create_database(name)


def test_nobody_gets_in_without_the_password(postgres: Postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host="127.0.0.1", port=postgres.port, user="liandong", password="x", dbname="postgres"
        )


def test_the_server_never_runs_as_root(postgres: Postgres):
    (record,) = postgres.records()
    owner = Path(f"/proc/{record.identity.pid}").stat().st_uid

    assert owner != 0
    if os.geteuid() == 0:
        assert pwd.getpwuid(owner).pw_name == "postgres"


def test_a_row_survives_a_kill_and_the_files_of_another_start():
    with Stack(rabbitmq=False) as stack:
        server = stack.postgres
        url = server.create_database("intake").url()
        execute(url, "CREATE TABLE receipt (n int)", "INSERT INTO receipt VALUES (42)")
        backend = psycopg.connect(libpq(url))

        server.kill()

        assert not server.alive()
        assert server.records() == []
        assert not is_listening(server.port)
        with pytest.raises(psycopg.OperationalError):
            backend.execute("SELECT 1")
        backend.close()
        server.restart()
        assert fetch(url, "SELECT n FROM receipt") == [(42,)]

        server.stop()
        assert not is_listening(server.port)
        with Postgres(server.folder) as later:
            assert later.port != server.port
            assert fetch(later.url("intake"), "SELECT n FROM receipt") == [(42,)]
        assert not later.alive()
    assert not server.folder.exists()


def test_a_server_that_cannot_have_its_port_says_so(postgres: Postgres):
    with Stack(rabbitmq=False) as stack:
        stack.postgres.stop()
        rival = Postgres(stack.postgres.folder, port=postgres.port)

        with pytest.raises(ProcessDiedError, match=f"(?s)Address already in use.*{postgres.port}"):
            rival.start()


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def fetch(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(libpq(url)) as connection:
        return connection.execute(statement).fetchall()


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
