"""The kit's tables in a service's database, as migrations make them.

What stands here has been released and is never changed: a later version of
the kit's tables is a function of its own, called by a migration of its own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from servicekit.audit import ddl_append_only
from servicekit.database import BigId, UTCDateTime

__all__ = ["create_kit_tables"]


def create_kit_tables() -> None:
    """Create version 1 of the kit's tables; the audit can only be appended to."""
    _create_audit()
    _create_streams()
    _create_commands()
    _create_jobs()
    _create_outbox()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BigId, sa.Identity(always=True), nullable=False, comment="写入次序"),
        sa.Column("recorded_at", UTCDateTime(), nullable=False, comment="记录时间"),
        sa.Column("actor", sa.Text(), nullable=False, comment="操作人"),
        sa.Column("assignment", sa.Text(), nullable=False, comment="任职"),
        sa.Column("service", sa.Text(), nullable=False, comment="服务"),
        sa.Column("action", sa.Text(), nullable=False, comment="操作"),
        sa.Column("subject", sa.Text(), nullable=False, comment="对象"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="结果"),
        sa.Column("detail", sa.Text(), nullable=False, comment="详情（JSON 原文）"),
        sa.Column("trace_id", sa.Text(), nullable=False, comment="调用链标识"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_recorded_at"), "audit", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column(
            "seq",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="封存序号，自 1 起连续",
        ),
        sa.Column("audit_id", sa.BigInteger(), nullable=False, comment="审计记录"),
        sa.Column("key_id", sa.Text(), nullable=False, comment="密钥标识"),
        sa.Column("mac", sa.LargeBinary(), nullable=False, comment="链式校验值（HMAC-SM3）"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seal_audit_id")),
    )
    for statement in ddl_append_only(op.get_bind().dialect.name):
        op.execute(statement)


def _create_streams() -> None:
    op.create_table(
        "held_event",
        sa.Column("consumer", sa.Text(), nullable=False, comment="消费方"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源服务"),
        sa.Column("stream_id", sa.Text(), nullable=False, comment="事件流"),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False, comment="流内序号"),
        sa.Column("failure", sa.Text(), nullable=True, comment="失败原因；为空表示只是先到"),
        sa.Column("held_at", UTCDateTime(), nullable=False, comment="留存时间"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="信封原文"),
        sa.PrimaryKeyConstraint(
            "consumer", "source", "stream_id", "seq", name=op.f("pk_held_event")
        ),
    )
    op.create_index(
        "ix_held_event_failed",
        "held_event",
        ["consumer"],
        unique=False,
        postgresql_where=sa.text("failure IS NOT NULL"),
        sqlite_where=sa.text("failure IS NOT NULL"),
    )
    op.create_table(
        "outbox_head",
        sa.Column("only", sa.Integer(), nullable=False, comment="恒为 1"),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="最后发布位置"),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_outbox_head")),
    )
    op.create_table(
        "outbox_stream",
        sa.Column("stream_id", sa.Text(), nullable=False, comment="事件流"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="最后一个序号"),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_outbox_stream")),
    )
    op.create_table(
        "stream_position",
        sa.Column("consumer", sa.Text(), nullable=False, comment="消费方"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源服务"),
        sa.Column("stream_id", sa.Text(), nullable=False, comment="事件流"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="已处理的最后序号"),
        sa.Column("highest", sa.BigInteger(), nullable=False, comment="见过的最大序号"),
        sa.Column("stopped", sa.Boolean(), nullable=False, comment="因处理失败而停止"),
        sa.PrimaryKeyConstraint("consumer", "source", "stream_id", name=op.f("pk_stream_position")),
    )


def _create_commands() -> None:
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text(), nullable=False, comment="调用者（人员与岗位）"),
        sa.Column("method", sa.Text(), nullable=False, comment="方法"),
        sa.Column("request_id", sa.Text(), nullable=False, comment="请求标识"),
        sa.Column("digest", sa.Text(), nullable=False, comment="请求内容摘要"),
        sa.Column("answered_at", UTCDateTime(), nullable=False, comment="答复时间"),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="答复；被拒绝时为空"),
        sa.Column(
            "refusal",
            sa.LargeBinary(),
            nullable=True,
            comment="拒绝（google.rpc.Status）；成功时为空",
        ),
        sa.Column("ownership", sa.Text(), server_default="{}", nullable=False, comment="归属"),
        sa.PrimaryKeyConstraint("caller", "method", "request_id", name=op.f("pk_idempotency")),
    )
    op.create_index(
        op.f("ix_idempotency_answered_at"), "idempotency", ["answered_at"], unique=False
    )
    op.create_table(
        "violation",
        sa.Column("id", sa.Text(), nullable=False, comment="违规标识"),
        sa.Column("at", UTCDateTime(), nullable=False, comment="发生时间"),
        sa.Column("rule", sa.Text(), nullable=False, comment="规则编号"),
        sa.Column("reason", sa.Text(), nullable=False, comment="原因代码"),
        sa.Column("person", sa.Text(), nullable=False, comment="人员"),
        sa.Column("assignment", sa.Text(), nullable=False, comment="岗位任命"),
        sa.Column("unit", sa.Text(), nullable=False, comment="单位"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="单位路径"),
        sa.Column("method", sa.Text(), nullable=False, comment="方法"),
        sa.Column("subject", sa.Text(), nullable=False, comment="办件等对象"),
        sa.Column("facts", sa.Text(), nullable=False, comment="事实（JSON）"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation")),
    )
    op.create_index(op.f("ix_violation_at"), "violation", ["at"], unique=False)


def _create_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("key", sa.Text(), nullable=False, comment="作业标识（同一作业只有一行）"),
        sa.Column("kind", sa.Text(), nullable=False, comment="作业类型"),
        sa.Column("payload", sa.Text(), nullable=False, comment="参数（JSON，不含个人信息）"),
        sa.Column("state", sa.Text(), nullable=False, comment="WAITING/DONE/DEAD"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="已尝试次数"),
        sa.Column("next_at", UTCDateTime(), nullable=False, comment="下次尝试时间"),
        sa.Column("deadline_at", UTCDateTime(), nullable=False, comment="期限"),
        sa.Column("holder", sa.Text(), nullable=True, comment="正在处理的进程"),
        sa.Column("failure", sa.Text(), nullable=True, comment="最近一次失败原因"),
        sa.Column("traceparent", sa.Text(), nullable=False, comment="追踪上下文"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_state"), "job", ["state"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False, comment="工作名称"),
        sa.Column("holder", sa.Text(), nullable=False, comment="持有进程"),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="届次"),
        sa.Column("expires_at", sa.Float(), nullable=False, comment="到期（数据库时间，秒）"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )


def _create_outbox() -> None:
    """The log of events; on PostgreSQL partitioned by month, with the month's column in its key."""
    columns: list[sa.Column[Any]] = [
        sa.Column("id", BigId, sa.Identity(always=True), nullable=False, comment="写入次序"),
        sa.Column("recorded_at", UTCDateTime(), nullable=False, comment="写入时间"),
        sa.Column("event_id", sa.Text(), nullable=False, comment="事件标识"),
        sa.Column("stream_id", sa.Text(), nullable=False, comment="事件流（办件编号等）"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="流内序号，自 1 起连续"),
        sa.Column("unit", sa.Text(), nullable=False, comment="发生单位"),
        sa.Column("type", sa.Text(), nullable=False, comment="事件类型及版本"),
        sa.Column("envelope", sa.LargeBinary(), nullable=False, comment="信封原文"),
        sa.Column("position", sa.BigInteger(), nullable=True, comment="发布位置，未发布为空"),
        sa.Column("published_at", UTCDateTime(), nullable=True, comment="发布时间"),
    ]
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "outbox",
            *columns,
            sa.PrimaryKeyConstraint("id", "recorded_at", name=op.f("pk_outbox")),
            postgresql_partition_by="RANGE (recorded_at)",
        )
        op.execute("CREATE TABLE outbox_default PARTITION OF outbox DEFAULT")
    else:
        op.create_table("outbox", *columns, sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")))
    op.create_index("ix_outbox_position", "outbox", ["position"], unique=False)
    op.create_index("ix_outbox_stream_id_seq", "outbox", ["stream_id", "seq"], unique=False)
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("position IS NULL"),
        sqlite_where=sa.text("position IS NULL"),
    )
