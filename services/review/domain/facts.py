"""The facts a case in review is made of; each is written once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.review.domain.acts import ExtensionTerms, ProcedureTerms
from services.review.domain.clocks import Light, SourcedLimit
from workdays import Due

__all__ = [
    "Acceptance",
    "Actor",
    "AuthorityTask",
    "BundleState",
    "CaseEnd",
    "CaseEnding",
    "ClockReading",
    "Decision",
    "DecisionOutcome",
    "Opinion",
    "Post",
    "ReviewState",
    "SiteCheck",
]


class ReviewState(StrEnum):
    """Where a case in review stands."""

    IN_REVIEW = "IN_REVIEW"  # 审查中
    DECISION_PENDING = "DECISION_PENDING"  # 待决定
    DECIDED = "DECIDED"  # 已决定
    ENDED = "ENDED"  # 已撤回或者终止


class DecisionOutcome(StrEnum):
    """What was decided."""

    GRANTED = "GRANTED"  # 准予
    DENIED = "DENIED"  # 不予


class BundleState(StrEnum):
    """Where the paper of a case is."""

    NONE = "NONE"  # there is no physical material
    AT_WINDOW = "AT_WINDOW"
    ON_ITS_WAY = "ON_ITS_WAY"
    RECEIVED = "RECEIVED"
    LOST = "LOST"


class CaseEnding(StrEnum):
    """How a case ended otherwise than by a decision."""

    WITHDRAWN = "WITHDRAWN"  # 撤回
    TERMINATED = "TERMINATED"  # 终止


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, from what kind of post, for which authority, in which roles.

    A role says only who is the head; what a post may do never follows from one.
    """

    person: str
    post_kind: str
    authority: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Post:
    """A post somebody holds: of what kind, for which authority."""

    post_kind: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTask:
    """The part of one authority in 联合办理, as intake computed it at acceptance."""

    authority: str
    name: str
    statutory_limit: SourcedLimit | None
    promised_limit: SourcedLimit
    statutory_due: Due | None
    promise_due: Due
    persons_required: int
    site_check_required: bool
    prerequisites: tuple[str, ...]
    has_paper: bool
    remedies_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What the departments are told when a case is accepted; the words of the event.

    `handling` is empty in events of before, which say nothing of remedies either.
    """

    case_number: str
    item_code: str
    item_version: str
    authority: str
    unit_path: str
    receive_time: datetime
    complete_time: datetime
    accept_time: datetime
    deemed: bool
    front_persons: tuple[str, ...]
    statutory_limit: SourcedLimit | None
    promised_limit: SourcedLimit
    statutory_due: Due | None
    promise_due: Due
    persons_required: int
    site_check_required: bool
    has_paper: bool
    handling: str = ""
    tasks: tuple[AuthorityTask, ...] = ()
    consulted: tuple[str, ...] = ()
    extension: ExtensionTerms | None = None
    special_procedures: tuple[ProcedureTerms, ...] = ()
    remedies_known: bool = False
    designation: str = ""


@dataclass(eq=False, kw_only=True)
class SiteCheck:
    """The record of a check on the site (现场核查笔录); a case may have several."""

    check_time: datetime
    place: str
    checkers: tuple[str, ...]
    findings: str
    complies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The opinion of the review (审核意见)."""

    reviewer: str
    submit_time: datetime
    proposes_grant: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision of the authority (决定)."""

    decider: str
    decide_time: datetime
    outcome: DecisionOutcome
    facts: str
    reasons: str
    legal_bases: tuple[str, ...]
    content: str = ""
    valid_until_date: date | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """When and how a case ended otherwise than by a decision."""

    end_time: datetime
    ending: CaseEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """What a clock shows at an instant."""

    due: Due
    light: Light
    limit: SourcedLimit
    days_left: int
