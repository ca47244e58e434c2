"""Rules of the centre by version, and who was trained for which items.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KIND = sa.Enum(
    "ONE_WINDOW_ACCEPTANCE",
    "SUPERVISION_AND_APPRAISAL",
    name="ruleskind",
    native_enum=False,
    length=40,
)
# Whoever relied on a published text or a recorded training finds it as it was.
RECORDED = ("rules_version", "training_record")


def upgrade() -> None:
    op.create_table(
        "work_rules",
        sa.Column("kind", KIND, nullable=False, comment="种类"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_work_rules")),
    )
    op.create_table(
        "rules_version",
        sa.Column("rules_version", sa.Text(), nullable=False, comment="版本标识：种类@序号"),
        sa.Column("kind", KIND, nullable=False, comment="种类"),
        sa.Column("number", sa.Integer(), nullable=False, comment="版本序号，自1起连续"),
        sa.Column("document_number", sa.Text(), nullable=False, comment="发文文号"),
        sa.Column("title", sa.Text(), nullable=False, comment="名称"),
        sa.Column("from_date", sa.Date(), nullable=False, comment="施行日期"),
        sa.Column("text_sha256", sa.Text(), nullable=False, comment="正文SHA-256"),
        sa.Column("published_by", sa.Text(), nullable=False, comment="发布人"),
        sa.Column("published_at", UTCDateTime(), nullable=False, comment="发布时间"),
        sa.ForeignKeyConstraint(
            ["kind"], ["work_rules.kind"], name=op.f("fk_rules_version_kind_work_rules")
        ),
        sa.PrimaryKeyConstraint("rules_version", name=op.f("pk_rules_version")),
        sa.UniqueConstraint("kind", "number", name="uq_rules_version_kind_number"),
    )
    op.create_table(
        "training_record",
        sa.Column("training", sa.Text(), nullable=False, comment="培训记录标识：人员@序号"),
        sa.Column("person", sa.Text(), nullable=False, comment="受训人员"),
        sa.Column("number", sa.Integer(), nullable=False, comment="序号，自1起连续"),
        sa.Column(
            "rules_version", sa.Text(), nullable=False, comment="所学的一口受理工作制度版本"
        ),
        sa.Column("trained_on", sa.Date(), nullable=False, comment="培训日期"),
        sa.Column(
            "until_date", sa.Date(), nullable=True, comment="有效期末日的次日；长期有效为空"
        ),
        sa.Column("item_codes", sa.Text(), nullable=False, comment="事项编码（JSON）"),
        sa.Column("recorded_by", sa.Text(), nullable=False, comment="登记人"),
        sa.Column("recorded_at", UTCDateTime(), nullable=False, comment="登记时间"),
        sa.CheckConstraint(
            "until_date IS NULL OR until_date > trained_on",
            name=op.f("ck_training_record_ends_after_begin"),
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["officer.person"], name=op.f("fk_training_record_person_officer")
        ),
        sa.ForeignKeyConstraint(
            ["rules_version"],
            ["rules_version.rules_version"],
            name=op.f("fk_training_record_rules_version_rules_version"),
        ),
        sa.PrimaryKeyConstraint("training", name=op.f("pk_training_record")),
        sa.UniqueConstraint("person", "number", name="uq_training_record_person_number"),
    )
    for table in RECORDED:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
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


def downgrade() -> None:
    for table in ("training_record", "rules_version", "work_rules"):
        op.drop_table(table)
