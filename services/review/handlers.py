"""The use cases of review: load, decide, save. No rule is written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from servicekit.calls import Call
from servicekit.unit_of_work import check_revision
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.facts import Acceptance, Actor, DecisionOutcome, SiteCheck
from services.review.domain.review_case import ReviewCase
from services.review.ports import ReviewUnitOfWork
from workdays import import_year
from workdays.years import first_day

__all__ = [
    "BundleMoved",
    "CalendarYearImported",
    "Decide",
    "Decided",
    "RecordSiteCheck",
    "ReviewChanged",
    "SubmitOpinion",
    "decide",
    "import_calendar_year",
    "note_bundle_handed_over",
    "note_bundle_received",
    "open_review",
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


@dataclass(frozen=True, slots=True)
class SubmitOpinion:
    """The reviewer gives the opinion."""

    case_number: str
    revision: int
    proposes_grant: bool
    text: str


@dataclass(frozen=True, slots=True)
class Decide:
    """The decider decides."""

    case_number: str
    revision: int
    outcome: DecisionOutcome
    facts: str
    reasons: str
    legal_bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewChanged:
    """The case after a command."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, and whether both limits were kept."""

    case_number: str
    revision: int
    decide_time: datetime
    promise_kept: bool
    statutory_kept: bool


@dataclass(frozen=True, slots=True)
class BundleMoved:
    """The paper of a case left the window, or was received; what review needs of it."""

    case_number: str


@dataclass(frozen=True, slots=True)
class CalendarYearImported:
    """The notice for a year was imported, in the format of `workdays`."""

    year: int
    notice: str
    source: str


def record_site_check(command: RecordSiteCheck, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Keep the record of a check on the site."""
    review = uow.reviews.get(command.case_number)
    check_revision(review, command.revision)
    check = SiteCheck(
        check_time=command.check_time,
        place=command.place,
        checkers=command.checkers,
        findings=command.findings,
        complies=command.complies,
    )
    review.record_site_check(check, _actor(uow.call), uow.call.at)
    return ReviewChanged(review.case_number, command.revision + 1)


def submit_opinion(command: SubmitOpinion, *, uow: ReviewUnitOfWork) -> ReviewChanged:
    """Give the opinion of the review."""
    review = uow.reviews.get(command.case_number)
    check_revision(review, command.revision)
    review.submit_opinion(
        _actor(uow.call), uow.call.at, proposes_grant=command.proposes_grant, text=command.text
    )
    return ReviewChanged(review.case_number, command.revision + 1)


def decide(command: Decide, *, uow: ReviewUnitOfWork) -> Decided:
    """Decide the case and return what was measured."""
    review = uow.reviews.get(command.case_number)
    check_revision(review, command.revision)
    made = review.decide(
        _actor(uow.call),
        uow.call.at,
        outcome=command.outcome,
        facts=command.facts,
        reasons=command.reasons,
        legal_bases=command.legal_bases,
    )
    return Decided(
        case_number=review.case_number,
        revision=command.revision + 1,
        decide_time=made.decide_time,
        promise_kept=made.promise_kept,
        statutory_kept=made.statutory_kept,
    )


def open_review(fact: Acceptance, *, uow: ReviewUnitOfWork) -> None:
    """Open an accepted case for its authority, with the dates this calendar gives."""
    review = ReviewCase.open(fact)
    review.recompute(uow.calendars.current())
    uow.reviews.add(review)


def note_bundle_handed_over(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the paper of a case left the window."""
    _known(fact, uow).bundle_handed_over()


def note_bundle_received(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the department signed for the paper of a case."""
    _known(fact, uow).bundle_received()


def import_calendar_year(fact: CalendarYearImported, *, uow: ReviewUnitOfWork) -> None:
    """Take a year's notice in and compute again what depends on it."""
    notice = import_year(fact.notice)
    uow.calendars.add(notice.year, fact.notice, fact.source, uow.call.at)
    calendar = uow.calendars.current()
    for review in uow.reviews.undecided_until(first_day(notice.year)):
        review.recompute(calendar)


def _known(fact: BundleMoved, uow: ReviewUnitOfWork) -> ReviewCase:
    """Return the case; paper moves only after acceptance, and events of a case come in order."""
    review = uow.reviews.find(fact.case_number)
    if review is None:
        raise ReviewUnknownError("Paper moved before acceptance", case=fact.case_number)
    return review


def _actor(call: Call) -> Actor:
    caller = call.caller
    return Actor(caller.person, caller.post_kind, caller.authority)
