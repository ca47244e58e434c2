"""Monthly partitions of the event log on PostgreSQL, made ahead of time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, text

__all__ = ["AHEAD", "ensure_partitions"]

AHEAD = 3  # months that are ready before they begin


def ensure_partitions(connection: Connection, today: date) -> list[str]:
    """Make the partitions of this month and the next ones; return those that were new.

    Rows of a month without a partition go to the default partition, so that
    a command never fails for lack of one; they move when the partition is
    made. Two processes may ask at once.
    """
    if connection.dialect.name != "postgresql":
        return []
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ensure_partitions'))"))
    made = []
    first = today.replace(day=1)
    for _ in range(AHEAD + 1):
        following = _next_month(first)
        name = f"outbox_{first:%Y_%m}"
        if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
            _make(connection, name, f"{first} 00:00:00+00", f"{following} 00:00:00+00")
            made.append(name)
        first = following
    return made


def _make(connection: Connection, name: str, begin: str, end: str) -> None:
    """Make the table apart and attach it: that stops nobody from reading or writing the others.

    PostgreSQL refuses a partition while the default one holds a row of it.
    """
    within = f"recorded_at >= '{begin}' AND recorded_at < '{end}'"
    run = connection.exec_driver_sql
    run(f"CREATE TABLE {name} (LIKE outbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    run(
        f"WITH moved AS (DELETE FROM outbox_default WHERE {within} RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM moved"
    )
    run(f"ALTER TABLE outbox ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')")


def _next_month(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
