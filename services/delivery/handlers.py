"""The use cases of delivery: load, decide, save. No rule is written here."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.unit_of_work import check_revision
from services.delivery.domain import rules
from services.delivery.domain.offer import CourierOffer
from services.delivery.ports import DeliveryUnitOfWork

__all__ = [
    "AnswerCourierOffer",
    "CaseReceived",
    "OfferChanged",
    "answer_courier_offer",
    "offer_courier",
]


@dataclass(frozen=True, slots=True)
class AnswerCourierOffer:
    """The applicant chooses between courier and collection."""

    case_number: str
    revision: int
    by_courier: bool


@dataclass(frozen=True, slots=True)
class OfferChanged:
    """The offer after a command."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class CaseReceived:
    """An application was received; what delivery needs of it."""

    case_number: str
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    courier_offered: bool


def answer_courier_offer(command: AnswerCourierOffer, *, uow: DeliveryUnitOfWork) -> OfferChanged:
    """Record the applicant's answer."""
    offer = uow.offers.get(command.case_number)
    check_revision(offer, command.revision)
    offer.answer(by_courier=command.by_courier, at=uow.call.at)
    return OfferChanged(offer.case_number, command.revision + 1)


def offer_courier(fact: CaseReceived, *, uow: DeliveryUnitOfWork) -> None:
    """Offer free courier for a received case, where its item has a result to send."""
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
