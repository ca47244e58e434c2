"""How offers are stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Enum, Integer, Table, Text
from sqlalchemy.orm import registry

from servicekit.database import UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from services.delivery.domain.offer import CourierOffer, OfferState

__all__ = ["courier_offer", "mappers", "metadata", "start_mappers", "tables"]

metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)

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
    Column("state", Enum(OfferState, native_enum=False, length=20), nullable=False, comment="状态"),
    Column("answered_at", UTCDateTime, comment="答复时间"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("citizen_price_fen = 0", name="free_of_charge"),
    CheckConstraint("(answered_at IS NULL) = (state = 'OPEN')", name="answered_once"),
)


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if not list(mappers.mappers):
        map_aggregate(mappers, CourierOffer, courier_offer)
