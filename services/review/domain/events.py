"""What this service tells the others. Codes and opaque identities only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from servicekit.events import Event
from services.review.domain.acts import ExtensionApprover, SpecialProcedureKind
from workdays import Due, Unit

__all__ = [
    "BundleWaived",
    "ConsultationAnswered",
    "ConsultationRequested",
    "DatesRecomputed",
    "DecisionMade",
    "ExplanationRequested",
    "LightChanged",
    "LimitExtended",
    "OpinionSubmitted",
    "ReviewOpened",
    "SiteCheckRecorded",
    "SpecialProcedureEnded",
    "SpecialProcedurePlanned",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(Event):
    """The department began to work on a case."""

    type: ClassVar[str] = "review.review_opened.v1"
    case_number: str
    authority: str
    promise_due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCheckRecorded(Event):
    """Two or more persons checked on the site (现场核查).

    Source: 行政许可法 第三十四条第三款.
    """

    type: ClassVar[str] = "review.site_check_recorded.v1"
    case_number: str
    checkers: tuple[str, ...]
    complies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionSubmitted(Event):
    """The opinion of the review was given (审核)."""

    type: ClassVar[str] = "review.opinion_submitted.v1"
    case_number: str
    reviewer: str
    proposes_grant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Event):
    """An authority decided (办结); both clocks of its task stopped.

    Source: 行政许可法 第三十七条, 第三十八条; readings 17, 19, 21.
    """

    type: ClassVar[str] = "review.decision_made.v1"
    case_number: str
    authority: str
    decider: str
    outcome: str
    decide_time: datetime
    promise_due: Due
    statutory_due: Due | None
    promise_kept: bool
    statutory_kept: bool
    undecided: int
    days_at_window: int
    days_at_department: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesRecomputed(Event):
    """The dates of a task moved: by a calendar, a special procedure or an extension."""

    type: ClassVar[str] = "review.dates_recomputed.v1"
    case_number: str
    promise_due: Due
    statutory_due: Due | None
    authority: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialProcedurePlanned(Event):
    """A procedure whose time does not count was planned; the applicant must be told.

    Source: 行政许可法 第四十五条; readings 18.
    """

    type: ClassVar[str] = "review.special_procedure_planned.v1"
    case_number: str
    authority: str
    procedure: str
    kind: SpecialProcedureKind
    days: int
    start_date: date
    institution: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialProcedureEnded(Event):
    """A special procedure ended.

    Source: 行政许可法 第四十五条; readings 18.
    """

    type: ClassVar[str] = "review.special_procedure_ended.v1"
    case_number: str
    authority: str
    procedure: str
    end_date: date
    excluded_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitExtended(Event):
    """The limit of the law was extended, once, by the head (延长).

    Source: 行政许可法 第四十二条.
    """

    type: ClassVar[str] = "review.limit_extended.v1"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationRequested(Event):
    """The department asks the applicant for an explanation (补充说明).

    Source: readings 17.
    """

    type: ClassVar[str] = "review.explanation_requested.v1"
    case_number: str
    authority: str
    explanation: str
    question: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationRequested(Event):
    """Another authority was asked for its opinion (征求意见); the clock runs.

    Source: readings 21.
    """

    type: ClassVar[str] = "review.consultation_requested.v1"
    case_number: str
    authority: str
    consulted: str
    answer_by_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationAnswered(Event):
    """The other authority answered."""

    type: ClassVar[str] = "review.consultation_answered.v1"
    case_number: str
    consulted: str
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleWaived(Event):
    """The head waived the paper of a case, with a reason (readings 13)."""

    type: ClassVar[str] = "review.bundle_waived.v1"
    case_number: str
    authority: str
    waived_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LightChanged(Event):
    """The light of the promise turned yellow, red or past the law; each is told once.

    Source: domain.md 1.9.
    """

    type: ClassVar[str] = "review.light_changed.v1"
    case_number: str
    authority: str
    light: str
