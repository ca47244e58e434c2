"""Engines and column types that behave alike on SQLite and PostgreSQL.

SQLite: WAL, and an explicit BEGIN IMMEDIATE instead of the driver's own
implicit transactions. With the default driver a RELEASE of a savepoint
commits, and a read that turns into a write fails under concurrency.
PostgreSQL: psycopg 3 in processes with threads, psycopg2 under eventlet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Insert,
    Integer,
    MetaData,
    Table,
    TextClause,
    bindparam,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import IntegrityError, InvalidatePoolError
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = [
    "BigId",
    "UTCDateTime",
    "compiled_once",
    "insert_for",
    "is_duplicate",
    "is_sqlite",
    "make_engine",
    "make_read_engine",
    "new_metadata",
    "one_of",
]

STATEMENT_TIMEOUT_MS: Final = 10_000
LOCK_TIMEOUT_MS: Final = 5_000
POOL_TIMEOUT_S: Final = 5
ASKED_AFTER_S: Final = 1.0  # a connection idle for longer is asked whether it still lives

_POSTGRES_DUPLICATE: Final = "23505"
_SQLITE_DUPLICATES: Final = frozenset({1555, 2067})  # CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE

_INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

# An identity column: SQLite counts only INTEGER PRIMARY KEY by itself.
BigId = BigInteger().with_variant(Integer(), "sqlite")

_NAMING = {
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}


def new_metadata() -> MetaData:
    """Return metadata whose constraints have the same names on every database."""
    return MetaData(naming_convention=_NAMING)


def one_of(kind: type[Any]) -> Enum:
    """Return the column type of the members of `kind`: text, for both databases alike."""
    return Enum(kind, native_enum=False, length=20)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. SQLite keeps no zone, so what it returns is marked as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True))


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def is_duplicate(error: IntegrityError) -> bool:
    """Tell a row that exists already from every other broken constraint."""
    cause = error.orig
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return (
        code == _POSTGRES_DUPLICATE
        or getattr(cause, "sqlite_errorcode", None) in _SQLITE_DUPLICATES
    )


def insert_for(connection: Connection) -> Callable[[Table], Any]:
    """Return the `insert` of the connection's database, whose statements have ON CONFLICT.

    The two dialects share no type that says so, hence `Any`.
    """
    return _INSERTS[connection.dialect.name]


def compiled_once(statement: Insert, names: Iterable[str]) -> TextClause:
    """Return an INSERT of `insert_for`, of the columns `names`, as text: to be kept.

    SQLAlchemy keeps the compiled form of the statements that it can compare, and an
    INSERT with ON CONFLICT is not among them: it would be compiled at each execution.
    """
    module = postgresql if isinstance(statement, postgresql.Insert) else sqlite
    dialect: Dialect = module.dialect(paramstyle="named")
    compiled = statement.inline().compile(dialect=dialect, column_keys=list(names))
    typed = [bindparam(name, type_=bound.type) for name, bound in compiled.binds.items()]
    return text(str(compiled)).bindparams(*typed)


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return the engine for commands: every transaction of it may write.

    `pool_size` is a bound, not a hint: a caller beyond it waits five seconds
    and is then refused.
    """
    if is_sqlite(url):
        return _sqlite_engine(url, begin="BEGIN IMMEDIATE")
    return _postgres_engine(url, pool_size)


def make_read_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine for queries; a query that writes is refused by the database.

    On SQLite readers need their own in any case: a connection that began
    IMMEDIATE holds the write lock for as long as it is open. On PostgreSQL each
    statement is a transaction of its own: READ COMMITTED would give each its own
    snapshot anyway, and BEGIN and ROLLBACK are two round trips for every query.
    """
    if is_sqlite(url):
        return _sqlite_engine(url, "PRAGMA query_only=ON", begin="BEGIN DEFERRED")
    read_only = "default_transaction_read_only=on"
    return _postgres_engine(url, pool_size, read_only, isolation_level="AUTOCOMMIT")


def _postgres_engine(
    url: str, pool_size: int, *more: str, isolation_level: IsolationLevel = "READ COMMITTED"
) -> Engine:
    timeouts = (f"statement_timeout={STATEMENT_TIMEOUT_MS}", f"lock_timeout={LOCK_TIMEOUT_MS}")
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=1800,
        isolation_level=isolation_level,
        connect_args={
            "connect_timeout": 5,
            "options": " ".join(f"-c {setting}" for setting in (*timeouts, *more)),
        },
    )
    _ask_the_idle(engine)
    return engine


def _ask_the_idle(engine: Engine) -> None:
    """Ask a connection that was idle whether it still lives, before it is used.

    SQLAlchemy's own pre-ping asks at every checkout: a round trip per command
    for nothing, since a connection used a moment ago rarely died meanwhile.
    Where it did, that one call is UNAVAILABLE and the pool begins anew.
    """

    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        idle_since = record.info.get("idle_since")
        if idle_since is None or time.monotonic() - idle_since < ASKED_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", on_checkin)
    event.listen(engine, "checkout", on_checkout)


def _sqlite_engine(url: str, *pragmas: str, begin: str) -> Engine:
    # A connection reads the whole schema when it opens: ten times the work of a small
    # transaction. So a few stay open; there is no bound, who is beyond them opens one more.
    engine = create_engine(
        url, poolclass=QueuePool, max_overflow=-1, connect_args={"timeout": 30.0}
    )
    always = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON")

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*always, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine
