"""Engines behave alike; on SQLite a savepoint is one, and readers do not stop writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, Table, Text, event, func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from servicekit.database import (
    BigId,
    UTCDateTime,
    compiled_once,
    insert_for,
    is_duplicate,
    is_sqlite,
    make_engine,
    make_read_engine,
    new_metadata,
)
from servicekit.tests.toy import tables
from servicekit.transient import is_transient

metadata = new_metadata()
moment = Table(
    "moment",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", UTCDateTime),
    Column("name", Text, unique=True),
    Column("count", Integer, nullable=False, server_default="0"),
)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.fixture
def engine(url):
    engine = make_engine(url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(moment)).scalar_one()


def test_releasing_a_savepoint_commits_nothing(engine):
    """With the driver's own transactions the first savepoint would survive the rollback."""
    with engine.connect() as connection, connection.begin() as outer:
        with connection.begin_nested():
            connection.execute(insert(moment).values(name="a"))
        outer.rollback()
    assert rows(engine) == 0


def test_rolling_back_to_a_savepoint_keeps_what_was_before(engine):
    with engine.begin() as connection:
        connection.execute(insert(moment).values(name="a"))
        nested = connection.begin_nested()
        connection.execute(insert(moment).values(name="b"))
        nested.rollback()
        connection.execute(insert(moment).values(name="c"))
    with engine.connect() as connection:
        names = connection.execute(select(moment.c.name).order_by(moment.c.name)).scalars().all()
    assert names == ["a", "c"]


def test_a_read_that_turns_into_a_write_waits_its_turn(engine):
    """With a deferred BEGIN this is "database is locked" for most of them."""
    with engine.begin() as connection:
        connection.execute(insert(moment).values(id=1, name="a"))

    def read_then_write(_):
        with engine.begin() as connection:
            count = connection.execute(select(moment.c.count)).scalar_one()
            connection.execute(moment.update().values(count=count + 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read_then_write, range(60)))
    with engine.connect() as connection:
        assert connection.execute(select(moment.c.count)).scalar_one() == 60


def test_a_reader_neither_stops_a_writer_nor_sees_half_of_what_it_did(engine, url):
    reader = make_read_engine(url)
    with reader.connect() as reading:
        count = select(func.count()).select_from(moment)
        assert reading.execute(count).scalar_one() == 0
        with engine.begin() as writing:
            writing.execute(insert(moment).values(name="a"))
        assert reading.execute(count).scalar_one() == 0, "one view for the whole transaction"
    assert rows(reader) == 1


def test_a_connection_is_kept_and_comes_back_with_nothing_open(engine):
    opened = []
    event.listen(engine, "connect", lambda *_: opened.append(1))
    engine.dispose()
    for _ in range(3):
        with engine.connect() as connection:
            connection.begin()
            connection.execute(insert(moment).values(name="left"))
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(moment)).scalar_one() == 0
    assert len(opened) == 1


def test_a_query_cannot_write(engine, url):
    with make_read_engine(url).connect() as connection, pytest.raises(OperationalError):
        connection.execute(insert(moment).values(name="a"))


def test_foreign_keys_are_enforced(engine):
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_an_instant_comes_back_as_the_same_instant_in_utc(engine):
    noon = datetime(2026, 9, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with engine.begin() as connection:
        connection.execute(insert(moment), [{"at": noon}, {"at": None}])
        found = connection.execute(select(moment.c.at).order_by(moment.c.id)).scalars().all()
    assert found == [noon, None]
    assert found[0].tzinfo is UTC


def test_an_insert_compiled_once_writes_what_it_would_have_written(engine):
    at = datetime(2026, 9, 21, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    with engine.begin() as connection:
        insertion = insert_for(connection)(moment)
        changing = insertion.on_conflict_do_update(
            index_elements=["name"], set_={"at": insertion.excluded.at}
        )
        kept = compiled_once(changing, ("name", "at"))

        connection.execute(kept, [{"name": "a", "at": at}, {"name": "b", "at": at}])
        connection.execute(kept, {"name": "a", "at": at + timedelta(days=1)})

        found = connection.execute(
            select(moment.c.name, moment.c.at, moment.c.count).order_by(moment.c.name)
        ).all()
    assert found == [("a", at + timedelta(days=1), 0), ("b", at, 0)]


def test_an_insert_compiled_once_is_the_same_on_postgresql():
    kept = compiled_once(postgresql.insert(moment).on_conflict_do_nothing(), ("name", "at"))

    assert str(kept) == "INSERT INTO moment (at, name) VALUES (:at, :name) ON CONFLICT DO NOTHING"
    assert isinstance(kept._bindparams["at"].type, UTCDateTime)


def test_an_instant_without_a_zone_is_not_stored(engine):
    with engine.begin() as connection, pytest.raises(StatementError, match="naive"):
        connection.execute(insert(moment).values(at=datetime(2026, 9, 21)))  # noqa: DTZ001


def test_a_duplicate_is_told_from_other_broken_constraints(toy):
    stream = tables.outbox.stream
    for row, duplicate in ((("a", 2), True), (("b", None), False)):
        with toy.engine.connect() as connection:
            connection.execute(insert(stream).values(("a", 1)))
            with pytest.raises(IntegrityError) as caught:
                connection.execute(insert(stream).values(row))
        assert is_duplicate(caught.value) is duplicate


def test_a_busy_file_is_trouble_that_passes(engine, url):
    impatient = make_engine(url)
    event.listen(impatient, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=1"))
    with (
        engine.begin(),
        impatient.connect() as second,
        pytest.raises(OperationalError) as caught,
    ):
        second.begin()
    assert is_transient(caught.value)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [("sqlite:///a.db", True), ("postgresql+psycopg://h/d", False), ("postgresql://h/d", False)],
)
def test_the_kind_of_a_database_is_read_from_its_address(url, is_one):
    assert is_sqlite(url) is is_one


def test_constraints_have_the_same_names_everywhere():
    [unique] = [each for each in moment.constraints if each.columns.keys() == ["name"]]
    assert unique.name == "uq_moment_name"
    assert moment.primary_key.name == "pk_moment"
