"""What was done, by whom, with what outcome: one row in the transaction that did it.

Rows are written unchained, so that two commands never wait for each other. `audit_sealer` chains
them afterwards under a key that the database does not know.

Source: GB/T 22239-2019 8.1.4.3 安全审计; 网络安全法 第二十一条第三项.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Engine,
    Identity,
    Insert,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from servicekit.database import BigId, UTCDateTime

__all__ = [
    "AuditEntry",
    "AuditTables",
    "append",
    "audit_tables",
    "canonical",
    "ddl_append_only",
    "unsealed",
    "unsealed_age",
]

_COLUMNS: Final = (
    "actor",
    "assignment",
    "service",
    "action",
    "subject",
    "outcome",
    "detail",
    "trace_id",
)
_WRITTEN: Final = ("recorded_at", *_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done or refused.

    `detail` is JSON text, kept to the letter because it is chained to the letter. It holds no
    personal data in clear: where a value matters, its blind index does.
    """

    recorded_at: datetime
    actor: str
    action: str
    outcome: str
    assignment: str = ""
    service: str = ""
    subject: str = ""
    detail: str = "{}"
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditTables:
    """The tables, and the statement that writes a row: it is built and compiled once."""

    audit: Table
    seal: Table
    insert: Insert = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "insert", self.audit.insert())


def audit_tables(metadata: MetaData) -> AuditTables:
    """Add the audit tables to `metadata`. Both are append-only (`ddl_append_only`)."""
    audit = Table(
        "audit",
        metadata,
        Column("id", BigId, Identity(always=True), primary_key=True, comment="写入次序"),
        Column("recorded_at", UTCDateTime, nullable=False, index=True, comment="记录时间"),
        Column("actor", Text, nullable=False, comment="操作人"),
        Column("assignment", Text, nullable=False, comment="任职"),
        Column("service", Text, nullable=False, comment="服务"),
        Column("action", Text, nullable=False, comment="操作"),
        Column("subject", Text, nullable=False, index=True, comment="对象"),
        Column("outcome", Text, nullable=False, comment="结果"),
        Column("detail", Text, nullable=False, comment="详情（JSON 原文）"),
        Column("trace_id", Text, nullable=False, comment="调用链标识"),
        # A number that was given once never names another row, even if the last row is deleted.
        sqlite_autoincrement=True,
    )
    seal = Table(
        "audit_seal",
        metadata,
        Column(
            "seq",
            BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="封存序号，自 1 起连续",
        ),
        # No foreign key: a deleted row must leave its seal behind as the proof.
        Column("audit_id", BigInteger, nullable=False, unique=True, comment="审计记录"),
        Column("key_id", Text, nullable=False, comment="密钥标识"),
        Column("mac", LargeBinary, nullable=False, comment="链式校验值（HMAC-SM3）"),
    )
    return AuditTables(audit, seal)


def append(connection: Connection | Session, tables: AuditTables, entry: AuditEntry) -> None:
    """Write the entry into the caller's transaction, with one INSERT."""
    connection.execute(tables.insert, {name: getattr(entry, name) for name in _WRITTEN})


def canonical(row: Row[Any]) -> bytes:
    """Return the one spelling of a row of `audit` that its seal is computed over."""
    mapping = row._mapping  # noqa: SLF001 - SQLAlchemy's public way to columns by name
    recorded_at = mapping["recorded_at"].astimezone(UTC).isoformat(timespec="microseconds")
    values = [mapping["id"], recorded_at, *(mapping[name] for name in _COLUMNS)]
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode()


def unsealed(
    tables: AuditTables,
    *columns: Any,
    above: int | BindParameter[int] = 0,
    upto: int | BindParameter[int] | None = None,
) -> Select[Any]:
    """Select rows without a seal, those with ids in (above, upto] only.

    A row may commit after rows with greater ids, so "above the last sealed id" would miss it.
    """
    audit, seal = tables.audit, tables.seal
    rows = (
        select(*(columns or (audit,)))
        .select_from(audit.outerjoin(seal, seal.c.audit_id == audit.c.id))
        .where(seal.c.audit_id.is_(None), audit.c.id > above)
    )
    return rows if upto is None else rows.where(audit.c.id <= upto)


def unsealed_age(
    engine: Engine, tables: AuditTables, now: datetime, *, above: int = 0
) -> timedelta:
    """Return for how long the oldest unsealed row has been waiting; zero if none is."""
    with engine.connect() as connection:
        oldest = connection.execute(_oldest(tables), {"above": above}).scalar()
    return timedelta(0) if oldest is None else max(now - oldest, timedelta(0))


@cache
def _oldest(tables: AuditTables) -> Select[Any]:
    return unsealed(tables, func.min(tables.audit.c.recorded_at), above=bindparam("above"))


def ddl_append_only(dialect: str) -> tuple[str, ...]:
    """Return the statements that make both tables refuse UPDATE, DELETE and TRUNCATE.

    They stop mistakes and stolen application passwords. Whoever owns the database can drop them:
    against that person stand the chain and the checkpoints.
    """
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in ("audit", "audit_seal")
            for verb in ("UPDATE", "DELETE")
        )
    if dialect != "postgresql":
        raise ValueError(f"no triggers are written for {dialect}")
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    triggers = (
        f"CREATE TRIGGER {table}_{name} BEFORE {verbs} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION refuse_change()"
        for table in ("audit", "audit_seal")
        for name, verbs, level in (
            ("no_change", "UPDATE OR DELETE", "ROW"),
            ("no_truncate", "TRUNCATE", "STATEMENT"),
        )
    )
    return (function, *triggers)
