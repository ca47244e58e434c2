"""Create the tables of catalog.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from servicekit.audit import ddl_append_only
from servicekit.database import BigId, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Whoever relied on a published version or a signed letter finds it as it was.
PUBLISHED = ("item_version", "authorisation_letter")


def upgrade() -> None:
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
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="年份"),
        sa.Column("notice", sa.Text(), nullable=False, comment="放假安排原文（导入格式）"),
        sa.Column("source", sa.Text(), nullable=False, comment="发文依据"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
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
    op.create_table(
        "officer",
        sa.Column("person", sa.Text(), nullable=False, comment="人员（不透明标识）"),
        sa.Column("person_name", sa.Text(), nullable=False, comment="文书所印姓名"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_officer")),
    )
    create_outbox()
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
        "service_item",
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码（本区）"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("red", sa.Boolean(), nullable=False, comment="最多跑一次红灯"),
        sa.Column("red_case_number", sa.Text(), nullable=False, comment="引起红灯的办件；无则空串"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint(
            "red = (red_case_number <> '')", name=op.f("ck_service_item_red_names_its_case")
        ),
        sa.PrimaryKeyConstraint("item_code", name=op.f("pk_service_item")),
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
    op.create_table(
        "unit",
        sa.Column("code", sa.Text(), nullable=False, comment="单位编码"),
        sa.Column("name", sa.Text(), nullable=False, comment="名称"),
        sa.Column(
            "kind",
            sa.Enum(
                "DIVISION",
                "CENTRE",
                "WINDOW",
                "DEPARTMENT",
                "VILLAGE_POST",
                name="unitkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="类型",
        ),
        sa.Column("parent", sa.Text(), nullable=False, comment="上级单位；省为空串"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="路径，首尾为斜线"),
        sa.Column(
            "level", sa.Integer(), nullable=False, comment="行使层级（GB/T 39046 A.2）；内设单位为0"
        ),
        sa.Column("site", sa.Text(), nullable=False, comment="文号中的发文地点；不发文的为空串"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_index("ix_unit_parent_code", "unit", ["parent", "code"], unique=False)
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
    op.create_table(
        "authority",
        sa.Column("unit", sa.Text(), nullable=False, comment="机关的单位编码"),
        sa.Column("name", sa.Text(), nullable=False, comment="机关名称"),
        sa.Column("prefix", sa.Text(), nullable=False, comment="机关代字"),
        sa.Column(
            "records", sa.Text(), nullable=False, comment="复议机关和管辖法院，按生效日期（JSON）"
        ),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_authority_unit_unit")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_authority")),
    )
    op.create_table(
        "item_version",
        sa.Column("item_version", sa.Text(), nullable=False, comment="版本标识：事项编码@序号"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("number", sa.Integer(), nullable=False, comment="版本序号，自1起连续"),
        sa.Column("in_force_from_date", sa.Date(), nullable=False, comment="生效日期"),
        sa.Column(
            "in_force_until_date",
            sa.Date(),
            nullable=True,
            comment="失效日期（当日不再有效）；未定为空",
        ),
        sa.Column("content", sa.Text(), nullable=False, comment="版本全文（JSON）"),
        sa.Column("published_at", UTCDateTime(), nullable=False, comment="发布时间"),
        sa.CheckConstraint(
            "in_force_until_date IS NULL OR in_force_until_date > in_force_from_date",
            name=op.f("ck_item_version_ends_after_begin"),
        ),
        sa.ForeignKeyConstraint(
            ["item_code"],
            ["service_item.item_code"],
            name=op.f("fk_item_version_item_code_service_item"),
        ),
        sa.PrimaryKeyConstraint("item_version", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_code", "number", name="uq_item_version_item_code_number"),
    )
    op.create_table(
        "post",
        sa.Column("post", sa.Text(), nullable=False, comment="岗位编码"),
        sa.Column("title", sa.Text(), nullable=False, comment="岗位名称"),
        sa.Column(
            "post_kind",
            sa.Enum(
                "WINDOW",
                "DEPARTMENT",
                "VILLAGE",
                "SUPERVISION",
                "OFFICE",
                name="postkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="类别",
        ),
        sa.Column("roles", sa.Text(), nullable=False, comment="角色（JSON）"),
        sa.Column("unit", sa.Text(), nullable=False, comment="所在单位"),
        sa.Column("authority", sa.Text(), nullable=False, comment="所代表的机关；窗口等为空串"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_post_unit_unit")),
        sa.PrimaryKeyConstraint("post", name=op.f("pk_post")),
    )
    op.create_table(
        "assignment",
        sa.Column("assignment", sa.Text(), nullable=False, comment="任职标识"),
        sa.Column("person", sa.Text(), nullable=False, comment="人员"),
        sa.Column("post", sa.Text(), nullable=False, comment="岗位"),
        sa.Column("from_date", sa.Date(), nullable=False, comment="任职首日"),
        sa.Column("until_date", sa.Date(), nullable=True, comment="任职末日的次日；未定为空"),
        sa.CheckConstraint(
            "until_date IS NULL OR until_date > from_date",
            name=op.f("ck_assignment_ends_after_begin"),
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["officer.person"], name=op.f("fk_assignment_person_officer")
        ),
        sa.ForeignKeyConstraint(["post"], ["post.post"], name=op.f("fk_assignment_post_post")),
        sa.PrimaryKeyConstraint("assignment", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_person"), "assignment", ["person"], unique=False)
    op.create_table(
        "authorisation_letter",
        sa.Column("letter", sa.Text(), nullable=False, comment="授权书文号"),
        sa.Column("authority", sa.Text(), nullable=False, comment="授权机关"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="被授权的综合窗口"),
        sa.Column("signatory", sa.Text(), nullable=False, comment="签署人"),
        sa.Column("from_date", sa.Date(), nullable=False, comment="生效日期"),
        sa.Column("until_date", sa.Date(), nullable=False, comment="失效日期（当日不再有效）"),
        sa.Column("item_powers", sa.Text(), nullable=False, comment="各事项的权限（JSON）"),
        sa.Column("scan_sha256", sa.Text(), nullable=False, comment="扫描件SHA-256"),
        sa.Column("signed_at", UTCDateTime(), nullable=False, comment="签署登记时间"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint(
            "until_date > from_date", name=op.f("ck_authorisation_letter_ends_after_begin")
        ),
        sa.ForeignKeyConstraint(
            ["authority"],
            ["authority.unit"],
            name=op.f("fk_authorisation_letter_authority_authority"),
        ),
        sa.ForeignKeyConstraint(
            ["window_unit"], ["unit.code"], name=op.f("fk_authorisation_letter_window_unit_unit")
        ),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_authorisation_letter")),
    )
    op.create_index(
        op.f("ix_authorisation_letter_window_unit"),
        "authorisation_letter",
        ["window_unit"],
        unique=False,
    )
    for statement in ddl_append_only(op.get_bind().dialect.name):
        op.execute(statement)
    for table in PUBLISHED:
        refuse_changes(table)


def refuse_changes(table: str) -> None:
    """Let rows of `table` be added and nothing else."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def create_outbox() -> None:
    """The log of events; on PostgreSQL partitioned by month, with the month's column in its key."""
    columns = [
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


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
