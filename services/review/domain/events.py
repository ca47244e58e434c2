"""What this service tells the others. Codes and opaque identities only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event
from workdays import Due

__all__ = [
    "DatesRecomputed",
    "DecisionMade",
    "OpinionSubmitted",
    "ReviewOpened",
    "SiteCheckRecorded",
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
    """The authority decided (办结); both clocks stopped.

    Source: 行政许可法 第三十七条, 第三十八条; readings 19.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesRecomputed(Event):
    """The dates of a case changed, because the calendar of a year was imported."""

    type: ClassVar[str] = "review.dates_recomputed.v1"
    case_number: str
    promise_due: Due
    statutory_due: Due | None
