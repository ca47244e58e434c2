"""Migrations and the partitions of the event log, where both are real."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from servicekit import migrations
from servicekit.database import make_engine
from servicekit.migrations import differences, upgrade
from servicekit.partitions import ensure_partitions
from servicekit.tests.migrated import metadata_of, services

TODAY = date(2026, 11, 22)
FIRST = services()[0].values[0]


@pytest.fixture
def engine(fresh_database):
    engine = make_engine(fresh_database().url())
    yield engine
    engine.dispose()


@pytest.fixture
def migrated(engine):
    upgrade(FIRST / "migrations", address(engine), TODAY)
    return engine


def address(engine):
    return engine.url.render_as_string(hide_password=False)


def write(engine, *instants):
    with engine.begin() as connection:
        for instant in instants:
            connection.execute(
                text(
                    "INSERT INTO outbox"
                    " (recorded_at, event_id, stream_id, seq, unit, type, envelope)"
                    " VALUES (:at, :id, 's', 1, 'u', 't.v1', '')"
                ),
                {"at": instant, "id": instant.isoformat()},
            )


def homes(engine):
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT tableoid::regclass::text, event_id FROM outbox ORDER BY recorded_at")
        )
        return [(home, event_id[:10]) for home, event_id in rows]


@pytest.mark.parametrize("folder", services())
def test_an_upgraded_database_is_what_the_models_say(folder, engine):
    upgrade(folder / "migrations", address(engine), TODAY)
    upgrade(folder / "migrations", address(engine), TODAY)
    assert differences(engine, metadata_of(folder)) == []


def test_two_processes_that_migrate_at_once_take_turns(engine):
    with ThreadPoolExecutor(2) as pool:
        for done in [
            pool.submit(upgrade, FIRST / "migrations", address(engine), TODAY) for _ in range(2)
        ]:
            done.result()
    assert inspect(engine).has_table("outbox")


def next_version(folder, statement):
    """Return migrations that have one more than the service's own."""
    shutil.copytree(FIRST / "migrations", folder)
    head = (folder / "HEAD").read_text(encoding="utf-8").strip()
    (folder / "versions" / "9001_more.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9001', {head!r}\n"
        f"def upgrade():\n    op.execute({statement!r})\n",
        encoding="utf-8",
    )
    return folder


def test_a_migration_begins_anew_when_somebody_works_on_its_table(
    migrated, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_MS", 100)
    folder = next_version(tmp_path / "migrations", "ALTER TABLE outbox ADD COLUMN more text")
    with ThreadPoolExecutor(1) as pool:
        with migrated.begin() as connection:
            connection.execute(text("SELECT count(*) FROM outbox"))
            migrating = pool.submit(upgrade, folder, address(migrated), TODAY)
            while not migrating.done() and "begins anew" not in caplog.text:
                time.sleep(0.01)
        migrating.result()
    assert "more" in {column["name"] for column in inspect(migrated).get_columns("outbox")}


def test_a_migration_that_fails_by_itself_is_not_tried_again(migrated, tmp_path, caplog):
    folder = next_version(tmp_path / "migrations", "ALTER TABLE nowhere ADD COLUMN more text")
    with pytest.raises(ProgrammingError, match="nowhere"):
        upgrade(folder, address(migrated), TODAY)
    assert "begins anew" not in caplog.text


def test_this_month_and_the_next_three_have_their_partitions(migrated):
    with migrated.begin() as connection:
        assert ensure_partitions(connection, TODAY) == []
        assert ensure_partitions(connection, date(2026, 12, 31)) == ["outbox_2027_03"]
    write(migrated, datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert homes(migrated) == [("outbox_2026_11", "2026-11-30"), ("outbox_2026_12", "2026-12-01")]


def test_rows_without_a_partition_wait_in_the_default_and_move_when_there_is_one(migrated):
    """PostgreSQL refuses a partition while the default one holds rows of it."""
    write(
        migrated,
        datetime(2027, 4, 30, tzinfo=UTC),
        datetime(2027, 5, 1, tzinfo=UTC),
        datetime(2027, 6, 30, tzinfo=UTC),
    )
    assert {home for home, _ in homes(migrated)} == {"outbox_default"}
    with migrated.begin() as connection:
        made = ensure_partitions(connection, date(2027, 2, 10))
    assert made == ["outbox_2027_03", "outbox_2027_04", "outbox_2027_05"]
    assert homes(migrated) == [
        ("outbox_2027_04", "2027-04-30"),
        ("outbox_2027_05", "2027-05-01"),
        ("outbox_default", "2027-06-30"),
    ]


def test_ids_go_on_ascending_after_rows_have_moved(migrated):
    write(migrated, datetime(2027, 4, 1, tzinfo=UTC))
    with migrated.begin() as connection:
        ensure_partitions(connection, date(2027, 3, 1))
    write(migrated, datetime(2027, 4, 2, tzinfo=UTC))
    with migrated.connect() as connection:
        ids = connection.execute(text("SELECT id FROM outbox ORDER BY recorded_at")).scalars().all()
    assert ids == [1, 2]


def test_a_made_partition_has_the_indexes_and_the_key_of_the_log(migrated):
    with migrated.begin() as connection:
        ensure_partitions(connection, date(2027, 3, 1))
    inspector = inspect(migrated)
    assert len(inspector.get_indexes("outbox_2027_06")) == len(inspector.get_indexes("outbox"))
    assert inspector.get_pk_constraint("outbox_2027_06")["constrained_columns"] == [
        "id",
        "recorded_at",
    ]


def test_two_processes_that_make_partitions_at_once_take_turns(migrated):
    def make(_):
        with migrated.begin() as connection:
            return ensure_partitions(connection, date(2028, 1, 1))

    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(make, range(3)))
    assert sorted(len(each) for each in made) == [0, 0, 4]
