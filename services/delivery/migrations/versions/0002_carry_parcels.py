"""Carry parcels: files of cases, shipments, labels, the ledger, callbacks of carriers.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from servicekit.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _offers_may_lapse()
    _parcel_file()
    _shipment()
    _of_shipments()


def _offers_may_lapse() -> None:
    with op.batch_alter_table("courier_offer") as table:
        table.drop_constraint(op.f("ck_courier_offer_answered_once"), type_="check")
        table.create_check_constraint(
            op.f("ck_courier_offer_answered_once"),
            "(answered_at IS NULL) = (state IN ('OPEN', 'LAPSED'))",
        )


def _parcel_file() -> None:
    op.create_table(
        "parcel_file",
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("applicant", sa.Text(), nullable=False, comment="申请人账户（不透明标识）"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="受理窗口"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("courier_inbound", sa.Boolean(), nullable=False, comment="可上门取件"),
        sa.Column("pickups", sa.Integer(), nullable=False, comment="取件次数"),
        sa.Column("ended_at", UTCDateTime(), nullable=True, comment="办件终止时间"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_parcel_file")),
    )
    # What was received before is known by its offer; nothing is fetched for it.
    op.execute(
        "INSERT INTO parcel_file (case_number, applicant, window_unit, unit_path, authority, "
        "courier_inbound, pickups, revision) "
        "SELECT case_number, applicant, window_unit, unit_path, authority, "
        "(1 = 0), 0, 1 FROM courier_offer"
    )


def _shipment() -> None:
    op.create_table(
        "shipment",
        sa.Column("shipment", sa.Text(), nullable=False, comment="寄递件编号（客户订单号）"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("direction", sa.String(20), nullable=False, comment="方向"),
        sa.Column("content", sa.String(20), nullable=False, comment="内件性质"),
        sa.Column("applicant", sa.Text(), nullable=False, comment="申请人账户（不透明标识）"),
        sa.Column("window_unit", sa.Text(), nullable=False, comment="受理窗口"),
        sa.Column("unit_path", sa.Text(), nullable=False, comment="窗口路径"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("carrier", sa.Text(), nullable=False, comment="承运企业"),
        sa.Column("pieces", sa.Integer(), nullable=False, comment="件数"),
        sa.Column("citizen_price_fen", sa.BigInteger(), nullable=False, comment="申请人支付（分）"),
        sa.Column("payer_account", sa.Text(), nullable=False, comment="付款账户"),
        sa.Column("created_at", UTCDateTime(), nullable=False, comment="申请时间"),
        sa.Column("state", sa.String(20), nullable=False, comment="状态"),
        sa.Column("waybill", sa.Text(), nullable=True, comment="运单号"),
        sa.Column("ordered_at", UTCDateTime(), nullable=True, comment="接单时间"),
        sa.Column("picked_up_at", UTCDateTime(), nullable=True, comment="揽收时间"),
        sa.Column("refused_at", UTCDateTime(), nullable=True, comment="拒签时间"),
        sa.Column(
            "signed_at",
            UTCDateTime(),
            nullable=True,
            comment="签收时间（承运方更正为退回后仍保留）",
        ),
        sa.Column("ended_at", UTCDateTime(), nullable=True, comment="终结时间"),
        sa.Column("signer", sa.String(20), nullable=True, comment="签收人"),
        sa.Column("cancelling", sa.String(20), nullable=False, comment="撤单"),
        sa.Column("tracks", sa.Text(), nullable=False, comment="轨迹（时间和代码，不含文字）"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="修订号"),
        sa.CheckConstraint("citizen_price_fen = 0", name=op.f("ck_shipment_free_of_charge")),
        sa.CheckConstraint(
            "direction <> 'OUTBOUND' OR carrier = 'EMS'",
            name=op.f("ck_shipment_postal_enterprise_only"),
        ),
        sa.PrimaryKeyConstraint("shipment", name=op.f("pk_shipment")),
        sa.UniqueConstraint("waybill", name=op.f("uq_shipment_waybill")),
    )
    for column in ("case_number", "applicant", "window_unit", "authority"):
        op.create_index(op.f(f"ix_shipment_{column}"), "shipment", [column], unique=False)


def _of_shipments() -> None:
    op.create_table(
        "shipment_label",
        sa.Column("shipment", sa.Text(), nullable=False, comment="寄递件编号"),
        sa.Column("pdf_sealed", sa.Text(), nullable=True, comment="面单（加密）；终结后清除"),
        sa.Column("prints", sa.Integer(), nullable=False, comment="打印次数"),
        sa.ForeignKeyConstraint(
            ["shipment"], ["shipment.shipment"], name=op.f("fk_shipment_label_shipment_shipment")
        ),
        sa.PrimaryKeyConstraint("shipment", name=op.f("pk_shipment_label")),
    )
    op.create_table(
        "ledger_line",
        sa.Column("shipment", sa.Text(), nullable=False, comment="寄递件编号"),
        sa.Column("case_number", sa.Text(), nullable=False, comment="办件编号"),
        sa.Column("direction", sa.String(20), nullable=False, comment="方向"),
        sa.Column("waybill", sa.Text(), nullable=False, comment="运单号"),
        sa.Column("authority", sa.Text(), nullable=False, comment="决定机关"),
        sa.Column("payer_account", sa.Text(), nullable=False, comment="付款账户"),
        sa.Column("tariff", sa.Text(), nullable=False, comment="资费表"),
        sa.Column("zone", sa.String(20), nullable=False, comment="计费区"),
        sa.Column("grams", sa.Integer(), nullable=False, comment="计费重量（克，下单时估计）"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False, comment="金额（分）"),
        sa.Column("charged_at", UTCDateTime(), nullable=False, comment="记账时间"),
        sa.Column("voided_at", UTCDateTime(), nullable=True, comment="冲销时间（未揽收）"),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_ledger_line_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["shipment"], ["shipment.shipment"], name=op.f("fk_ledger_line_shipment_shipment")
        ),
        sa.PrimaryKeyConstraint("shipment", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("waybill", name=op.f("uq_ledger_line_waybill")),
    )
    op.create_index(op.f("ix_ledger_line_case_number"), "ledger_line", ["case_number"])
    op.create_table(
        "carrier_callback",
        sa.Column("digest", sa.Text(), nullable=False, comment="推送内容摘要（SHA-256）"),
        sa.Column("shipment", sa.Text(), nullable=False, comment="寄递件编号"),
        sa.Column("received_at", UTCDateTime(), nullable=False, comment="收到时间"),
        sa.ForeignKeyConstraint(
            ["shipment"], ["shipment.shipment"], name=op.f("fk_carrier_callback_shipment_shipment")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_carrier_callback")),
    )


def downgrade() -> None:
    raise RuntimeError("parcels that are under way cannot be forgotten: restore a backup instead")
