"""Create the tables of catalog.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime
from servicekit.kit_schema import create_kit_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Whoever relied on a published version or a signed letter finds it as it was.
PUBLISHED = ("item_version", "authorisation_letter")


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="年份"),
        sa.Column("notice", sa.Text(), nullable=False, comment="放假安排原文（导入格式）"),
        sa.Column("source", sa.Text(), nullable=False, comment="发文依据"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "officer",
        sa.Column("person", sa.Text(), nullable=False, comment="人员（不透明标识）"),
        sa.Column("person_name", sa.Text(), nullable=False, comment="文书所印姓名"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_officer")),
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


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
