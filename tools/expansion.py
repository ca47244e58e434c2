"""Finds what a migration takes from the version that runs on while it is applied.

A migration runs under the version before it, and a roll back leaves that version on the new schema:
so a release only adds. What would make a statement of the version before fail is found by comparing
the schema before and after every migration, on SQLite; what is done on PostgreSQL alone, is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Inspector

from servicekit.database import make_engine

__all__ = ["EXEMPT", "Table", "expansion_problems", "narrowings"]

# Migrations that do more than add, and why that is right or what an operator must do. A release
# that drops what nobody has used since the one before it is named here, too.
EXEMPT: Final = {
    ("intake", "0002"): "a version before it numbers no bundles, and breaks none of the new checks",
    ("delivery", "0002"): "the check of an offer's answer takes one more state, LAPSED",
    ("review", "0002"): "makes its tables anew: every process of review is stopped before it",
}


@dataclass(frozen=True, slots=True)
class Table:
    """What statements of an older version rely on, of one table."""

    columns: dict[str, str]  # each with its type
    required: frozenset[str]  # those an INSERT must name or may not leave null
    key: tuple[str, ...]
    rules: frozenset[str]  # checks, and what must be unique or refer to something

    @classmethod
    def of(cls, inspector: Inspector, name: str) -> Table:
        found: list[Any] = list(inspector.get_columns(name))
        unique = {tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)}
        unique |= {
            tuple(str(column) for column in index["column_names"])
            for index in inspector.get_indexes(name)
            if index["unique"]
        }
        checks = {
            " ".join(each["sqltext"].split()) for each in inspector.get_check_constraints(name)
        }
        keys = {
            f"{', '.join(each['constrained_columns'])} refers to {each['referred_table']}"
            for each in inspector.get_foreign_keys(name)
        }
        return cls(
            columns={each["name"]: str(each["type"]) for each in found},
            required=frozenset(
                each["name"] for each in found if not each["nullable"] and each["default"] is None
            ),
            key=tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
            rules=frozenset(
                {f"check {each}" for each in checks}
                | {f"unique {', '.join(each)}" for each in unique}
                | keys
            ),
        )


Schema = dict[str, Table]


def narrowings(before: Schema, after: Schema) -> Iterator[str]:
    """Yield what the version that knows `before` could no longer do on `after`."""
    for name, old in before.items():
        if name in after:
            yield from _of_columns(name, old, after[name])
            yield from _of_rules(name, old, after[name])
        else:
            yield f"table {name} is gone"


def _of_columns(name: str, old: Table, new: Table) -> Iterator[str]:
    for column, kind in old.columns.items():
        if column not in new.columns:
            yield f"column {name}.{column} is gone"
        elif new.columns[column] != kind:
            yield f"column {name}.{column} is {new.columns[column]}, was {kind}"
    for column in sorted(new.required - old.required):
        yield f"column {name}.{column} must be given a value"


def _of_rules(name: str, old: Table, new: Table) -> Iterator[str]:
    if new.key != old.key:
        yield f"key of {name} is {', '.join(new.key)}, was {', '.join(old.key)}"
    for rule in sorted(new.rules - old.rules):
        yield f"rule of {name} is new: {rule}"
    # ON CONFLICT of the older version names what is unique.
    for rule in sorted(old.rules - new.rules):
        if rule.startswith("unique "):
            yield f"rule of {name} is gone: {rule}"


def expansion_problems(service: str, migrations: Path, folder: Path) -> list[str]:
    """Return what the migrations of a service take away, but those that are exempt."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    revisions = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    engine = make_engine(f"sqlite:///{folder / service}.expansion.db")
    found: list[str] = []
    try:
        before: Schema = {}
        for revision in reversed(revisions):
            with engine.connect() as connection:
                _let_tables_be_rebuilt(connection)
                with connection.begin():
                    config.attributes["connection"] = connection
                    command.upgrade(config, revision)
                after = _schema(connection)
            taken = list(narrowings(before, after))
            if (service, revision) not in EXEMPT:
                found += [f"{service} {revision} does not only add: {each}" for each in taken]
            elif not taken:
                found.append(f"{service} {revision} only adds: it is no exception")
            before = after
    finally:
        engine.dispose()
    return found


def _let_tables_be_rebuilt(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")


def _schema(connection: Connection) -> Schema:
    inspector = inspect(connection)
    return {
        name: Table.of(inspector, name)
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
