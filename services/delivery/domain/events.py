"""What other services may learn from delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event

__all__ = [
    "CourierOfferAnswered",
    "CourierOffered",
    "ShipmentCreated",
    "ShipmentFailed",
    "ShipmentOrdered",
    "ShipmentPickedUp",
    "ShipmentSigned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOffered(Event):
    """Free courier was offered for a case."""

    type: ClassVar[str] = "delivery.courier_offered.v1"
    case_number: str
    carrier: str
    citizen_price_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOfferAnswered(Event):
    """The applicant chose between courier and collection."""

    type: ClassVar[str] = "delivery.courier_offer_answered.v1"
    case_number: str
    by_courier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCreated(Event):
    """A parcel was asked for."""

    type: ClassVar[str] = "delivery.shipment_created.v1"
    case_number: str
    shipment: str
    direction: str
    carrier: str
    citizen_price_fen: int
    payer_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentOrdered(Event):
    """The carrier took the order."""

    type: ClassVar[str] = "delivery.shipment_ordered.v1"
    case_number: str
    shipment: str
    waybill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPickedUp(Event):
    """The carrier has the parcel."""

    type: ClassVar[str] = "delivery.shipment_picked_up.v1"
    case_number: str
    shipment: str
    pick_up_time: datetime
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSigned(Event):
    """The parcel was signed for."""

    type: ClassVar[str] = "delivery.shipment_signed.v1"
    case_number: str
    shipment: str
    direction: str
    signer: str
    sign_time: datetime
    waybill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFailed(Event):
    """The parcel was refused, came back, was lost or was cancelled."""

    type: ClassVar[str] = "delivery.shipment_failed.v1"
    case_number: str
    shipment: str
    direction: str
    reason: str
    fail_time: datetime
