"""Reads a database as it was at one instant, by plain SQL, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

__all__ = ["Database", "opened"]

_PAGE = 1000  # rows fetched at once


class Database:
    """One service's database in a transaction that reads."""

    def __init__(self, service: str, connection: Connection) -> None:
        self.service = service
        self._connection = connection

    def rows(self, sql: str, **values: Any) -> Iterator[dict[str, Any]]:
        """Return the rows of a statement that both dialects understand."""
        paged = {"yield_per": _PAGE}
        with self._connection.execute(text(sql), values, execution_options=paged) as result:
            for row in result.mappings():
                yield dict(row)

    def row(self, sql: str, **values: Any) -> dict[str, Any]:
        """Return the one row of a statement that has exactly one."""
        return dict(self._connection.execute(text(sql), values).mappings().one())

    def one(self, sql: str, **values: Any) -> Any:
        """Return the first value of the first row, None without one."""
        return self._connection.execute(text(sql), values).scalar()

    def day(self, value: date) -> date | str:
        """Return a day as a parameter that can be compared with a column of days."""
        return value if self._connection.dialect.name == "postgresql" else value.isoformat()

    def start_again(self) -> None:
        """Leave a transaction that an error has spoilt."""
        self._connection.rollback()
        _begin(self._connection)


@contextmanager
def opened(urls: Mapping[str, str]) -> Iterator[dict[str, Database]]:
    """Open all databases for the time of the block."""
    with ExitStack() as stack:
        found = {}
        for service, url in urls.items():
            engine = _engine(url)
            stack.callback(engine.dispose)
            connection = stack.enter_context(engine.connect())
            _begin(connection)
            found[service] = Database(service, connection)
        yield found


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args={"timeout": 30.0})
    return create_engine(url, poolclass=NullPool)


def _begin(connection: Connection) -> None:
    """Begin a transaction whose statements all see the same state."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        # The driver would begin a transaction by itself only before a write; there is none here.
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
