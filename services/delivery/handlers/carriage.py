"""What passes between delivery and the carrier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.delivery.domain import tariff
from services.delivery.domain.rules import Direction
from services.delivery.domain.shipment import Cancelling, Shipment
from services.delivery.domain.tariff import Zone
from services.delivery.domain.tracks import Track
from services.delivery.ports import DeliveryUnitOfWork, LedgerLine

__all__ = [
    "ASSUMED_GRAMS",
    "CANCEL",
    "CONFIRM",
    "ORDER",
    "CarrierReport",
    "Ordered",
    "ask_to_cancel",
    "ask_to_order",
    "mark_cancelled",
    "mark_ordered",
    "take_answer",
    "take_callback",
]

ORDER: Final = "order_shipment"
CONFIRM: Final = "confirm_tracks"
CANCEL: Final = "cancel_order"
# Documents in an envelope; the carrier's bill says what it really weighed.
ASSUMED_GRAMS: Final[Mapping[Direction, int]] = {Direction.OUTBOUND: 500, Direction.INBOUND: 1000}


@dataclass(frozen=True, slots=True)
class Ordered:
    """The carrier's answer to an order. `label` is the PDF, to be sealed."""

    shipment: str
    waybill: str
    zone: Zone
    label: bytes


@dataclass(frozen=True, slots=True)
class CarrierReport:
    """What a callback tells; `digest` names it."""

    digest: str
    waybill: str
    tracks: tuple[Track, ...]


def ask_to_order(shipment: Shipment, *, uow: DeliveryUnitOfWork) -> None:
    """Have the order placed; the carrier is reached by the jobs only."""
    uow.ask(ORDER, f"order:{shipment.shipment}", shipment=shipment.shipment)


def ask_to_cancel(shipment: Shipment, *, uow: DeliveryUnitOfWork) -> None:
    """Have the order cancelled where the carrier has one."""
    if shipment.cancelling is Cancelling.ASKED:
        uow.ask(CANCEL, f"cancel:{shipment.shipment}", shipment=shipment.shipment)


def mark_ordered(fact: Ordered, *, uow: DeliveryUnitOfWork) -> None:
    """Store the waybill, the label and what the finance account owes.

    Source: R2.8.
    """
    shipment = uow.shipments.get(fact.shipment)
    if not shipment.order(fact.waybill, uow.call.at):
        return
    if shipment.cancelling is Cancelling.ASKED:
        ask_to_cancel(shipment, uow=uow)
        return
    grams = ASSUMED_GRAMS[shipment.direction]
    agreed = tariff.require_tariff(uow.tariffs, shipment.carrier, uow.today)
    uow.ledger.add(
        LedgerLine(
            shipment=shipment.shipment,
            case_number=shipment.case_number,
            direction=shipment.direction,
            waybill=fact.waybill,
            authority=shipment.authority,
            payer_account=shipment.payer_account,
            tariff=agreed.tariff,
            zone=fact.zone,
            grams=grams,
            amount_fen=agreed.price_fen(fact.zone, grams),
            charged_at=uow.call.at,
        )
    )
    uow.labels.keep(shipment.shipment, fact.label)


def take_callback(report: CarrierReport, *, uow: DeliveryUnitOfWork) -> bool:
    """Take in what the carrier pushed; tell whether it was about a parcel of ours.

    Once per callback; decisive states wait until the carrier was asked.
    """
    shipment = uow.shipments.of_waybill(report.waybill)
    if shipment is None:
        return False
    if uow.callbacks.keep(report.digest, shipment.shipment) and shipment.report(
        report.tracks, confirmed=False
    ):
        key = f"confirm:{shipment.shipment}:{report.digest[:16]}"
        uow.ask(CONFIRM, key, shipment=shipment.shipment)
    return True


def take_answer(shipment: str, reported: tuple[Track, ...], *, uow: DeliveryUnitOfWork) -> None:
    """Take in what the carrier answered when it was asked: this is believed.

    Source: 快递100 接口.
    """
    found = uow.shipments.get(shipment)
    found.report(reported, confirmed=True)
    _tidy(found, uow=uow)


def mark_cancelled(shipment: str, *, agreed: bool, uow: DeliveryUnitOfWork) -> None:
    """Record the carrier's word on a cancellation."""
    found = uow.shipments.get(shipment)
    found.cancelled(agreed=agreed, at=uow.call.at)
    _tidy(found, uow=uow)


def _tidy(shipment: Shipment, *, uow: DeliveryUnitOfWork) -> None:
    """Erase what is no longer needed, and take off the ledger what was never carried.

    Source: 个人信息保护法 第十九条.
    """
    if not shipment.is_ended:
        return
    uow.labels.erase(shipment.shipment)
    if shipment.picked_up_at is None:
        uow.ledger.void(shipment.shipment, uow.call.at)
