"""Checks on the site, opinions and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.review.domain import deciding, reviewing
from services.review.domain.facts import DecisionOutcome, Post, SiteCheck
from services.review.handlers.loading import ReviewChanged, actor, load
from services.review.ports import ReviewUnitOfWork

__all__ = [
    "Decide",
    "Decided",
    "RecordSiteCheck",
    "SubmitOpinion",
    "decide",
    "record_site_check",
    "submit_opinion",
]


@dataclass(frozen=True, slots=True)
class RecordSiteCheck:
    """Two or more persons checked on the site; one of them records it."""

    case_number: str
    revision: int
    check_time: datetime
    place: str
    checkers: tuple[str, ...]
    findings: str
    complies: bool
    authority: str


@dataclass(frozen=True, slots=True)
class SubmitOpinion:
    """The reviewer gives the opinion."""

    case_number: str
    revision: int
    proposes_grant: bool
    text: str
    authority: str


@dataclass(frozen=True, slots=True)
class Decide:
    """The decider decides."""

    case_number: str
    revision: int
    outcome: DecisionOutcome
    facts: str
    reasons: str
    legal_bases: tuple[str, ...]
    authority: str
    content: str
    valid_until_date: date | None
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, and whether both limits were kept."""

    case_number: str
    revision: int
    decide_time: datetime
    promise_kept: bool
    statutory_kept: bool


def record_site_check(
    command: RecordSiteCheck, posts: Mapping[str, Post | None], *, uow: ReviewUnitOfWork
) -> ReviewChanged:
    """Keep the record of a check on the site, by those whose posts were looked up before."""
    review = load(command, uow, command.authority)
    check = SiteCheck(
        check_time=command.check_time,
        place=command.place,
        checkers=command.checkers,
        findings=command.findings,
        complies=command.complies,
    )
    reviewing.record_site_check(review, check, actor(uow.call), uow.call.at, posts=posts)
    return ReviewChanged(review.case_number, command.revision + 1)


def submit_opinion(command: SubmitOpinion, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Give the opinion of the review."""
    review = load(command, uow, command.authority)
    reviewing.submit_opinion(
        review,
        actor(uow.call),
        uow.call.at,
        proposes_grant=command.proposes_grant,
        text=command.text,
    )
    return ReviewChanged(review.case_number, command.revision + 1)


def decide(command: Decide, remedies_known: bool, *, uow: ReviewUnitOfWork) -> Decided:
    """Decide the task and return what was measured.

    `remedies_known` was asked before: whether a denial can name who reviews it today.

    All tasks of the case are locked, in one order: of two authorities that
    decide at once, the second sees the decision of the first.
    """
    tasks = uow.reviews.of_case(command.case_number)
    review = load(command, uow, command.authority)
    made = deciding.decide(
        review,
        actor(uow.call),
        uow.call.at,
        deciding.Terms(
            outcome=command.outcome,
            facts=command.facts,
            reasons=command.reasons,
            legal_bases=command.legal_bases,
            content=command.content,
            valid_until_date=command.valid_until_date,
            conditions=command.conditions,
            remedies_known=remedies_known,
        ),
        calendar=uow.calendars.current(),
        others=[task for task in tasks if task is not review],
    )
    return Decided(
        case_number=review.case_number,
        revision=command.revision + 1,
        decide_time=made.decide_time,
        promise_kept=made.promise_kept,
        statutory_kept=made.statutory_kept,
    )
