"""The tables of the consumer side, and the statements on them.

Plain SQL that SQLite and PostgreSQL both accept. Whether anything is held must
come from the locked position row (`highest`) and never from a sub-select in
the claim: that would see the snapshot from before the wait for the lock, and
leave an event held for ever. It needs READ COMMITTED and a select of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    text,
)

from servicekit.database import UTCDateTime

__all__ = ["StreamTables", "stream_tables"]


@dataclass(frozen=True, slots=True)
class StreamTables:
    position: Table
    held: Table


def stream_tables(metadata: MetaData) -> StreamTables:
    """Add the tables of the consumer side to `metadata`."""

    def key() -> list[Column[str]]:
        return [
            Column("consumer", Text, primary_key=True, comment="消费方"),
            Column("source", Text, primary_key=True, comment="来源服务"),
            Column("stream_id", Text, primary_key=True, comment="事件流"),
        ]

    position = Table(
        "stream_position",
        metadata,
        *key(),
        Column("seq", BigInteger, nullable=False, comment="已处理的最后序号"),
        Column("highest", BigInteger, nullable=False, comment="见过的最大序号"),
        Column("stopped", Boolean, nullable=False, comment="因处理失败而停止"),
    )
    held = Table(
        "held_event",
        metadata,
        *key(),
        Column("seq", BigInteger, primary_key=True, autoincrement=False, comment="流内序号"),
        Column("failure", Text, comment="失败原因；为空表示只是先到"),
        Column("held_at", UTCDateTime, nullable=False, comment="留存时间"),
        Column("body", LargeBinary, nullable=False, comment="信封原文"),
    )
    Index(
        "ix_held_event_failed",
        held.c.consumer,
        postgresql_where=text("failure IS NOT NULL"),
        sqlite_where=text("failure IS NOT NULL"),
    )
    return StreamTables(position, held)


_THIS = "consumer = :consumer AND source = :source AND stream_id = :stream_id"
# No row back means a duplicate; seq = :seq means "it is yours"; otherwise hold it.
CLAIM = text("""
    INSERT INTO stream_position AS p (consumer, source, stream_id, seq, highest, stopped)
    VALUES (:consumer, :source, :stream_id, CASE WHEN :seq = 1 THEN 1 ELSE 0 END, :seq, false)
    ON CONFLICT (consumer, source, stream_id) DO UPDATE SET
        seq = CASE WHEN excluded.highest = p.seq + 1 AND NOT p.stopped
              THEN excluded.highest ELSE p.seq END,
        highest = CASE WHEN excluded.highest > p.highest
                  THEN excluded.highest ELSE p.highest END
    WHERE excluded.highest > p.seq
    RETURNING seq, highest""")
HOLD = text("""
    INSERT INTO held_event AS h (consumer, source, stream_id, seq, failure, held_at, body)
    VALUES (:consumer, :source, :stream_id, :seq, :failure, :held_at, :body)
    ON CONFLICT (consumer, source, stream_id, seq)
    DO UPDATE SET failure = excluded.failure, held_at = excluded.held_at
    WHERE excluded.failure IS NOT NULL""").bindparams(bindparam("held_at", type_=UTCDateTime()))
STOP = text(f"UPDATE stream_position SET seq = :seq - 1, stopped = true WHERE {_THIS}")
RELEASE = text(f"""
    UPDATE stream_position SET stopped = false WHERE {_THIS} RETURNING seq, highest""")
LOCK = text(f"""
    UPDATE stream_position SET seq = seq WHERE {_THIS} AND NOT stopped RETURNING seq, highest""")
ADVANCE = text(f"UPDATE stream_position SET seq = :seq WHERE {_THIS}")
# Without the EXISTS every applied event would read all bodies held behind a gap.
HELD = text(f"""
    SELECT seq, body FROM held_event WHERE {_THIS} AND seq > :seq
    AND EXISTS (SELECT 1 FROM held_event WHERE {_THIS} AND seq = :seq + 1)
    ORDER BY seq LIMIT :page""")
DRAINED = text(f"DELETE FROM held_event WHERE {_THIS} AND seq <= :seq")
READY = text("""
    SELECT h.source, h.stream_id FROM held_event h
    JOIN stream_position p ON p.consumer = h.consumer AND p.source = h.source
        AND p.stream_id = h.stream_id AND h.seq = p.seq + 1
    WHERE h.consumer = :consumer AND NOT p.stopped
    ORDER BY h.source, h.stream_id LIMIT :streams""")
# A second delivery of an event that was held may have overtaken the drain.
TIDY = text("""
    DELETE FROM held_event WHERE consumer = :consumer AND seq <= (
        SELECT p.seq FROM stream_position p WHERE p.consumer = held_event.consumer
        AND p.source = held_event.source AND p.stream_id = held_event.stream_id)""")
SEED = text("""
    INSERT INTO stream_position AS p (consumer, source, stream_id, seq, highest, stopped)
    VALUES (:consumer, :source, :stream_id, :seq, :seq, false)
    ON CONFLICT (consumer, source, stream_id) DO UPDATE SET
        seq = excluded.seq, stopped = false,
        highest = CASE WHEN excluded.highest > p.highest
                  THEN excluded.highest ELSE p.highest END
    WHERE excluded.seq > p.seq""")
