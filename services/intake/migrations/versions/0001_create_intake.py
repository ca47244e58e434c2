"""Create the tables of intake.

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
        sa.Column("notice", sa.Text(), nullable=False, comment="放假安排（导入格式）"),
        sa.Column("source", sa.Text(), nullable=False, comment="发文字号"),
        sa.Column("imported_at", UTCDateTime(), nullable=False, comment="导入时间"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "case_file",
        sa.Column("number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.Column(
            "state",
            sa.Enum(
                "RECEIVED",
                "CORRECTION",
                "ACCEPTED",
                "DECIDED",
                "READY",
                "SERVED",
                name="casestate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="办件状态",
        ),
        sa.Column("terms", sa.Text(), nullable=False, comment="事项版本内容（收件时）"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("item_version", sa.Text(), nullable=False, comment="事项版本"),
        sa.Column("item_name", sa.Text(), nullable=False, comment="事项名称"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="收件窗口"),
        sa.Column("window_name", sa.Text(), nullable=False, comment="收件窗口名称"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column(
            "channel",
            sa.Enum("WINDOW", "ONLINE", "ASSISTANCE", name="channel", native_enum=False, length=20),
            nullable=False,
            comment="申请渠道",
        ),
        sa.Column(
            "result_delivery",
            sa.Enum("COLLECTION", "EMS", name="resultdelivery", native_enum=False, length=20),
            nullable=False,
            comment="结果领取方式",
        ),
        sa.Column("summary", sa.Text(), nullable=False, comment="办理摘要"),
        sa.Column("applicant_person", sa.Text(), nullable=False, comment="申请人账户，可为空串"),
        sa.Column(
            "applicant_kind",
            sa.Enum(
                "NATURAL_PERSON", "ORGANISATION", name="applicantkind", native_enum=False, length=20
            ),
            nullable=False,
            comment="申请人类型",
        ),
        sa.Column("query_code", sa.Text(), nullable=False, comment="查询码"),
        sa.Column("received_at", UTCDateTime(), nullable=False, comment="收到申请材料时间"),
        sa.Column("received_by", sa.Text(), nullable=False, comment="收件人员"),
        sa.Column("notice_due_on", sa.Date(), nullable=False, comment="一次性告知期限"),
        sa.Column("notice_due_provisional", sa.Boolean(), nullable=False, comment="告知期限为暂定"),
        sa.Column("writer_unit", sa.Text(), nullable=False, comment="当前可写站点"),
        sa.Column("writer_epoch", sa.BigInteger(), nullable=False, comment="可写站点届次"),
        sa.Column("front_persons", sa.Text(), nullable=False, comment="前台经手人员"),
        sa.Column("noticed_at", UTCDateTime(), nullable=True, comment="一次性告知时间"),
        sa.Column("noticed_by", sa.Text(), nullable=False, comment="告知人员"),
        sa.Column(
            "notice_means",
            sa.Enum(
                "SIGNED_AT_WINDOW",
                "ACCOUNT",
                "EMS",
                name="noticemeans",
                native_enum=False,
                length=20,
            ),
            nullable=True,
            comment="告知方式",
        ),
        sa.Column("accepted_at", UTCDateTime(), nullable=True, comment="受理时间"),
        sa.Column("completed_at", UTCDateTime(), nullable=True, comment="材料补齐时间"),
        sa.Column("accepted_by", sa.Text(), nullable=False, comment="受理人员"),
        sa.Column("deemed_accepted", sa.Boolean(), nullable=False, comment="视为受理"),
        sa.Column("statutory_due_on", sa.Date(), nullable=True, comment="法定期限届满日"),
        sa.Column(
            "statutory_due_provisional", sa.Boolean(), nullable=False, comment="法定期限为暂定"
        ),
        sa.Column("promise_due_on", sa.Date(), nullable=True, comment="承诺期限届满日"),
        sa.Column(
            "promise_due_provisional", sa.Boolean(), nullable=False, comment="承诺期限为暂定"
        ),
        sa.Column("decided_at", UTCDateTime(), nullable=True, comment="决定时间"),
        sa.Column("decider", sa.Text(), nullable=False, comment="决定人员"),
        sa.Column(
            "outcome",
            sa.Enum(
                "UNSPECIFIED",
                "GRANTED",
                "DENIED",
                name="decisionoutcome",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="决定结果",
        ),
        sa.Column("certificate_number", sa.Text(), nullable=False, comment="证照编号"),
        sa.Column("handed_out_at", UTCDateTime(), nullable=True, comment="发证时间"),
        sa.Column("handed_out_by", sa.Text(), nullable=False, comment="发证人员"),
        sa.Column(
            "recipient",
            sa.Enum("ADDRESSEE", "MANDATED_AGENT", name="recipient", native_enum=False, length=20),
            nullable=True,
            comment="签收人身份",
        ),
        sa.Column("mandate", sa.Text(), nullable=False, comment="委托书编号"),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (promise_due_on IS NULL)",
            name=op.f("ck_case_file_accepted_with_dates"),
        ),
        sa.CheckConstraint(
            "NOT deemed_accepted OR noticed_at IS NULL",
            name=op.f("ck_case_file_deemed_without_notice"),
        ),
        sa.CheckConstraint(
            "accepted_at >= received_at", name=op.f("ck_case_file_acceptance_after_receipt")
        ),
        sa.CheckConstraint(
            "decided_at IS NULL OR accepted_at IS NOT NULL",
            name=op.f("ck_case_file_decided_once_accepted"),
        ),
        sa.CheckConstraint(
            "handed_out_at IS NULL OR decided_at IS NOT NULL",
            name=op.f("ck_case_file_handed_out_decided"),
        ),
        sa.CheckConstraint(
            "noticed_at >= received_at", name=op.f("ck_case_file_notice_after_receipt")
        ),
        sa.CheckConstraint(
            "promise_due_on <= statutory_due_on", name=op.f("ck_case_file_promise_within_law")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_case_file")),
    )
    op.create_index(
        op.f("ix_case_file_applicant_person"), "case_file", ["applicant_person"], unique=False
    )
    op.create_index(op.f("ix_case_file_authority"), "case_file", ["authority"], unique=False)
    op.create_index(
        "ix_case_file_received_at_number", "case_file", ["received_at", "number"], unique=False
    )
    op.create_index(
        "ix_case_file_state_notice_due_on", "case_file", ["state", "notice_due_on"], unique=False
    )
    op.create_index(op.f("ix_case_file_window_unit"), "case_file", ["window_unit"], unique=False)
    op.create_table(
        "document_series",
        sa.Column("authority", sa.Text(), nullable=False, comment="制发机关"),
        sa.Column("kind", sa.Text(), nullable=False, comment="文书种类"),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="年份"),
        sa.Column("site", sa.Text(), nullable=False, comment="受理点"),
        sa.Column("last_ordinal", sa.Integer(), nullable=False, comment="最后一个序号"),
        sa.PrimaryKeyConstraint(
            "authority", "kind", "year", "site", name=op.f("pk_document_series")
        ),
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
        "number_block",
        sa.Column("site", sa.Text(), nullable=False, comment="受理点"),
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        sa.Column("next_ordinal", sa.Integer(), nullable=False, comment="下一个号段的起号"),
        sa.PrimaryKeyConstraint("site", "day", name=op.f("pk_number_block")),
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
        "applicant",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("person", sa.Text(), nullable=False, comment="申请人账户，可为空串"),
        sa.Column(
            "kind",
            sa.Enum(
                "NATURAL_PERSON", "ORGANISATION", name="applicantkind", native_enum=False, length=20
            ),
            nullable=False,
            comment="申请人类型",
        ),
        sa.Column("name_sealed", sa.Text(), nullable=False, comment="姓名或名称（加密）"),
        sa.Column("identity_sealed", sa.Text(), nullable=False, comment="证件号码（加密）"),
        sa.Column("identity_index", sa.Text(), nullable=False, comment="证件号码检索值"),
        sa.Column("phone_sealed", sa.Text(), nullable=False, comment="电话（加密）"),
        sa.Column("address_sealed", sa.Text(), nullable=False, comment="送达地址（加密）"),
        sa.Column("signed_for_sealed", sa.Text(), nullable=True, comment="签收人姓名（加密）"),
        sa.ForeignKeyConstraint(
            ["case_number"], ["case_file.number"], name=op.f("fk_applicant_case_number_case_file")
        ),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_applicant")),
    )
    op.create_index(
        op.f("ix_applicant_identity_index"), "applicant", ["identity_index"], unique=False
    )
    op.create_table(
        "bundle",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "direction",
            sa.Enum("TO_DEPARTMENT", "TO_WINDOW", name="direction", native_enum=False, length=20),
            nullable=False,
            comment="方向",
        ),
        sa.Column("bag", sa.Text(), nullable=False, comment="封袋号"),
        sa.Column("pieces", sa.Integer(), nullable=False, comment="件数"),
        sa.Column("document", sa.Text(), nullable=False, comment="物料交接单"),
        sa.Column("sent_at", UTCDateTime(), nullable=False, comment="移交时间"),
        sa.Column("sent_by", sa.Text(), nullable=False, comment="移交人员"),
        sa.Column("sent_from", sa.Text(), nullable=False, comment="移交单位"),
        sa.Column("received_at", UTCDateTime(), nullable=True, comment="接收时间"),
        sa.Column("received_by", sa.Text(), nullable=False, comment="接收人员；未接收为空串"),
        sa.Column("received_in", sa.Text(), nullable=False, comment="接收单位；未接收为空串"),
        sa.CheckConstraint("received_at >= sent_at", name=op.f("ck_bundle_received_after_sent")),
        sa.CheckConstraint("received_by <> sent_by", name=op.f("ck_bundle_signed_by_two")),
        sa.ForeignKeyConstraint(
            ["case_number"], ["case_file.number"], name=op.f("fk_bundle_case_number_case_file")
        ),
        sa.PrimaryKeyConstraint("case_number", "direction", name=op.f("pk_bundle")),
    )
    op.create_table(
        "case_material",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("material_code", sa.Text(), nullable=False, comment="材料编码"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="次序"),
        sa.Column("name", sa.Text(), nullable=False, comment="材料名称"),
        sa.Column("sharing_source", sa.Text(), nullable=False, comment="共享来源；非共享为空串"),
        sa.Column("demanded", sa.Boolean(), nullable=False, comment="受理前必须提交"),
        sa.Column(
            "defect",
            sa.Enum(
                "UNSPECIFIED",
                "MISSING",
                "NOT_IN_LEGAL_FORM",
                "WRONG_CONTENT",
                name="defect",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="缺陷",
        ),
        sa.Column("sha256", sa.Text(), nullable=False, comment="文件摘要；无文件为空串"),
        sa.Column("paper_pieces", sa.Integer(), nullable=False, comment="纸质件数"),
        sa.Column("arrived_at", UTCDateTime(), nullable=True, comment="合格材料收到时间"),
        sa.Column("cured_at", UTCDateTime(), nullable=True, comment="补正时间"),
        sa.CheckConstraint(
            "sharing_source = '' OR defect = 'UNSPECIFIED'",
            name=op.f("ck_case_material_shared_never_defective"),
        ),
        sa.CheckConstraint("paper_pieces >= 0", name=op.f("ck_case_material_pieces_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_case_material_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", "material_code", name=op.f("pk_case_material")),
    )
    op.create_index(op.f("ix_case_material_sha256"), "case_material", ["sha256"], unique=False)
    op.create_table(
        "document",
        sa.Column("document", sa.Text(), nullable=False, comment="文书标识"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="次序"),
        sa.Column(
            "kind",
            sa.Enum(
                "MATERIALS_RECEIPT",
                "ONE_TIME_NOTICE",
                "ACCEPTANCE_NOTICE",
                "HANDOVER_RECORD",
                "GRANT_DECISION",
                "DENIAL_DECISION",
                "PROOF_OF_SERVICE",
                name="documentkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="文书种类",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFTED",
                "RENDERED",
                "ISSUED",
                "SERVED",
                "VOIDED",
                name="documentstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="文书状态",
        ),
        sa.Column("authority", sa.Text(), nullable=False, comment="制发机关"),
        sa.Column("drafted_at", UTCDateTime(), nullable=False, comment="拟制时间"),
        sa.Column("drafted_by", sa.Text(), nullable=False, comment="拟制人员"),
        sa.Column("signer", sa.Text(), nullable=False, comment="签发人员；任一有权岗位为空串"),
        sa.Column("signed_through", sa.Boolean(), nullable=False, comment="各方签字齐备"),
        sa.Column("rendering", sa.Integer(), nullable=False, comment="排版版次"),
        sa.Column("series_year", sa.Integer(), nullable=True, comment="文号年份"),
        sa.Column("series_site", sa.Text(), nullable=True, comment="文号受理点"),
        sa.Column("series_ordinal", sa.Integer(), nullable=True, comment="文号序号"),
        sa.Column("number", sa.Text(), nullable=False, comment="文号；无文号为空串"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="文件摘要；未排版为空串"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="文件字节数"),
        sa.Column("rendered_at", UTCDateTime(), nullable=True, comment="排版时间"),
        sa.Column("seal", sa.Text(), nullable=False, comment="印章标识；未用印为空串"),
        sa.Column(
            "seal_kind",
            sa.Enum("NONE", "SPECIAL", "AUTHORITY", name="sealkind", native_enum=False, length=20),
            nullable=False,
            comment="印章种类",
        ),
        sa.Column("seal_certified", sa.Boolean(), nullable=False, comment="可靠电子签章"),
        sa.Column("sealed_by", sa.Text(), nullable=False, comment="用印人员"),
        sa.Column("scan_sha256", sa.Text(), nullable=False, comment="盖章件扫描件摘要"),
        sa.Column("issued_at", UTCDateTime(), nullable=True, comment="出具时间"),
        sa.Column("served_at", UTCDateTime(), nullable=True, comment="送达时间"),
        sa.CheckConstraint(
            "(series_ordinal IS NULL) = (number = '')", name=op.f("ck_document_numbered_whole")
        ),
        sa.CheckConstraint(
            "state NOT IN ('ISSUED', 'SERVED') OR issued_at IS NOT NULL",
            name=op.f("ck_document_issued_with_instant"),
        ),
        sa.ForeignKeyConstraint(
            ["case_number"], ["case_file.number"], name=op.f("fk_document_case_number_case_file")
        ),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_document")),
        sa.UniqueConstraint(
            "authority",
            "kind",
            "series_year",
            "series_site",
            "series_ordinal",
            name=op.f("uq_document_authority_kind_series_year_series_site_series_ordinal"),
        ),
        sa.UniqueConstraint("case_number", "ordinal", name=op.f("uq_document_case_number_ordinal")),
    )
    op.create_index(op.f("ix_document_case_number"), "document", ["case_number"], unique=False)
    op.create_index(op.f("ix_document_sha256"), "document", ["sha256"], unique=False)
    op.create_table(
        "notice_entry",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="次序"),
        sa.Column("material_code", sa.Text(), nullable=False, comment="材料编码"),
        sa.Column(
            "defect",
            sa.Enum(
                "UNSPECIFIED",
                "MISSING",
                "NOT_IN_LEGAL_FORM",
                "WRONG_CONTENT",
                name="defect",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="缺陷",
        ),
        sa.Column("what_to_do", sa.Text(), nullable=False, comment="补正要求"),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="依据"),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_notice_entry_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("case_number", "ordinal", name=op.f("pk_notice_entry")),
    )
    op.create_table(
        "timeline_entry",
        sa.Column("id", BigId, sa.Identity(always=True), nullable=False, comment="写入次序"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("happened_at", UTCDateTime(), nullable=False, comment="发生时间"),
        sa.Column("code", sa.Text(), nullable=False, comment="事项代码"),
        sa.Column("facts", sa.Text(), nullable=False, comment="事实（JSON，不含个人信息）"),
        sa.Column("unit", sa.Text(), nullable=False, comment="发生单位"),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["case_file.number"],
            name=op.f("fk_timeline_entry_case_number_case_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
    )
    op.create_index(
        op.f("ix_timeline_entry_case_number"), "timeline_entry", ["case_number"], unique=False
    )
    op.create_table(
        "visit",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column(
            "ordinal", sa.Integer(), autoincrement=False, nullable=False, comment="第几次到厅"
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "APPLICATION",
                "CORRECTION",
                "COLLECTION",
                name="visitpurpose",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="事由",
        ),
        sa.Column("visited_at", UTCDateTime(), nullable=False, comment="到厅时间"),
        sa.Column("unit", sa.Text(), nullable=False, comment="到访单位"),
        sa.ForeignKeyConstraint(
            ["case_number"], ["case_file.number"], name=op.f("fk_visit_case_number_case_file")
        ),
        sa.PrimaryKeyConstraint("case_number", "ordinal", name=op.f("pk_visit")),
    )
    # ### end Alembic commands ###
    for statement in ddl_append_only(op.get_bind().dialect.name):
        op.execute(statement)


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
