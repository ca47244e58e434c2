"""What delivery does with the facts of intake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.delivery.domain import rules, tariff
from services.delivery.domain.errors import AlreadyPickedUpError
from services.delivery.domain.offer import CourierOffer
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.shipment import Shipment
from services.delivery.handlers.carriage import ask_to_cancel, ask_to_order
from services.delivery.ports import DeliveryUnitOfWork

__all__ = [
    "CaseEnded",
    "CaseReceived",
    "CaseTransferred",
    "ResultDispatched",
    "end_case",
    "open_file",
    "send_result",
    "transfer_case",
]


@dataclass(frozen=True, slots=True)
class CaseReceived:
    """An application was received; what delivery needs of it."""

    case_number: str
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    courier_offered: bool
    courier_inbound: bool


@dataclass(frozen=True, slots=True)
class CaseTransferred:
    """Another window answers for the case from now on."""

    case_number: str
    to_unit: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """The case ended without a result."""

    case_number: str


@dataclass(frozen=True, slots=True)
class ResultDispatched:
    """The window gave the result to the courier."""

    case_number: str
    window_unit: str
    unit_path: str
    pieces: int
    attempt: int


def open_file(fact: CaseReceived, *, uow: DeliveryUnitOfWork) -> None:
    """Open the file of a received case; offer free courier where there is a result to send."""
    uow.files.add(
        ParcelFile(
            case_number=fact.case_number,
            applicant=fact.applicant,
            window_unit=fact.window_unit,
            unit_path=fact.unit_path,
            authority=fact.authority,
            courier_inbound=fact.courier_inbound,
        )
    )
    if not rules.courier_must_be_offered(courier_offered=fact.courier_offered):
        return
    uow.offers.add(
        CourierOffer.make(
            case_number=fact.case_number,
            applicant=fact.applicant,
            window_unit=fact.window_unit,
            unit_path=fact.unit_path,
            authority=fact.authority,
            at=uow.call.at,
        )
    )


def transfer_case(fact: CaseTransferred, *, uow: DeliveryUnitOfWork) -> None:
    """Let the other window see the case's offer and parcels."""
    found = (uow.files.find(fact.case_number), uow.offers.find(fact.case_number))
    for each in (*found, *uow.shipments.of_case(fact.case_number)):
        if each is not None:
            each.move(fact.to_unit, fact.unit_path)


def end_case(fact: CaseEnded, *, uow: DeliveryUnitOfWork) -> None:
    """Close what is open: the offer, and what the carrier has not picked up."""
    at: datetime = uow.call.at
    file = uow.files.find(fact.case_number)
    if file is not None:
        file.end(at)
    offer = uow.offers.find(fact.case_number)
    if offer is not None:
        offer.lapse()
    for shipment in uow.shipments.of_case(fact.case_number):
        try:
            shipment.cancel(at)
        except AlreadyPickedUpError:
            continue  # it arrives, and whoever receives it sends it back
        ask_to_cancel(shipment, uow=uow)


def send_result(fact: ResultDispatched, *, uow: DeliveryUnitOfWork) -> None:
    """Make the parcel of a dispatched result and ask for its order at the carrier.

    Source: R2.7, R2.8; 邮政法 第五十五条.
    """
    file = uow.files.find(fact.case_number) or ParcelFile(
        case_number=fact.case_number,
        applicant="",
        window_unit=fact.window_unit,
        unit_path=fact.unit_path,
        authority="",
        courier_inbound=False,
    )
    if file.window_unit != fact.window_unit:  # a window that was merged into this one accepted it
        file.move(fact.window_unit, fact.unit_path)
    carrier = rules.POSTAL_ENTERPRISE
    tariff.require_tariff(uow.tariffs, carrier, uow.today)
    shipment = Shipment.send(
        file, attempt=fact.attempt, carrier=carrier, pieces=fact.pieces, at=uow.call.at
    )
    uow.shipments.add(shipment)
    ask_to_order(shipment, uow=uow)
