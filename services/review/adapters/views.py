"""What a reader of review sees; the words of the messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.review.domain import dates, extending, procedures
from services.review.domain.acts import (
    BundleWaiver,
    Consultation,
    Explanation,
    ExtensionApprover,
    ExtensionTerms,
    ProcedureTerms,
    SpecialProcedure,
    SpecialProcedureKind,
)
from services.review.domain.clocks import Light
from services.review.domain.facts import (
    ClockReading,
    DecisionOutcome,
    Opinion,
    ReviewState,
    SiteCheck,
)
from services.review.domain.review_case import ReviewCase, read_clock
from workdays import Due, Unit, WorkCalendar

__all__ = ["ReviewView", "WorkItem", "review_view"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureView:
    """A procedure, with what does not count because of it."""

    procedure: str
    kind: SpecialProcedureKind
    days: int
    start_date: date
    institution: str
    stops_promise: bool
    source: str
    planned_by: str
    plan_time: datetime
    notice_time: datetime | None
    end_date: date | None
    excluded_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionView:
    """The extension, with the terms it was given on."""

    extension: str
    amount: int
    unit: Unit
    reasons: str
    approver: str
    approved_as: ExtensionApprover
    source: str
    extend_time: datetime
    notice_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The decision, and whether the case had ended before it."""

    decider: str
    decide_time: datetime
    outcome: DecisionOutcome
    facts: str
    reasons: str
    legal_bases: tuple[str, ...]
    content: str
    valid_until_date: date | None
    conditions: tuple[str, ...]
    void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStanding:
    """How far one authority is with a case."""

    authority: str
    name: str
    state: ReviewState
    outcome: DecisionOutcome | None
    promise_due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A task as the departments see it, at the instant of reading."""

    case_number: str
    revision: int
    state: ReviewState
    item_code: str
    item_version: str
    authority: str
    receive_time: datetime
    accept_time: datetime
    deemed: bool
    statutory: ClockReading | None
    promise: ClockReading
    bundle: str
    bundle_overdue: bool
    awaits_bundle: bool
    waiver: BundleWaiver | None
    site_check: SiteCheck | None
    site_checks: tuple[SiteCheck, ...]
    opinion: Opinion | None
    decision: DecisionView | None
    site_check_required: bool
    task: str
    task_name: str
    procedures: tuple[ProcedureView, ...]
    extension: ExtensionView | None
    explanations: tuple[Explanation, ...]
    consultations: tuple[Consultation, ...]
    segments: dates.Segments
    end_time: datetime | None
    tasks: tuple[TaskStanding, ...]
    extension_terms: ExtensionTerms | None
    procedure_terms: tuple[ProcedureTerms, ...]
    consulted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A task that waits for work."""

    case_number: str
    state: ReviewState
    item_code: str
    promise_due: Due
    light: Light
    authority: str
    task: str
    awaits_answer: bool


def review_view(
    review: ReviewCase, tasks: Sequence[ReviewCase], now: datetime, calendar: WorkCalendar
) -> ReviewView:
    """Return the task with both clocks as they stand at `now`."""
    at, statutory = review.measured_at(now), review.statutory
    return ReviewView(
        case_number=review.case_number,
        revision=review.revision,
        state=review.state,
        item_code=review.item_code,
        item_version=review.item_version,
        authority=review.authority,
        receive_time=review.received_at,
        accept_time=review.accepted_at,
        deemed=review.deemed,
        statutory=None if statutory is None else read_clock(statutory, at, calendar, statutory),
        promise=read_clock(review.promise, at, calendar, statutory),
        bundle=review.bundle.value,
        bundle_overdue=review.bundle_overdue,
        awaits_bundle=review.awaits_bundle,
        waiver=review.waiver,
        site_check=review.site_check,
        site_checks=tuple(review.site_checks),
        opinion=review.opinion,
        decision=_decision(review),
        site_check_required=review.site_check_required,
        task=review.task,
        task_name=review.task_name,
        procedures=tuple(_procedure(each, calendar) for each in review.procedures),
        extension=_extension(review),
        explanations=tuple(review.explanations),
        consultations=tuple(review.consultations),
        segments=dates.segments(review, at, calendar),
        end_time=None if review.end is None else review.end.end_time,
        tasks=tuple(_standing(each) for each in tasks),
        extension_terms=review.extension_terms,
        procedure_terms=review.procedure_terms,
        consulted=review.consulted,
    )


def _decision(review: ReviewCase) -> DecisionView | None:
    found = review.decision
    if found is None:
        return None
    return DecisionView(
        decider=found.decider,
        decide_time=found.decide_time,
        outcome=found.outcome,
        facts=found.facts,
        reasons=found.reasons,
        legal_bases=found.legal_bases,
        content=found.content,
        valid_until_date=found.valid_until_date,
        conditions=found.conditions,
        void=review.is_void,
    )


def _procedure(found: SpecialProcedure, calendar: WorkCalendar) -> ProcedureView:
    return ProcedureView(
        procedure=found.procedure,
        kind=found.kind,
        days=found.days,
        start_date=found.start_date,
        institution=found.institution,
        stops_promise=found.stops_promise,
        source=found.source,
        planned_by=found.planned_by,
        plan_time=found.plan_time,
        notice_time=found.notice_time,
        end_date=found.end_date,
        excluded_days=procedures.excluded_days(found, calendar),
    )


def _extension(review: ReviewCase) -> ExtensionView | None:
    found, terms = review.extension, review.extension_terms
    if found is None or terms is None:
        return None
    return ExtensionView(
        extension=extending.identity(review),
        amount=found.amount,
        unit=terms.unit,
        reasons=found.reasons,
        approver=found.approver,
        approved_as=terms.approver,
        source=terms.source,
        extend_time=found.extend_time,
        notice_time=found.notice_time,
    )


def _standing(review: ReviewCase) -> TaskStanding:
    return TaskStanding(
        authority=review.authority,
        name=review.task_name,
        state=review.state,
        outcome=None if review.decided is None else review.decided.outcome,
        promise_due=review.promise.due,
    )
