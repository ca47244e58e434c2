"""Answers that are no acceptance: not required, refused, withdrawn, terminated."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import errors, refusal, withdrawal
from services.intake.domain.item_terms import Remedies
from services.intake.domain.refusal import CompetentAuthority, Ground
from services.intake.domain.values import Power
from services.intake.handlers.accepting import Drafted
from services.intake.handlers.loading import act_of, load
from services.intake.ports import Blobs, IntakeUnitOfWork

__all__ = [
    "NotRequired",
    "NotRequiredGround",
    "RefusalGround",
    "RefuseAcceptance",
    "Refused",
    "TellNotRequired",
    "TerminateCase",
    "Terminated",
    "WithdrawCase",
    "refuse_acceptance",
    "tell_not_required",
    "terminate_case",
    "withdraw_case",
]


@dataclass(frozen=True, slots=True)
class TellNotRequired:
    """The window tells that the item needs no licence, or is out of force."""

    case_number: str
    revision: int
    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class RefuseAcceptance:
    """The window refuses acceptance and names the competent authority."""

    case_number: str
    revision: int
    competent_authority: str
    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    """The applicant withdraws."""

    case_number: str
    revision: int
    reason: str
    request_sha256: str


@dataclass(frozen=True, slots=True)
class TerminateCase:
    """The window ends a case whose period for correction passed."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class NotRequiredGround:
    """What was asked before the transaction: the powers, and what the successor is called."""

    powers: frozenset[Power]
    successor_name: str


@dataclass(frozen=True, slots=True)
class RefusalGround:
    """What was asked before the transaction: the powers, who is competent, the remedies."""

    powers: frozenset[Power]
    competent: CompetentAuthority
    remedies: Remedies


@dataclass(frozen=True, slots=True)
class TerminationGround:
    """What was asked before the transaction: the powers, and the remedies."""

    powers: frozenset[Power]
    remedies: Remedies


@dataclass(frozen=True, slots=True)
class NotRequired:
    """The case that needs no licence."""

    case_number: str
    revision: int
    document: str
    document_number: str
    successor_item: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The case whose acceptance was refused."""

    case_number: str
    revision: int
    document: str
    document_number: str
    competent_authority: str


@dataclass(frozen=True, slots=True)
class Terminated:
    """The case that the law ended."""

    case_number: str
    revision: int
    document: str
    document_number: str
    source: str


def tell_not_required(
    command: TellNotRequired, ground: NotRequiredGround, *, uow: IntakeUnitOfWork
) -> NotRequired:
    """Tell that the item needs no licence; number the 不受理告知书."""
    case = load(uow, command.case_number, command.revision)
    document = refusal.tell_not_required(
        case,
        Ground(reason=command.reason, legal_basis=command.legal_basis),
        act_of(uow.call),
        powers=ground.powers,
        successor_name=ground.successor_name,
        calendar=uow.calendar,
    )
    uow.number_documents()
    return NotRequired(
        case_number=case.number,
        revision=case.revision + 1,
        document=document.document,
        document_number=document.number,
        successor_item=case.terms.successor_item,
    )


def refuse_acceptance(
    command: RefuseAcceptance, ground: RefusalGround, *, uow: IntakeUnitOfWork
) -> Refused:
    """Refuse acceptance; number the 不予受理决定书."""
    case = load(uow, command.case_number, command.revision)
    document = refusal.refuse(
        case,
        ground.competent,
        Ground(reason=command.reason, legal_basis=command.legal_basis),
        act_of(uow.call),
        powers=ground.powers,
        remedies=ground.remedies,
        calendar=uow.calendar,
    )
    uow.number_documents()
    return Refused(
        case_number=case.number,
        revision=case.revision + 1,
        document=document.document,
        document_number=document.number,
        competent_authority=ground.competent.name,
    )


def withdraw_case(command: WithdrawCase, *, uow: IntakeUnitOfWork, blobs: Blobs) -> Drafted:
    """Withdraw the application."""
    case = load(uow, command.case_number, command.revision)
    if command.request_sha256 and not blobs.exists(command.request_sha256):
        raise errors.BlobUnknownError("There is no such file", sha256=command.request_sha256)
    act = act_of(uow.call, uow.predecessors)
    document = withdrawal.withdraw(case, command.reason, command.request_sha256, act)
    return Drafted(case.number, case.revision + 1, document.document)


def terminate_case(
    command: TerminateCase, ground: TerminationGround, *, uow: IntakeUnitOfWork
) -> Terminated:
    """End the case under the law of its item; number the 终止办理决定书."""
    case = load(uow, command.case_number, command.revision)
    document = refusal.terminate(
        case,
        act_of(uow.call),
        powers=ground.powers,
        remedies=ground.remedies,
        calendar=uow.calendar,
    )
    uow.number_documents()
    return Terminated(
        case_number=case.number,
        revision=case.revision + 1,
        document=document.document,
        document_number=document.number,
        source=case.endings[-1].legal_basis,
    )
