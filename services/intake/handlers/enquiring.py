"""Questions with an owner: registered, handed over, taken over, answered."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.unit_of_work import check_revision
from services.intake.domain import enquiry
from services.intake.domain.counter_errors import EnquiryUnknownError, UnitUnknownError
from services.intake.domain.enquiry import Enquiry
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import PostKind
from services.intake.handlers.loading import act_of
from services.intake.ports import IntakeUnitOfWork

__all__ = [
    "AcknowledgeEnquiry",
    "AnswerEnquiry",
    "HandOverEnquiry",
    "RegisterEnquiry",
    "acknowledge_enquiry",
    "answer_enquiry",
    "hand_over_enquiry",
    "register_enquiry",
]


@dataclass(frozen=True, slots=True)
class RegisterEnquiry:
    """Somebody asks."""

    question: str
    asked_by_name: str
    asked_by_phone: str
    case_number: str


@dataclass(frozen=True, slots=True)
class HandOverEnquiry:
    """The owner offers the question to another unit."""

    enquiry: str
    revision: int
    to_unit: str


@dataclass(frozen=True, slots=True)
class AcknowledgeEnquiry:
    """The other unit takes it over."""

    enquiry: str
    revision: int


@dataclass(frozen=True, slots=True)
class AnswerEnquiry:
    """The owner answers."""

    enquiry: str
    revision: int
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The question after a command."""

    enquiry: str
    revision: int


def register_enquiry(command: RegisterEnquiry, number: str, *, uow: IntakeUnitOfWork) -> Asked:
    """Register the question; who was asked owns it."""
    if command.case_number and uow.cases.find(command.case_number) is None:
        raise CaseUnknownError("A question about an unknown case", case=command.case_number)
    asked = enquiry.register(
        command.question.strip(),
        command.case_number,
        act_of(uow.call),
        number=number,
        unit_path=uow.call.caller.unit_path,
    )
    uow.enquiries.add(asked)
    uow.enquirers.add(asked.number, command.asked_by_name.strip(), command.asked_by_phone)
    return Asked(asked.number, asked.revision)


def hand_over_enquiry(
    command: HandOverEnquiry, unit_name: str | None, *, uow: IntakeUnitOfWork
) -> Asked:
    """Offer the question to another unit."""
    if unit_name is None:
        raise UnitUnknownError("There is no such unit", unit=command.to_unit)
    asked = _load(uow, command.enquiry, command.revision)
    act = act_of(uow.call)
    if act.post_kind == PostKind.SUPERVISION:
        uow.enquiries.get(command.enquiry)  # only of a unit that is supervised
    enquiry.hand_over(asked, command.to_unit, act, name=unit_name)
    return Asked(asked.number, asked.revision + 1)


def acknowledge_enquiry(command: AcknowledgeEnquiry, *, uow: IntakeUnitOfWork) -> Asked:
    """Take the question over."""
    asked = _load(uow, command.enquiry, command.revision)
    enquiry.acknowledge(asked, act_of(uow.call), unit_path=uow.call.caller.unit_path)
    return Asked(asked.number, asked.revision + 1)


def answer_enquiry(command: AnswerEnquiry, *, uow: IntakeUnitOfWork) -> Asked:
    """Answer the question and close it."""
    asked = _load(uow, command.enquiry, command.revision)
    enquiry.answer(asked, command.answer, act_of(uow.call))
    return Asked(asked.number, asked.revision + 1)


def _load(uow: IntakeUnitOfWork, number: str, revision: int) -> Enquiry:
    """Return the question, whoever asks; the rules say who may do what with it."""
    asked = uow.enquiries.find(number)
    if asked is None:
        raise EnquiryUnknownError("There is no such enquiry", enquiry=number)
    check_revision(asked, revision)
    return asked
