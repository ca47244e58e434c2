"""Create the tables of delivery.

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
        "courier_offer",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("applicant", sa.Text(), nullable=False, comment="申请人账户（不透明标识）"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="受理窗口"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("carrier", sa.Text(), nullable=False, comment="承运企业"),
        sa.Column("citizen_price_fen", sa.BigInteger(), nullable=False, comment="申请人支付（分）"),
        sa.Column("payer_account", sa.Text(), nullable=False, comment="付款账户"),
        sa.Column("offered_at", UTCDateTime(), nullable=False, comment="告知时间"),
        sa.Column(
            "state",
            sa.Enum("OPEN", "TAKEN", "DECLINED", name="offerstate", native_enum=False, length=20),
            nullable=False,
            comment="状态",
        ),
        sa.Column("answered_at", UTCDateTime(), nullable=True, comment="答复时间"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (state = 'OPEN')", name=op.f("ck_courier_offer_answered_once")
        ),
        sa.CheckConstraint("citizen_price_fen = 0", name=op.f("ck_courier_offer_free_of_charge")),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_courier_offer")),
    )
    op.create_index(
        op.f("ix_courier_offer_applicant"), "courier_offer", ["applicant"], unique=False
    )
    op.create_index(
        op.f("ix_courier_offer_authority"), "courier_offer", ["authority"], unique=False
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    raise RuntimeError("the first version cannot be taken back: drop the database instead")
