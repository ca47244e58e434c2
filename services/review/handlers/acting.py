"""Special procedures, extension, questions, waiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.review.domain import asking, extending, paper, procedures
from services.review.domain.acts import SpecialProcedureKind
from services.review.handlers.loading import ReviewChanged, actor, load
from services.review.ports import ReviewUnitOfWork
from workdays import Due

__all__ = [
    "AnswerConsultation",
    "AskAuthorities",
    "EndSpecialProcedure",
    "ExplanationAsked",
    "ExtendLimit",
    "LimitIsExtended",
    "PlanSpecialProcedure",
    "ProcedureEnded",
    "ProcedurePlanned",
    "RequestExplanation",
    "WaiveBundle",
    "answer_consultation",
    "ask_authorities",
    "end_special_procedure",
    "extend_limit",
    "plan_special_procedure",
    "request_explanation",
    "waive_bundle",
]


@dataclass(frozen=True, slots=True)
class PlanSpecialProcedure:
    """The department plans a procedure whose time does not count."""

    case_number: str
    revision: int
    authority: str
    kind: SpecialProcedureKind
    days: int
    start_date: date
    institution: str


@dataclass(frozen=True, slots=True)
class ProcedurePlanned:
    """The planned procedure; the notice refers to it."""

    case_number: str
    revision: int
    procedure: str


@dataclass(frozen=True, slots=True)
class EndSpecialProcedure:
    """The procedure is over."""

    case_number: str
    revision: int
    authority: str
    procedure: str
    end_date: date


@dataclass(frozen=True, slots=True)
class ProcedureEnded:
    """The ended procedure, and what does not count because of it."""

    case_number: str
    revision: int
    excluded_days: int


@dataclass(frozen=True, slots=True)
class ExtendLimit:
    """The head extends the limit of the law."""

    case_number: str
    revision: int
    authority: str
    amount: int
    reasons: str


@dataclass(frozen=True, slots=True)
class LimitIsExtended:
    """The extension; the notice refers to it."""

    case_number: str
    revision: int
    extension: str
    statutory_due: Due
    promise_due: Due


@dataclass(frozen=True, slots=True)
class RequestExplanation:
    """The department asks the applicant."""

    case_number: str
    revision: int
    authority: str
    question: str


@dataclass(frozen=True, slots=True)
class ExplanationAsked:
    """The request; the applicant's answer refers to it."""

    case_number: str
    revision: int
    explanation: str


@dataclass(frozen=True, slots=True)
class AskAuthorities:
    """The deciding authority asks others."""

    case_number: str
    revision: int
    consulted: tuple[str, ...]
    question: str
    answer_by_date: date


@dataclass(frozen=True, slots=True)
class AnswerConsultation:
    """An authority that was asked answers."""

    case_number: str
    revision: int
    agrees: bool
    text: str


@dataclass(frozen=True, slots=True)
class WaiveBundle:
    """The head waives the paper."""

    case_number: str
    revision: int
    reason: str


def plan_special_procedure(
    command: PlanSpecialProcedure, *, uow: ReviewUnitOfWork
) -> ProcedurePlanned:
    """Plan a procedure; no clock stops before its notice."""
    review = load(command, uow, command.authority)
    planned = procedures.plan(
        review,
        actor(uow.call),
        uow.call.at,
        kind=command.kind,
        days=command.days,
        start_date=command.start_date,
        institution=command.institution,
    )
    return ProcedurePlanned(review.case_number, command.revision + 1, planned.procedure)


def end_special_procedure(command: EndSpecialProcedure, *, uow: ReviewUnitOfWork) -> ProcedureEnded:
    """End a procedure."""
    review = load(command, uow, command.authority)
    days = procedures.end(
        review,
        actor(uow.call),
        uow.call.at,
        procedure=command.procedure,
        end_date=command.end_date,
        calendar=uow.calendars.current(),
    )
    return ProcedureEnded(review.case_number, command.revision + 1, days)


def extend_limit(command: ExtendLimit, *, uow: ReviewUnitOfWork) -> LimitIsExtended:
    """Extend the limit of the law, once."""
    review = load(command, uow, command.authority)
    extended = extending.extend(
        review,
        actor(uow.call),
        uow.call.at,
        amount=command.amount,
        reasons=command.reasons,
        calendar=uow.calendars.current(),
    )
    return LimitIsExtended(
        case_number=review.case_number,
        revision=command.revision + 1,
        extension=extended.extension,
        statutory_due=extended.statutory_due,
        promise_due=extended.promise_due,
    )


def request_explanation(command: RequestExplanation, *, uow: ReviewUnitOfWork) -> ExplanationAsked:
    """Ask the applicant for an explanation."""
    review = load(command, uow, command.authority)
    asked = asking.request_explanation(
        review, actor(uow.call), uow.call.at, question=command.question
    )
    return ExplanationAsked(review.case_number, command.revision + 1, asked.explanation)


def ask_authorities(command: AskAuthorities, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Ask other authorities for their opinion."""
    review = load(command, uow)
    asking.ask_authorities(
        review,
        actor(uow.call),
        uow.call.at,
        consulted=command.consulted,
        question=command.question,
        answer_by_date=command.answer_by_date,
    )
    return ReviewChanged(review.case_number, command.revision + 1)


def answer_consultation(command: AnswerConsultation, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Answer for an authority that was asked."""
    review = load(command, uow)
    asking.answer_consultation(
        review, actor(uow.call), uow.call.at, agrees=command.agrees, text=command.text
    )
    return ReviewChanged(review.case_number, command.revision + 1)


def waive_bundle(command: WaiveBundle, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Waive the paper that does not come."""
    review = load(command, uow)
    paper.waive(review, actor(uow.call), uow.call.at, reason=command.reason)
    return ReviewChanged(review.case_number, command.revision + 1)
