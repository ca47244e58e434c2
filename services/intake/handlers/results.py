"""Seals, paper and results: from acceptance to the applicant's hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import bundle, result, sealing
from services.intake.domain.values import Recipient, WindowPowers
from services.intake.handlers.accepting import Drafted
from services.intake.handlers.carrying import mandate_on_file
from services.intake.handlers.loading import act_of, load
from services.intake.ports import IntakeUnitOfWork, SealRegister

__all__ = [
    "Changed",
    "HandOut",
    "HandOverBundle",
    "HandedOut",
    "ReceiveBundle",
    "ReceiveResult",
    "ReturnResult",
    "SealDocument",
    "Sealed",
    "hand_out",
    "hand_over_bundle",
    "receive_bundle",
    "receive_result",
    "return_result",
    "seal_document",
]


@dataclass(frozen=True, slots=True)
class SealDocument:
    """The use of a seal is registered."""

    case_number: str
    revision: int
    document: str
    seal: str
    scan_sha256: str


@dataclass(frozen=True, slots=True)
class HandOverBundle:
    """Paper leaves the window."""

    case_number: str
    revision: int
    bag: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ReceiveBundle:
    """Paper arrives in the department."""

    case_number: str
    revision: int
    bag: str
    pieces: int


@dataclass(frozen=True, slots=True)
class ReturnResult:
    """The result leaves the department."""

    case_number: str
    revision: int
    certificate_number: str
    bag: str


@dataclass(frozen=True, slots=True)
class ReceiveResult:
    """The result arrives at the window."""

    case_number: str
    revision: int
    bag: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """The result is handed out."""

    case_number: str
    revision: int
    recipient: Recipient
    signed_by: str
    mandate: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The case after a document was issued."""

    case_number: str
    revision: int
    issue_time: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """The case after a command."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The case after its result was handed out."""

    case_number: str
    revision: int
    document: str
    visits: int


def seal_document(
    command: SealDocument,
    predecessors: frozenset[str],
    *,
    uow: IntakeUnitOfWork,
    seals: SealRegister,
) -> Sealed:
    """Register the use of a seal; with it the document is issued."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, predecessors)
    document, seal = sealing.sealable(case, command.document, command.seal, act)
    used = seals.seal(
        seal_id=seal.identity,
        seal_kind=seal.kind.name,
        person=act.person,
        scan_sha256=command.scan_sha256,
    )
    sealing.seal(case, document, seal, act, scan_sha256=used.scan_sha256, certified=used.certified)
    return Sealed(case.number, case.revision + 1, act.at)


def hand_over_bundle(
    command: HandOverBundle, predecessors: frozenset[str], *, uow: IntakeUnitOfWork
) -> Drafted:
    """Hand the paper to the department."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, predecessors)
    document = bundle.hand_over(case, command.bag, command.pieces, act)
    return Drafted(case.number, case.revision + 1, document.document)


def receive_bundle(command: ReceiveBundle, *, uow: IntakeUnitOfWork) -> Changed:
    """Take the paper over."""
    case = load(uow, command.case_number, command.revision)
    bundle.receive(case, command.bag, command.pieces, act_of(uow.call))
    return Changed(case.number, case.revision + 1)


def return_result(command: ReturnResult, *, uow: IntakeUnitOfWork) -> Drafted:
    """Send the result back to the accepting window."""
    case = load(uow, command.case_number, command.revision)
    document = result.return_result(case, command.certificate_number, command.bag, act_of(uow.call))
    return Drafted(case.number, case.revision + 1, document.document)


def receive_result(command: ReceiveResult, held: WindowPowers, *, uow: IntakeUnitOfWork) -> Changed:
    """Take the result over at the window."""
    case = load(uow, command.case_number, command.revision)
    result.receive_result(case, command.bag, act_of(uow.call, held.predecessors))
    return Changed(case.number, case.revision + 1)


def hand_out(command: HandOut, held: WindowPowers, *, uow: IntakeUnitOfWork) -> HandedOut:
    """Hand the result out against signature."""
    case = load(uow, command.case_number, command.revision)
    document = result.hand_out(
        case,
        command.recipient,
        act_of(uow.call, held.predecessors),
        powers=held.powers,
        signed_by=command.signed_by,
        mandate=command.mandate,
        addressee=uow.applicants.get(case.number),
        on_file=mandate_on_file(uow, case),
    )
    uow.applicants.signed_for(case.number, command.signed_by.strip())
    return HandedOut(case.number, case.revision + 1, document.document, len(case.visits))
