"""Runs the migrations of a service, one purpose each, with lock and statement timeouts."""

from __future__ import annotations

import logging
import time
from datetime import date
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import OperationalError

from servicekit.database import LOCK_TIMEOUT_MS, make_engine
from servicekit.partitions import ensure_partitions

__all__ = ["differences", "run_environment", "upgrade"]

log = logging.getLogger(__name__)

PATIENCE_S = 300  # for another process that migrates, and for one statement of a migration
_IN_EACH_OTHERS_WAY = ("40P01", "55P03")  # PostgreSQL: a deadlock; a lock not got in time


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def upgrade(migrations: Path, url: str, today: date) -> None:
    """Bring the database at `url` up to the newest version, all at once or not at all.

    The version of before works on meanwhile, and both lock tables. When they are in each other's
    way the migration gives up its locks and begins anew, until its patience ends.
    """
    engine = make_engine(url, pool_size=1)
    limit = time.monotonic() + PATIENCE_S
    try:
        while True:
            try:
                _upgrade_at_once(engine, migrations, today)
                break
            except OperationalError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in _IN_EACH_OTHERS_WAY or time.monotonic() > limit:
                    raise
                log.warning("others hold what the migration locks (%s): it begins anew", state)
    finally:
        engine.dispose()


def _upgrade_at_once(engine: Engine, migrations: Path, today: date) -> None:
    config = _config(migrations)
    with engine.connect() as connection:
        _let_tables_be_rebuilt(connection)
        with connection.begin():
            _wait_for_the_turn(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            ensure_partitions(connection, today)
            _require_whole(connection)


def _let_tables_be_rebuilt(connection: Connection) -> None:
    """Let SQLite drop and rename a table that others refer to: it alters most tables so.

    Possible before the transaction only; what refers to nothing then is found before its end.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")


def _require_whole(connection: Connection) -> None:
    """Refuse to commit a migration after which a row refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the migration leaves rows without what they refer to: {broken}")


def _wait_for_the_turn(connection: Connection) -> None:
    """Let one process migrate at a time; SQLite's BEGIN IMMEDIATE does it by itself.

    Waiting for the other process may take long; a table that is in use may not.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE_S}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrate'))"))
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))


def run_environment(metadata: MetaData) -> None:
    """Run the migrations on the connection that `upgrade` opened; called by every env.py."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()


def differences(engine: Engine, metadata: MetaData) -> list[Any]:
    """Return what the models have and the migrated database has not, and the other way round."""
    with engine.connect() as connection:
        found = compare_metadata(
            MigrationContext.configure(
                connection,
                opts={"include_object": _is_ours, "compare_type": True},
            ),
            metadata,
        )
    return [difference for difference in found if not _is_comment(difference)]


def _is_ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    return not (
        kind == "table" and name is not None and name.startswith(("outbox_2", "outbox_default"))
    )


def _is_comment(difference: Any) -> bool:
    first = difference[0] if isinstance(difference, list) else difference
    return bool(first[0] in {"modify_comment", "add_table_comment"})
