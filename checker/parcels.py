"""Parcels as delivery has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checker.databases import Database
from checker.values import instant

__all__ = ["Shipment", "read_shipments"]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel to the applicant or to the centre."""

    shipment: str
    case_number: str
    direction: str
    carrier: str
    pieces: int
    citizen_price_fen: int
    payer_account: str
    state: str
    waybill: str
    picked_up_at: datetime | None
    refused_at: datetime | None
    signed_at: datetime | None
    ended_at: datetime | None
    signer: str
    charged_fen: int | None

    @property
    def outbound(self) -> bool:
        return self.direction.startswith("OUT")


def read_shipments(database: Database) -> Mapping[str, tuple[Shipment, ...]]:
    """Return the parcels by case."""
    sql = """SELECT s.*, l.amount_fen AS charged_fen FROM shipment s
        LEFT JOIN ledger_line l ON l.shipment = s.shipment
        ORDER BY s.case_number, s.created_at, s.shipment"""
    found: dict[str, list[Shipment]] = {}
    for row in database.rows(sql):
        found.setdefault(row["case_number"], []).append(_shipment(row))
    return {number: tuple(parcels) for number, parcels in found.items()}


def _shipment(row: Mapping[str, Any]) -> Shipment:
    return Shipment(
        shipment=row["shipment"],
        case_number=row["case_number"],
        direction=row["direction"],
        carrier=row["carrier"],
        pieces=row["pieces"],
        citizen_price_fen=row["citizen_price_fen"],
        payer_account=row["payer_account"],
        state=row["state"],
        waybill=row["waybill"] or "",
        picked_up_at=instant(row["picked_up_at"]),
        refused_at=instant(row["refused_at"]),
        signed_at=instant(row["signed_at"]),
        ended_at=instant(row["ended_at"]),
        signer=row["signer"] or "",
        charged_fen=row["charged_fen"],
    )
