"""Notice, correction, acceptance: what happens before the departments begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import acceptance, notice
from services.intake.domain.notice import EntryOfNotice
from services.intake.domain.values import Channel, HandedIn, NoticeMeans, Power
from services.intake.handlers.loading import act_of, load, require_files
from services.intake.ports import Blobs, IntakeUnitOfWork
from workdays import Due

__all__ = [
    "AcceptCase",
    "Accepted",
    "CorrectionTaken",
    "Drafted",
    "GiveOneTimeNotice",
    "SubmitCorrection",
    "accept_case",
    "give_one_time_notice",
    "submit_correction",
]


@dataclass(frozen=True, slots=True)
class GiveOneTimeNotice:
    """The window tells the applicant what must be corrected."""

    case_number: str
    revision: int
    entries: tuple[EntryOfNotice, ...]
    means: NoticeMeans
    proof: str


@dataclass(frozen=True, slots=True)
class SubmitCorrection:
    """The applicant hands in what the notice asked for."""

    case_number: str
    revision: int
    materials: tuple[HandedIn, ...]
    channel: Channel


@dataclass(frozen=True, slots=True)
class AcceptCase:
    """The window accepts."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """The case after a command that drafted a document."""

    case_number: str
    revision: int
    document: str


@dataclass(frozen=True, slots=True)
class CorrectionTaken:
    """The case after a correction, and what is still open."""

    case_number: str
    revision: int
    outstanding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The accepted case with its dates and its notice."""

    case_number: str
    revision: int
    accept_time: datetime
    statutory_due: Due | None
    promise_due: Due
    document: str
    document_number: str


def give_one_time_notice(
    command: GiveOneTimeNotice, powers: frozenset[Power], *, uow: IntakeUnitOfWork
) -> Drafted:
    """Give the one-time notice."""
    case = load(uow, command.case_number, command.revision)
    document = notice.give(
        case,
        command.entries,
        command.means,
        act_of(uow.call),
        proof=command.proof,
        powers=powers,
        calendar=uow.calendar,
    )
    return Drafted(case.number, case.revision + 1, document.document)


def submit_correction(
    command: SubmitCorrection, *, uow: IntakeUnitOfWork, blobs: Blobs
) -> CorrectionTaken:
    """Take in a correction."""
    case = load(uow, command.case_number, command.revision)
    require_files(command.materials, blobs)
    outstanding = notice.submit_correction(
        case, command.materials, command.channel, act_of(uow.call), uow.calendar
    )
    return CorrectionTaken(case.number, case.revision + 1, outstanding)


def accept_case(
    command: AcceptCase, powers: frozenset[Power], *, uow: IntakeUnitOfWork
) -> Accepted:
    """Accept the case and number its 受理通知书."""
    case = load(uow, command.case_number, command.revision)
    document = acceptance.accept(case, powers, act_of(uow.call), uow.calendar)
    event = acceptance.accepted_event(case, uow.calendar)
    uow.number_documents()
    return Accepted(
        case_number=case.number,
        revision=case.revision + 1,
        accept_time=event.accept_time,
        statutory_due=event.statutory_due,
        promise_due=event.promise_due,
        document=document.document,
        document_number=document.number,
    )
