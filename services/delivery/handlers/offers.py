"""The offer of free courier: made when a case is received, answered once."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.unit_of_work import check_revision
from services.delivery.ports import DeliveryUnitOfWork

__all__ = [
    "AnswerCourierOffer",
    "OfferChanged",
    "answer_courier_offer",
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


def answer_courier_offer(command: AnswerCourierOffer, *, uow: DeliveryUnitOfWork) -> OfferChanged:
    """Record the applicant's answer."""
    offer = uow.offers.get(command.case_number)
    check_revision(offer, command.revision)
    offer.answer(by_courier=command.by_courier, at=uow.call.at)
    return OfferChanged(offer.case_number, command.revision + 1)
