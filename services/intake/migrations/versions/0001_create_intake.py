"""Create the tables of intake.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from servicekit.database import BigId, UTCDateTime
from servicekit.kit_schema import create_kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_kit_tables()
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
        sa.Column("silence_accepts", sa.Boolean(), nullable=False, comment="逾期不告知视为受理"),
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
            "NOT deemed_accepted OR silence_accepts",
            name=op.f("ck_case_file_deemed_where_law_says"),
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
        "number_block",
        sa.Column("site", sa.Text(), nullable=False, comment="受理点"),
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        sa.Column("next_ordinal", sa.Integer(), nullable=False, comment="下一个号段的起号"),
        sa.PrimaryKeyConstraint("site", "day", name=op.f("pk_number_block")),
    )
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
                "SITE_CHECK_RECORD",
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


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
