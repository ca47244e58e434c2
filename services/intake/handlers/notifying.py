"""Notices of the procedure, and what the applicant answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.intake.domain import decisions, process_notice
from services.intake.domain.case import Case
from services.intake.domain.document import DocumentKind
from services.intake.domain.process_notice import Told
from services.intake.domain.values import (
    Act,
    ExtensionApprover,
    HandedIn,
    NoticeMeans,
    SpecialProcedureKind,
)
from services.intake.handlers.loading import act_of, find, load, require_files
from services.intake.handlers.results import Changed
from services.intake.ports import Blobs, IntakeUnitOfWork
from workdays import Due, Unit

__all__ = [
    "DatesRecomputed",
    "ExplanationRequested",
    "GiveExplanation",
    "GiveProcessNotice",
    "LimitExtended",
    "SpecialProcedurePlanned",
    "explanation_requested",
    "follow_dates",
    "give_explanation",
    "give_process_notice",
    "limit_extended",
    "special_procedure_planned",
]


@dataclass(frozen=True, slots=True)
class GiveProcessNotice:
    """A notice reached the applicant."""

    case_number: str
    revision: int
    document: str
    means: NoticeMeans
    ems_number: str


@dataclass(frozen=True, slots=True)
class GiveExplanation:
    """The applicant explains."""

    case_number: str
    revision: int
    explanation: str
    text: str
    materials: tuple[HandedIn, ...]


@dataclass(frozen=True, slots=True)
class SpecialProcedurePlanned:
    """A procedure whose time does not count was planned."""

    case_number: str
    authority: str
    procedure: str
    kind: SpecialProcedureKind
    days: int
    start_date: date
    institution: str
    source: str


@dataclass(frozen=True, slots=True)
class LimitExtended:
    """The limit of an authority was extended."""

    case_number: str
    authority: str
    extension: str
    amount: int
    unit: Unit
    reasons: str
    approver: str
    approved_as: ExtensionApprover
    statutory_due: Due
    promise_due: Due
    source: str


@dataclass(frozen=True, slots=True)
class ExplanationRequested:
    """An authority asks for an explanation."""

    case_number: str
    authority: str
    explanation: str
    question: str
    requested_by: str


@dataclass(frozen=True, slots=True)
class DatesRecomputed:
    """The review computed the dates of an authority again."""

    case_number: str
    promise_due: Due
    statutory_due: Due | None
    authority: str


@dataclass(frozen=True, slots=True)
class ProcessNoticeGiven:
    """The case after a notice was given."""

    case_number: str
    revision: int
    give_time: datetime


def give_process_notice(command: GiveProcessNotice, *, uow: IntakeUnitOfWork) -> ProcessNoticeGiven:
    """Note that a notice reached the applicant."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, uow.predecessors)
    process_notice.give(case, command.document, command.means, command.ems_number, act)
    return ProcessNoticeGiven(case.number, case.revision + 1, act.at)


def give_explanation(command: GiveExplanation, *, uow: IntakeUnitOfWork, blobs: Blobs) -> Changed:
    """Take in an explanation."""
    case = load(uow, command.case_number, command.revision)
    require_files(command.materials, blobs)
    act = act_of(uow.call, uow.predecessors)
    process_notice.explain(case, command.explanation, command.text.strip(), command.materials, act)
    return Changed(case.number, case.revision + 1)


def special_procedure_planned(
    fact: SpecialProcedurePlanned, unit: str, *, uow: IntakeUnitOfWork
) -> None:
    """Draft the 特别程序告知书."""
    said = {
        "procedure": fact.kind.name,
        "days": str(fact.days),
        "start_date": fact.start_date.isoformat(),
        "institution": fact.institution,
        "source": fact.source,
    }
    told = Told(
        kind=DocumentKind.SPECIAL_PROCEDURE,
        authority=fact.authority,
        reference=fact.procedure,
        facts=said,
    )
    _draft(find(uow, fact.case_number), told, unit, uow)


def limit_extended(fact: LimitExtended, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Keep the new dates, and draft the 延期决定通知书."""
    case = find(uow, fact.case_number)
    authority = fact.authority or case.authority
    before = decisions.statutory_day(case, authority)
    decisions.follow_dates(case, authority, fact.statutory_due, fact.promise_due)
    said = {
        "amount": str(fact.amount),
        "unit": fact.unit.name,
        "reasons": fact.reasons,
        "approver": fact.approver,
        "approved_as": fact.approved_as.name,
        "due_before": before.isoformat() if before else "",
        "statutory_due": fact.statutory_due.on.isoformat(),
        "source": fact.source,
    }
    told = Told(
        kind=DocumentKind.EXTENSION_NOTICE,
        authority=authority,
        reference=fact.extension,
        facts=said,
    )
    _draft(case, told, unit, uow)


def explanation_requested(fact: ExplanationRequested, unit: str, *, uow: IntakeUnitOfWork) -> None:
    """Draft the 补充说明通知书."""
    told = Told(
        kind=DocumentKind.EXPLANATION_REQUEST,
        authority=fact.authority,
        reference=fact.explanation,
        facts={"question": fact.question, "requested_by": fact.requested_by},
    )
    _draft(find(uow, fact.case_number), told, unit, uow)


def _draft(case: Case, told: Told, unit: str, uow: IntakeUnitOfWork) -> None:
    process_notice.draft(case, told, Act(at=uow.call.at, unit=unit))


def follow_dates(fact: DatesRecomputed, *, uow: IntakeUnitOfWork) -> None:
    """Keep the dates of a case as the review computed them."""
    case = find(uow, fact.case_number)
    decisions.follow_dates(
        case, fact.authority or case.authority, fact.statutory_due, fact.promise_due
    )
