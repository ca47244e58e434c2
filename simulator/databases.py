"""Databases whose every commit is a place where a process may die, and that are fast.

An engine is made once for each database and kept for all schedules: what it
remembers is compiled SQL, and compiling it anew would be half of the time.
Its connections end with the schedule, and the files below are exchanged.
Transactions begin past SQLAlchemy: a third of all statements is nothing else.
Nothing is flushed to the disk, because here processes die, and machines do not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Protocol
from unittest.mock import patch

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from servicekit.crypto import KeyStore
from servicekit.texts import DocumentTemplates, MessageCatalogue

__all__ = ["Commits", "Databases", "database_away"]

PRINTING = "services.intake.entrypoints.jobs"
WRITES = ("INSERT INTO outbox ", "INSERT INTO job ")
# What every service writes for itself: nothing of it is ever shown to a caller.
UNSHOWN = frozenset(
    [
        "audit",
        "audit_seal",
        "held_event",
        "idempotency",
        "job",
        "lease",
        "outbox",
        "outbox_head",
        "outbox_stream",
        "stream_position",
    ]
)


class Commits(Protocol):
    """Who is told what happens in the databases."""

    def begins(self, transaction: int) -> None: ...
    def before_commit(self, database: str) -> None: ...
    def after_commit(self, database: str) -> None: ...
    def ends(self, transaction: int) -> None: ...
    def writes(self, database: str, what: str) -> None: ...
    def shows(self, database: str) -> None: ...
    def now(self) -> float: ...


def database_away() -> sqlite3.OperationalError:
    """Return the error of a database that cannot be written at this moment."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


@cache
def _written(statement: str) -> str:
    """Return the table that a statement writes; that of a query counts as unshown."""
    words = statement.split(None, 3)
    if words[0] == "UPDATE":
        return words[1]
    return words[2] if words[0] in ("INSERT", "DELETE") else "audit"


class Databases:
    """Makes the engines of a simulation and tells `observer` of their commits."""

    def __init__(self) -> None:
        self.observer: Commits | None = None
        self._engines: dict[tuple[str, str], Engine] = {}
        self._loaded: dict[tuple[object, ...], Any] = {}

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let services opened in this block get these engines and share what never changes."""
        with ExitStack() as stack:
            for name, instead in (("make_engine", self._write), ("make_read_engine", self._read)):
                stack.enter_context(patch(f"servicekit.service.{name}", instead))
            for owner in (KeyStore, MessageCatalogue):
                stack.enter_context(patch.object(owner, "load", self._once(owner.load)))
            templates = self._once(DocumentTemplates)
            stack.enter_context(patch(f"{PRINTING}.DocumentTemplates", templates))
            yield

    def close(self) -> None:
        """Close every connection, before the files below them are exchanged."""
        for engine in self._engines.values():
            engine.dispose()

    def _once(self, load: Any) -> Any:
        def loaded(*arguments: object) -> Any:
            key = (load, *arguments)
            if key not in self._loaded:
                self._loaded[key] = load(*arguments)
            return self._loaded[key]

        return loaded

    def _write(self, url: str, *, pool_size: int = 5) -> Engine:
        return self._engine(url, "BEGIN IMMEDIATE")

    def _read(self, url: str, *, pool_size: int = 5) -> Engine:
        return self._engine(url, "BEGIN DEFERRED")

    def _engine(self, url: str, begin: str) -> Engine:
        engine = self._engines.get((url, begin))
        if engine is None:
            engine = create_engine(
                url, poolclass=QueuePool, pool_size=10, connect_args={"timeout": 0.2}
            )
            self._engines[url, begin] = engine
            self._observe(engine, begin)
        return engine

    def _observe(self, engine: Engine, begin: str) -> None:
        database = str(make_url(engine.url).database).rpartition("/")[2].removesuffix(".db")

        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA foreign_keys=ON")
            if "DEFERRED" in begin:
                connection.execute("PRAGMA query_only=ON")
            connection.create_function("julianday", -1, self._julian_day)

        def on_statement(_connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
            if self.observer is None:
                return
            if statement.startswith(WRITES):
                self.observer.writes(database, statement.split()[2])
            elif _written(statement) not in UNSHOWN:
                self.observer.shows(database)

        event.listen(engine, "connect", on_connect)
        if "IMMEDIATE" in begin:
            event.listen(engine, "before_cursor_execute", on_statement)
            self._hook(engine, begin, database)
        else:
            dialect: Any = engine.dialect
            dialect.do_begin = lambda connection: connection.execute(begin)

    def _julian_day(self, *_arguments: object) -> float:
        if self.observer is None:
            raise RuntimeError("no schedule is running")
        return self.observer.now()

    def _hook(self, engine: Engine, begin: str, database: str) -> None:
        dialect: Any = engine.dialect
        commit, rollback = dialect.do_commit, dialect.do_rollback

        def do_begin(connection: Any) -> None:
            connection.execute(begin)
            if self.observer is not None:
                self.observer.begins(id(connection))

        def do_commit(connection: Any) -> None:
            if self.observer is not None:
                try:
                    self.observer.before_commit(database)
                except sqlite3.OperationalError:
                    do_rollback(connection)  # the connection goes on, the transaction does not
                    raise
            commit(connection)
            if self.observer is not None:
                self.observer.ends(id(connection))
                self.observer.after_commit(database)

        def do_rollback(connection: Any) -> None:
            rollback(connection)
            if self.observer is not None:
                self.observer.ends(id(connection))

        dialect.do_begin, dialect.do_commit, dialect.do_rollback = do_begin, do_commit, do_rollback
