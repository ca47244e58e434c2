"""How offers, shipments and their costs are stored. Nothing else knows of tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
)
from sqlalchemy.orm import registry

from servicekit.database import UTCDateTime, new_metadata, one_of
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from servicekit.sealed import SealedColumn
from services.delivery.adapters.columns import TracksColumn
from services.delivery.domain.offer import CourierOffer, OfferState
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.rules import Content, Direction
from services.delivery.domain.shipment import Cancelling, Shipment
from services.delivery.domain.tariff import Zone
from services.delivery.domain.tracks import ShipmentState, Signer

__all__ = [
    "SEALED",
    "carrier_callback",
    "courier_offer",
    "ledger_line",
    "mappers",
    "metadata",
    "parcel_file",
    "shipment",
    "shipment_label",
    "start_mappers",
    "tables",
]

metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)


def _of_shipment() -> Column[str]:
    return Column(
        "shipment", Text, ForeignKey("shipment.shipment"), primary_key=True, comment="寄递件编号"
    )


courier_offer = Table(
    "courier_offer",
    metadata,
    Column("case_number", Text, primary_key=True, comment="办件编号"),
    Column("applicant", Text, nullable=False, index=True, comment="申请人账户（不透明标识）"),
    Column("window_unit", Text, nullable=False, comment="受理窗口"),
    Column("unit_path", Text, nullable=False, comment="窗口路径"),
    Column("authority", Text, nullable=False, index=True, comment="决定机关"),
    Column("carrier", Text, nullable=False, comment="承运企业"),
    Column("citizen_price_fen", BigInteger, nullable=False, comment="申请人支付（分）"),
    Column("payer_account", Text, nullable=False, comment="付款账户"),
    Column("offered_at", UTCDateTime, nullable=False, comment="告知时间"),
    Column("state", one_of(OfferState), nullable=False, comment="状态"),
    Column("answered_at", UTCDateTime, comment="答复时间"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("citizen_price_fen = 0", name="free_of_charge"),
    CheckConstraint("(answered_at IS NULL) = (state IN ('OPEN', 'LAPSED'))", name="answered_once"),
)


parcel_file = Table(
    "parcel_file",
    metadata,
    Column("case_number", Text, primary_key=True, comment="办件编号"),
    Column("applicant", Text, nullable=False, comment="申请人账户（不透明标识）"),
    Column("window_unit", Text, nullable=False, comment="受理窗口"),
    Column("unit_path", Text, nullable=False, comment="窗口路径"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("courier_inbound", Boolean, nullable=False, comment="可上门取件"),
    Column("pickups", Integer, nullable=False, comment="取件次数"),
    Column("ended_at", UTCDateTime, comment="办件终止时间"),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

shipment = Table(
    "shipment",
    metadata,
    Column("shipment", Text, primary_key=True, comment="寄递件编号（客户订单号）"),
    Column("case_number", Text, nullable=False, index=True, comment="办件编号"),
    Column("direction", one_of(Direction), nullable=False, comment="方向"),
    Column("content", one_of(Content), nullable=False, comment="内件性质"),
    Column("applicant", Text, nullable=False, index=True, comment="申请人账户（不透明标识）"),
    Column("window_unit", Text, nullable=False, index=True, comment="受理窗口"),
    Column("unit_path", Text, nullable=False, comment="窗口路径"),
    Column("authority", Text, nullable=False, index=True, comment="决定机关"),
    Column("carrier", Text, nullable=False, comment="承运企业"),
    Column("pieces", Integer, nullable=False, comment="件数"),
    Column("citizen_price_fen", BigInteger, nullable=False, comment="申请人支付（分）"),
    Column("payer_account", Text, nullable=False, comment="付款账户"),
    Column("created_at", UTCDateTime, nullable=False, comment="申请时间"),
    Column("state", one_of(ShipmentState), nullable=False, comment="状态"),
    Column("waybill", Text, unique=True, comment="运单号"),
    Column("ordered_at", UTCDateTime, comment="接单时间"),
    Column("picked_up_at", UTCDateTime, comment="揽收时间"),
    Column("refused_at", UTCDateTime, comment="拒签时间"),
    Column("signed_at", UTCDateTime, comment="签收时间（承运方更正为退回后仍保留）"),
    Column("ended_at", UTCDateTime, comment="终结时间"),
    Column("signer", one_of(Signer), comment="签收人"),
    Column("cancelling", one_of(Cancelling), nullable=False, comment="撤单"),
    Column("tracks", TracksColumn, nullable=False, comment="轨迹（时间和代码，不含文字）"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("citizen_price_fen = 0", name="free_of_charge"),
    CheckConstraint("direction <> 'OUTBOUND' OR carrier = 'EMS'", name="postal_enterprise_only"),
)

shipment_label = Table(
    "shipment_label",
    metadata,
    _of_shipment(),
    Column("pdf_sealed", Text, comment="面单（加密）；终结后清除"),
    Column("prints", Integer, nullable=False, comment="打印次数"),
)

ledger_line = Table(
    "ledger_line",
    metadata,
    _of_shipment(),
    Column("case_number", Text, nullable=False, index=True, comment="办件编号"),
    Column("direction", one_of(Direction), nullable=False, comment="方向"),
    Column("waybill", Text, nullable=False, unique=True, comment="运单号"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("payer_account", Text, nullable=False, comment="付款账户"),
    Column("tariff", Text, nullable=False, comment="资费表"),
    Column("zone", one_of(Zone), nullable=False, comment="计费区"),
    Column("grams", Integer, nullable=False, comment="计费重量（克，下单时估计）"),
    Column("amount_fen", BigInteger, nullable=False, comment="金额（分）"),
    Column("charged_at", UTCDateTime, nullable=False, comment="记账时间"),
    Column("voided_at", UTCDateTime, comment="冲销时间（未揽收）"),
    CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
)

carrier_callback = Table(
    "carrier_callback",
    metadata,
    Column("digest", Text, primary_key=True, comment="推送内容摘要（SHA-256）"),
    Column("shipment", Text, ForeignKey("shipment.shipment"), nullable=False, comment="寄递件编号"),
    Column("received_at", UTCDateTime, nullable=False, comment="收到时间"),
)

SEALED = {shipment_label: (SealedColumn("pdf_sealed", "delivery.shipment_label.pdf"),)}


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if not list(mappers.mappers):
        map_aggregate(mappers, CourierOffer, courier_offer)
        map_aggregate(mappers, ParcelFile, parcel_file)
        map_aggregate(mappers, Shipment, shipment)
