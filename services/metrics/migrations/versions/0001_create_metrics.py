"""Create the tables of metrics.

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


def upgrade() -> None:
    create_kit_tables()
    op.create_table(
        "case_facts",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("item_version", sa.Text(), nullable=False, comment="收件时的事项版本"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="收件窗口"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column("applicant", sa.Text(), nullable=False, comment="申请人账户（不透明标识）"),
        sa.Column("channel", sa.Text(), nullable=False, comment="申请渠道"),
        sa.Column(
            "courier_due", sa.Boolean(), nullable=False, comment="有纸质结果，应当告知免费寄递"
        ),
        sa.Column(
            "received_at",
            UTCDateTime(),
            nullable=True,
            comment="收件时间；为空表示收件事实尚未到达",
        ),
        sa.Column("notices", sa.Integer(), nullable=False, comment="一次性告知次数"),
        sa.Column("corrections", sa.Integer(), nullable=False, comment="补正次数"),
        sa.Column("accepted_at", UTCDateTime(), nullable=True, comment="受理时间"),
        sa.Column("accepting_unit", sa.Text(), nullable=False, comment="受理窗口"),
        sa.Column("deemed", sa.Boolean(), nullable=False, comment="视为受理"),
        sa.Column(
            "accepted_promise_due_on", sa.Date(), nullable=True, comment="受理时的承诺办结日"
        ),
        sa.Column("visits", sa.Integer(), nullable=False, comment="到厅次数"),
        sa.Column(
            "collection_visits", sa.Integer(), nullable=False, comment="其中领取结果的到厅次数"
        ),
        sa.Column("served_at", UTCDateTime(), nullable=True, comment="结果送达时间"),
        sa.Column("serving_unit", sa.Text(), nullable=False, comment="发放窗口"),
        sa.Column(
            "reviewed_promise_due_on", sa.Date(), nullable=True, comment="审查环节的承诺办结日"
        ),
        sa.Column("decided_at", UTCDateTime(), nullable=True, comment="决定（办结）时间"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="决定结果"),
        sa.Column("promise_kept", sa.Boolean(), nullable=True, comment="是否在承诺时限内"),
        sa.Column("statutory_kept", sa.Boolean(), nullable=True, comment="是否在法定期限内"),
        sa.Column("courier_offered_at", UTCDateTime(), nullable=True, comment="告知免费寄递的时间"),
        sa.Column("courier_answer", sa.Text(), nullable=False, comment="申请人的答复"),
        sa.CheckConstraint(
            "collection_visits BETWEEN 0 AND visits",
            name=op.f("ck_case_facts_collections_are_visits"),
        ),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_case_facts")),
    )
    op.create_index(op.f("ix_case_facts_applicant"), "case_facts", ["applicant"], unique=False)
    op.create_index(op.f("ix_case_facts_authority"), "case_facts", ["authority"], unique=False)
    op.create_index(
        "ix_case_facts_item_code", "case_facts", ["item_code", "case_number"], unique=False
    )
    op.create_index(op.f("ix_case_facts_unit_path"), "case_facts", ["unit_path"], unique=False)
    op.create_index(op.f("ix_case_facts_window_unit"), "case_facts", ["window_unit"], unique=False)
    op.create_table(
        "item_light",
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("red", sa.Boolean(), nullable=False, comment="红灯"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="致红灯的办件"),
        sa.Column("visits", sa.Integer(), nullable=False, comment="该办件到厅次数"),
        sa.Column(
            "visits_by_courier", sa.Integer(), nullable=False, comment="如选择寄递的到厅次数"
        ),
        sa.Column("turned_at", UTCDateTime(), nullable=False, comment="变灯时间"),
        sa.PrimaryKeyConstraint("item_code", name=op.f("pk_item_light")),
    )
    op.create_table(
        "item_version",
        sa.Column("item_version", sa.Text(), nullable=False, comment="事项版本"),
        sa.Column("item_code", sa.Text(), nullable=False, comment="事项编码"),
        sa.Column("number", sa.Integer(), nullable=False, comment="版本序号"),
        sa.Column("name", sa.Text(), nullable=False, comment="事项名称"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("item_type", sa.Text(), nullable=False, comment="事项类型（GB/T 39046 A.1）"),
        sa.Column("admitted", sa.Boolean(), nullable=False, comment="进驻政务服务中心"),
        sa.Column("declared_visits", sa.Integer(), nullable=False, comment="公布的到现场次数"),
        sa.Column("declared_fully_online", sa.Boolean(), nullable=False, comment="公布为全程网办"),
        sa.Column(
            "excluded_from_online", sa.Boolean(), nullable=False, comment="法律规定或涉密除外"
        ),
        sa.Column("courier_offered", sa.Boolean(), nullable=False, comment="纸质结果可寄递"),
        sa.Column("in_force_from", sa.Date(), nullable=False, comment="生效日期"),
        sa.PrimaryKeyConstraint("item_version", name=op.f("pk_item_version")),
    )
    op.create_index(op.f("ix_item_version_item_code"), "item_version", ["item_code"], unique=False)
    op.create_table(
        "rating",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号（一事一评）"),
        sa.Column("grade", sa.Integer(), nullable=False, comment="满意度（GB/T 39046 A.8）"),
        sa.Column("comment", sa.Text(), nullable=False, comment="评价内容（加密；个人信息）"),
        sa.Column("rated_at", UTCDateTime(), nullable=False, comment="评价时间"),
        sa.Column("applicant", sa.Text(), nullable=False, comment="申请人账户（不透明标识）"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="收件窗口"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint("applicant <> ''", name=op.f("ck_rating_by_its_applicant")),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_rating_five_grades")),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_rating")),
    )
    op.create_table(
        "unit",
        sa.Column("unit", sa.Text(), nullable=False, comment="单位代码"),
        sa.Column("name", sa.Text(), nullable=False, comment="单位名称"),
        sa.Column("level", sa.Integer(), nullable=False, comment="层级（GB/T 39046 A.2）"),
        sa.Column("kind", sa.Text(), nullable=False, comment="单位类别"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="单位路径"),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_unit")),
    )
    op.create_table(
        "violation_seen",
        sa.Column("violation_id", sa.Text(), nullable=False, comment="违规标识"),
        sa.Column("source", sa.Text(), nullable=False, comment="来源服务"),
        sa.Column("at", UTCDateTime(), nullable=False, comment="发生时间"),
        sa.Column("rule", sa.Text(), nullable=False, comment="规则编号"),
        sa.Column("reason", sa.Text(), nullable=False, comment="原因代码"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号，可为空串"),
        sa.Column("person", sa.Text(), nullable=False, comment="人员（不透明标识）"),
        sa.Column("assignment", sa.Text(), nullable=False, comment="岗位任命"),
        sa.Column("unit", sa.Text(), nullable=False, comment="单位"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="单位路径"),
        sa.Column("authority", sa.Text(), nullable=False, comment="机关"),
        sa.PrimaryKeyConstraint("violation_id", name=op.f("pk_violation_seen")),
    )
    op.create_index("ix_violation_seen_at", "violation_seen", ["at", "violation_id"], unique=False)
    op.create_index(
        op.f("ix_violation_seen_case_number"), "violation_seen", ["case_number"], unique=False
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
