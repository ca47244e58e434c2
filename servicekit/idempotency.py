"""A command under one request id has one effect and one answer.

The row is inserted at the start of the command's transaction: a second
transaction under the same key waits for the first and then finds its answer.
The answer is stored in the transaction of the effect; neither exists alone.
Rows are kept 90 days, longer than any site is offline, and then deleted in
batches: uniqueness over all time needs one table, so they cannot be dropped
by monthly partition (docs/adr).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    text,
)

from servicekit.database import UTCDateTime
from servicekit.errors import InvalidRequestError
from servicekit.events import Ownership

__all__ = [
    "KEPT_FOR",
    "Key",
    "RequestReusedError",
    "StoredAnswer",
    "begin",
    "digest",
    "expire",
    "find",
    "finish",
    "idempotency_table",
]

KEPT_FOR = timedelta(days=90)


class RequestReusedError(InvalidRequestError):
    """A request id came back with another content."""

    reason = "REQUEST_ID_REUSED"


def idempotency_table(metadata: MetaData) -> Table:
    return Table(
        "idempotency",
        metadata,
        Column("caller", Text, primary_key=True, comment="调用者（人员与岗位）"),
        Column("method", Text, primary_key=True, comment="方法"),
        Column("request_id", Text, primary_key=True, comment="请求标识"),
        Column("digest", Text, nullable=False, comment="请求内容摘要"),
        Column("answered_at", UTCDateTime, nullable=False, index=True, comment="答复时间"),
        Column("answer", LargeBinary, comment="答复；被拒绝时为空"),
        Column("refusal", LargeBinary, comment="拒绝（google.rpc.Status）；成功时为空"),
        Column("ownership", Text, nullable=False, server_default="{}", comment="归属"),
    )


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered before, and whose the thing was: authorise again first.

    `ownership` is None where the command was about nothing that anybody owns.
    """

    answer: bytes | None
    refusal: bytes | None
    ownership: Ownership | None


@dataclass(frozen=True, slots=True)
class Key:
    caller: str
    method: str
    request_id: str


_KEY = "caller = :caller AND method = :method AND request_id = :request_id"
_CLAIM = text("""
    INSERT INTO idempotency (caller, method, request_id, digest, answered_at)
    VALUES (:caller, :method, :request_id, :digest, :answered_at)
    ON CONFLICT DO NOTHING RETURNING digest""").bindparams(
    bindparam("answered_at", type_=UTCDateTime())
)
_FIND = text(f"SELECT digest, answer, refusal, ownership FROM idempotency WHERE {_KEY}")
_FINISH = text(f"""
    UPDATE idempotency SET answer = :answer, refusal = :refusal, ownership = :ownership
    WHERE {_KEY}""")
_EXPIRE = text("""
    DELETE FROM idempotency WHERE (caller, method, request_id) IN (
        SELECT caller, method, request_id FROM idempotency
        WHERE answered_at < :before ORDER BY answered_at LIMIT :most)""").bindparams(
    bindparam("before", type_=UTCDateTime())
)


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def begin(
    connection: Connection, key: Key, request_digest: str, now: datetime
) -> StoredAnswer | None:
    """Claim `key`; return the stored answer if it was answered before.

    Raises `RequestReusedError` if the same id came with another content.
    """
    values = {**_values(key), "digest": request_digest, "answered_at": now}
    if connection.execute(_CLAIM, values).first() is not None:
        return None
    return find(connection, key, request_digest)


def find(connection: Connection, key: Key, request_digest: str) -> StoredAnswer | None:
    """Return what was answered under `key`, without claiming it; raises as `begin`."""
    row = connection.execute(_FIND, _values(key)).one_or_none()
    if row is None:
        return None
    if row.digest != request_digest:
        raise RequestReusedError(
            "The request id was used for another content", request_id=key.request_id
        )
    owned = json.loads(row.ownership)
    if owned:  # answers stored before there were others lack them
        owned["others"] = tuple(owned.get("others", ()))
    return StoredAnswer(row.answer, row.refusal, Ownership(**owned) if owned else None)


def finish(
    connection: Connection,
    key: Key,
    *,
    answer: bytes | None = None,
    refusal: bytes | None = None,
    ownership: Ownership | None = None,
) -> None:
    """Store the answer (or the refusal) beside the effect."""
    owned = {} if ownership is None else asdict(ownership)
    connection.execute(
        _FINISH,
        {**_values(key), "answer": answer, "refusal": refusal, "ownership": json.dumps(owned)},
    )


def expire(connection: Connection, now: datetime, *, limit: int = 1000) -> int:
    """Delete at most `limit` answers that are older than `KEPT_FOR`; return how many."""
    return connection.execute(_EXPIRE, {"before": now - KEPT_FOR, "most": limit}).rowcount


def _values(key: Key) -> dict[str, str]:
    return {"caller": key.caller, "method": key.method, "request_id": key.request_id}
