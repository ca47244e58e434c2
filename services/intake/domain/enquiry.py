"""A question with an owner (首问负责): whoever is asked first, until it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from servicekit.events import Aggregate, Event, Ownership
from servicekit.naming import named
from services.intake.domain import counter_errors as errors
from services.intake.domain.counter_events import (
    EnquiryAcknowledged,
    EnquiryAnswered,
    EnquiryHandedOver,
    EnquiryRegistered,
)
from services.intake.domain.values import Act, PostKind

__all__ = ["Enquiry", "acknowledge", "answer", "hand_over", "register"]


@dataclass(eq=False, kw_only=True)
class Enquiry(Aggregate):
    """One question, from who was asked first to its answer."""

    number: str
    question: str
    case_number: str
    asked_at: datetime
    first_owner: str
    first_unit: str
    owner: str
    unit: str
    unit_path: str
    revision: int = 1
    to_unit: str = ""
    handed_over_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    events: list[Event] = field(default_factory=list, repr=False)

    @property
    def stream_id(self) -> str:
        return self.number

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.unit, unit_path=self.unit_path)


def register(question: str, case_number: str, act: Act, *, number: str, unit_path: str) -> Enquiry:
    """Return the question; the person asked first owns it.

    Source: R1.3.
    """
    asked = Enquiry(
        number=number,
        question=question,
        case_number=case_number,
        asked_at=act.at,
        first_owner=act.person,
        first_unit=act.unit,
        owner=act.person,
        unit=act.unit,
        unit_path=unit_path,
    )
    asked.happened(
        EnquiryRegistered(
            enquiry=number,
            unit=act.unit,
            unit_path=unit_path,
            owner=act.person,
            case_number=case_number,
        )
    )
    return asked


def hand_over(asked: Enquiry, to_unit: str, act: Act, *, name: str = "") -> None:
    """Offer the question to another unit; the owner keeps it until that unit acknowledges.

    A supervisor does it for an owner who left or is away: to another unit, or to
    the colleagues in the same one. Nobody answers in the owner's place.

    Source: R1.3.
    """
    _require_open(asked)
    supervises = act.post_kind == PostKind.SUPERVISION
    if not supervises:
        _require_owner(asked, act)
    if to_unit == asked.unit and not supervises:
        raise errors.HandedOverToItselfError(
            "It is there", enquiry=asked.number, unit=named(name, to_unit)
        )
    asked.to_unit, asked.handed_over_at = to_unit, act.at
    asked.happened(EnquiryHandedOver(enquiry=asked.number, to_unit=to_unit))


def acknowledge(asked: Enquiry, act: Act, *, unit_path: str) -> None:
    """Take the question over; only now does its owner change.

    Source: R1.3.
    """
    _require_open(asked)
    if not asked.to_unit:
        raise errors.NoHandOverError("Nobody handed it over", enquiry=asked.number)
    if act.unit != asked.to_unit:
        raise errors.NotTheUnitAskedError(
            "Another unit was asked", enquiry=asked.number, unit=asked.to_unit
        )
    asked.owner, asked.unit, asked.unit_path = act.person, act.unit, unit_path
    asked.to_unit = ""
    asked.happened(EnquiryAcknowledged(enquiry=asked.number, owner=act.person))


def answer(asked: Enquiry, text: str, act: Act) -> None:
    """Answer the question and close it; without an answer it stays open.

    Source: R1.3.
    """
    _require_open(asked)
    _require_owner(asked, act)
    if not text.strip():
        raise errors.EnquiryUnansweredError("It has no answer", enquiry=asked.number)
    asked.answered_at, asked.answered_by, asked.answer = act.at, act.person, text.strip()
    asked.to_unit = ""
    asked.happened(EnquiryAnswered(enquiry=asked.number, answered_by=act.person))


def _require_open(asked: Enquiry) -> None:
    if asked.answered_at is not None:
        raise errors.EnquiryClosedError("It is answered", enquiry=asked.number)


def _require_owner(asked: Enquiry, act: Act) -> None:
    """Refuse anybody but the owner to pass the question on or to close it."""
    if act.person != asked.owner:
        raise errors.NotTheEnquiryOwnerError("Somebody else owns it", enquiry=asked.number)
