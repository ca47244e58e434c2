"""What applicants and windows ask of shipments."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.unit_of_work import check_revision
from services.delivery.domain import rules, tariff
from services.delivery.domain.errors import PickupUnderWayError
from services.delivery.domain.rules import Content, Direction
from services.delivery.domain.shipment import Shipment
from services.delivery.domain.tracks import ShipmentState
from services.delivery.handlers.carriage import ask_to_cancel, ask_to_order
from services.delivery.ports import DeliveryUnitOfWork

__all__ = [
    "CancelShipment",
    "PickupRequested",
    "Printed",
    "RequestPickup",
    "ShipmentChanged",
    "cancel_shipment",
    "print_label",
    "request_pickup",
]


@dataclass(frozen=True, slots=True)
class RequestPickup:
    """Somebody wants originals of a case to be fetched."""

    case_number: str
    pieces: int
    fee_fen: int
    carrier: str
    official_documents: bool


@dataclass(frozen=True, slots=True)
class PickupRequested:
    """The shipment that was made."""

    case_number: str
    shipment: str
    revision: int


@dataclass(frozen=True, slots=True)
class CancelShipment:
    """Somebody does not want a parcel to go any more."""

    shipment: str
    revision: int


@dataclass(frozen=True, slots=True)
class ShipmentChanged:
    """The shipment after a command."""

    case_number: str
    revision: int
    state: ShipmentState


@dataclass(frozen=True, slots=True)
class Printed:
    """A label, and the how-manieth print of it this is."""

    pdf: bytes
    print: int


def request_pickup(command: RequestPickup, *, uow: DeliveryUnitOfWork) -> PickupRequested:
    """Ask the carrier to fetch originals, at the expense of the district's finance.

    Source: R2.7, R2.8; 邮政法 第五十五条.
    """
    file = uow.files.get(command.case_number)
    rules.require_free(command.fee_fen, case=file.case_number)
    carrier = command.carrier or rules.POSTAL_ENTERPRISE
    content = (
        Content.OFFICIAL_DOCUMENT if command.official_documents else Content.APPLICATION_MATERIAL
    )
    rules.require_may_carry(carrier, Direction.INBOUND, content)
    tariff.require_tariff(uow.tariffs, carrier, uow.today)
    for each in uow.shipments.of_case(file.case_number):
        if each.direction is Direction.INBOUND and not each.is_ended:
            raise PickupUnderWayError("It is being fetched", case=file.case_number)
    shipment = Shipment.fetch(
        file, content=content, carrier=carrier, pieces=command.pieces, at=uow.call.at
    )
    uow.shipments.add(shipment)
    ask_to_order(shipment, uow=uow)
    return PickupRequested(shipment.case_number, shipment.shipment, shipment.revision)


def cancel_shipment(command: CancelShipment, *, uow: DeliveryUnitOfWork) -> ShipmentChanged:
    """Cancel a parcel that nobody has picked up."""
    shipment = uow.shipments.get(command.shipment)
    check_revision(shipment, command.revision)
    shipment.cancel(uow.call.at)
    ask_to_cancel(shipment, uow=uow)
    revision = command.revision + bool(shipment.events)
    return ShipmentChanged(shipment.case_number, revision, shipment.state)


def print_label(shipment: str, purpose: str, *, uow: DeliveryUnitOfWork) -> Printed:
    """Return a label to be printed; who printed it, and what for, is in the audit before.

    Source: 快递暂行条例 第二十二条; 个人信息保护法 第五十四条.
    """
    found = uow.shipments.get(shipment)
    pdf, count = uow.labels.print(found.shipment, case=found.case_number)
    uow.note(purpose=purpose, print=count)
    uow.commit()
    return Printed(pdf, count)
