"""Create the tables of review.

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
        "calendar_head",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False, comment="恒为 1"),
        sa.Column("version", sa.Integer(), nullable=False, comment="导入次数"),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_calendar_head")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="年份"),
        sa.Column("notice", sa.Text(), nullable=False, comment="放假安排通知（导入格式）"),
        sa.Column("source", sa.Text(), nullable=False, comment="文号"),
        sa.Column("imported_at", UTCDateTime(), nullable=False, comment="导入时间"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "review_case",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("item_version", sa.Text(), nullable=False, comment="事项版本"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="受理窗口路径"),
        sa.Column("accepted_at", UTCDateTime(), nullable=False, comment="受理时间"),
        sa.Column(
            "front_persons", sa.Text(), nullable=False, comment="收件、告知、受理人员（不透明标识）"
        ),
        sa.Column("persons_required", sa.Integer(), nullable=False, comment="须分别办理的人数"),
        sa.Column("site_check_required", sa.Boolean(), nullable=False, comment="是否须现场核查"),
        sa.Column(
            "bundle",
            sa.Enum(
                "NONE",
                "AT_WINDOW",
                "ON_ITS_WAY",
                "RECEIVED",
                name="bundlestate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="纸质材料",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "IN_REVIEW",
                "DECISION_PENDING",
                "DECIDED",
                name="reviewstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="状态",
        ),
        sa.Column("promise_amount", sa.Integer(), nullable=False, comment="承诺时限数值"),
        sa.Column(
            "promise_unit",
            sa.Enum(
                "WORKING_DAY",
                "CALENDAR_DAY",
                "HOUR",
                "MONTH",
                "ON_THE_SPOT",
                name="unit",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="承诺时限单位",
        ),
        sa.Column(
            "promise_start",
            sa.Enum(
                "ACCEPTED",
                "RECEIVED_COMPLETE",
                "RECEIVED",
                name="start",
                native_enum=False,
                length=20,
            ),
            nullable=False,
            comment="承诺时限起算",
        ),
        sa.Column("promise_source", sa.Text(), nullable=False, comment="承诺时限依据"),
        sa.Column("promise_started_at", UTCDateTime(), nullable=False, comment="承诺起算时间"),
        sa.Column("promise_due_on", sa.Date(), nullable=False, comment="承诺届满日"),
        sa.Column(
            "promise_due_provisional", sa.Boolean(), nullable=False, comment="承诺届满日是否暂定"
        ),
        sa.Column("promise_excluded", sa.Text(), nullable=False, comment="承诺不计入的期间"),
        sa.Column("statutory_amount", sa.Integer(), nullable=True, comment="法定时限数值"),
        sa.Column(
            "statutory_unit",
            sa.Enum(
                "WORKING_DAY",
                "CALENDAR_DAY",
                "HOUR",
                "MONTH",
                "ON_THE_SPOT",
                name="unit",
                native_enum=False,
                length=20,
            ),
            nullable=True,
            comment="法定时限单位",
        ),
        sa.Column(
            "statutory_start",
            sa.Enum(
                "ACCEPTED",
                "RECEIVED_COMPLETE",
                "RECEIVED",
                name="start",
                native_enum=False,
                length=20,
            ),
            nullable=True,
            comment="法定时限起算",
        ),
        sa.Column("statutory_source", sa.Text(), nullable=True, comment="法定时限依据"),
        sa.Column("statutory_started_at", UTCDateTime(), nullable=True, comment="法定起算时间"),
        sa.Column("statutory_due_on", sa.Date(), nullable=True, comment="法定届满日"),
        sa.Column(
            "statutory_due_provisional", sa.Boolean(), nullable=True, comment="法定届满日是否暂定"
        ),
        sa.Column("statutory_excluded", sa.Text(), nullable=True, comment="法定不计入的期间"),
        sa.Column("reviewer", sa.Text(), nullable=True, comment="审核人员（不透明标识）"),
        sa.Column("opinion_at", UTCDateTime(), nullable=True, comment="审核时间"),
        sa.Column("proposes_grant", sa.Boolean(), nullable=True, comment="是否拟准予"),
        sa.Column("opinion_text", sa.Text(), nullable=True, comment="审核意见"),
        sa.Column("decider", sa.Text(), nullable=True, comment="审批人员（不透明标识）"),
        sa.Column("decided_at", UTCDateTime(), nullable=True, comment="决定时间"),
        sa.Column(
            "outcome",
            sa.Enum("GRANTED", "DENIED", name="decisionoutcome", native_enum=False, length=20),
            nullable=True,
            comment="决定",
        ),
        sa.Column("decision_facts", sa.Text(), nullable=True, comment="查明的事实"),
        sa.Column("decision_reasons", sa.Text(), nullable=True, comment="理由"),
        sa.Column("legal_bases", sa.Text(), nullable=True, comment="依据"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (state <> 'DECIDED')", name=op.f("ck_review_case_decided_once")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'DENIED' OR decision_reasons <> ''",
            name=op.f("ck_review_case_denial_has_reasons"),
        ),
        sa.CheckConstraint(
            "decided_at IS NULL OR opinion_at IS NOT NULL",
            name=op.f("ck_review_case_opinion_first"),
        ),
        sa.CheckConstraint(
            "decider IS NULL OR persons_required < 2 OR decider <> reviewer",
            name=op.f("ck_review_case_decider_is_another"),
        ),
        sa.CheckConstraint(
            "statutory_due_on IS NULL OR promise_due_on <= statutory_due_on",
            name=op.f("ck_review_case_promise_within_law"),
        ),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_review_case")),
    )
    op.create_index(
        "ix_review_case_due",
        "review_case",
        ["promise_due_on", "case_number"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
        sqlite_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "ix_review_case_work",
        "review_case",
        ["authority", "promise_due_on", "case_number"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
        sqlite_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "site_check",
        sa.Column("id", BigId, sa.Identity(always=True), nullable=False, comment="登记次序"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("checked_at", UTCDateTime(), nullable=False, comment="核查时间"),
        sa.Column("place", sa.Text(), nullable=False, comment="核查地点"),
        sa.Column("checkers", sa.Text(), nullable=False, comment="核查人员（不透明标识）"),
        sa.Column("findings", sa.Text(), nullable=False, comment="核查情况"),
        sa.Column("complies", sa.Boolean(), nullable=False, comment="是否符合"),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["review_case.case_number"],
            name=op.f("fk_site_check_case_number_review_case"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_check")),
    )
    op.create_index(op.f("ix_site_check_case_number"), "site_check", ["case_number"], unique=False)
    op.execute("INSERT INTO calendar_head VALUES (1, 0)")


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
