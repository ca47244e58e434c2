"""A lease: one holder at a time, judged by the database's own clock.

Used where two processes doing the same work would be wrong (the relay of a
service, its audit sealer). The epoch grows with every change of holder, so
that a holder who lost the lease without noticing can be refused (`holds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    MetaData,
    Table,
    Text,
    TextClause,
    text,
)

__all__ = ["Lease", "lease_table"]


def lease_table(metadata: MetaData) -> Table:
    return Table(
        "lease",
        metadata,
        Column("name", Text, primary_key=True, comment="工作名称"),
        Column("holder", Text, nullable=False, comment="持有进程"),
        Column("epoch", BigInteger, nullable=False, comment="届次"),
        Column("expires_at", Float, nullable=False, comment="到期（数据库时间，秒）"),
    )


_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())",
}
_ACQUIRE = """
    INSERT INTO lease AS l (name, holder, epoch, expires_at)
    VALUES (:name, :holder, 1, {now} + :ttl)
    ON CONFLICT (name) DO UPDATE SET
        epoch = CASE WHEN l.holder = excluded.holder THEN l.epoch ELSE l.epoch + 1 END,
        holder = excluded.holder,
        expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at <= {now}
    RETURNING epoch"""
_HOLDS = """
    SELECT 1 FROM lease
    WHERE name = :name AND holder = :holder AND epoch = :epoch AND expires_at > {now} {lock}"""
_RELEASE = "UPDATE lease SET expires_at = 0 WHERE name = :name AND holder = :holder"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `holder` to do the work `name` for `ttl` seconds at a time."""

    engine: Engine
    name: str
    holder: str
    ttl: float = 10.0

    def acquire(self) -> int | None:
        """Take or prolong the lease; return its epoch, or None while another holds it."""
        sql = _statement(_ACQUIRE, self.engine.dialect.name)
        with self.engine.begin() as connection:
            epoch = connection.execute(
                sql, {"name": self.name, "holder": self.holder, "ttl": self.ttl}
            ).scalar_one_or_none()
        return None if epoch is None else int(epoch)

    def renew(self) -> bool:
        """Prolong the lease; False if it went to another."""
        return self.acquire() is not None

    def holds(self, connection: Connection, epoch: int) -> bool:
        """Tell, inside the caller's transaction, whether `epoch` still holds.

        Locks the lease row, so that nobody can take it before the caller
        commits.
        """
        sql = _statement(_HOLDS, connection.dialect.name)
        found = connection.execute(
            sql, {"name": self.name, "holder": self.holder, "epoch": epoch}
        ).first()
        return found is not None

    def release(self) -> None:
        """Let another take over at once."""
        with self.engine.begin() as connection:
            connection.execute(text(_RELEASE), {"name": self.name, "holder": self.holder})


@cache
def _statement(template: str, dialect: str) -> TextClause:
    """Return the statement for a dialect; made once, because a relay asks every second."""
    lock = "FOR UPDATE" if dialect == "postgresql" else ""
    return text(template.format(now=_NOW[dialect], lock=lock))
