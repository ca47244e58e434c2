"""What other services told, and what it changes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.review.domain import asking, dates, ending, extending, opening, paper, procedures
from services.review.domain.act_errors import ProcedureUnknownError
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.facts import Acceptance, CaseEnd, CaseEnding
from services.review.domain.review_case import ReviewCase
from services.review.ports import ReviewUnitOfWork
from workdays import import_year
from workdays.years import first_day

__all__ = [
    "BundleMoved",
    "CalendarYearImported",
    "CaseTerminated",
    "CaseWithdrawn",
    "ExplanationGiven",
    "ProcessNoticeGiven",
    "import_calendar_year",
    "note_bundle_handed_over",
    "note_bundle_lost",
    "note_bundle_overdue",
    "note_bundle_received",
    "note_case_terminated",
    "note_case_withdrawn",
    "note_explanation_given",
    "note_process_notice_given",
    "open_review",
]

# Kinds of notices that refer to something planned or approved here.
_OURS: Final = frozenset({"SPECIAL_PROCEDURE", "EXTENSION_NOTICE"})


@dataclass(frozen=True, slots=True)
class BundleMoved:
    """The paper of a case moved, or did not; what review needs of it."""

    case_number: str


@dataclass(frozen=True, slots=True)
class ProcessNoticeGiven:
    """The applicant was told of a procedure or of an extension."""

    case_number: str
    kind: str
    reference: str
    give_time: datetime


@dataclass(frozen=True, slots=True)
class ExplanationGiven:
    """The applicant answered."""

    case_number: str
    explanation: str


@dataclass(frozen=True, slots=True)
class CaseWithdrawn:
    """The applicant withdrew."""

    case_number: str
    withdraw_time: datetime


@dataclass(frozen=True, slots=True)
class CaseTerminated:
    """A period of its law ended the case."""

    case_number: str
    terminate_time: datetime


@dataclass(frozen=True, slots=True)
class CalendarYearImported:
    """The notice for a year was imported, in the format of `workdays`."""

    year: int
    notice: str
    source: str


def open_review(fact: Acceptance, *, uow: ReviewUnitOfWork) -> None:
    """Open an accepted case for each of its authorities, with the dates this calendar gives."""
    calendar = uow.calendars.current()
    for review in opening.open_tasks(fact, uow.call.at):
        dates.recompute(review, calendar)
        uow.reviews.add(review)


def note_bundle_handed_over(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the paper of a case left the window."""
    for review in _with_paper(fact.case_number, uow):
        paper.handed_over(review, uow.call.at)


def note_bundle_received(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the department signed for the paper of a case."""
    for review in _with_paper(fact.case_number, uow):
        paper.received(review)


def note_bundle_overdue(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the paper of a case is under way for too long."""
    for review in _with_paper(fact.case_number, uow):
        paper.overdue(review)


def note_bundle_lost(fact: BundleMoved, *, uow: ReviewUnitOfWork) -> None:
    """Note that the paper of a case was lost."""
    for review in _with_paper(fact.case_number, uow):
        paper.lost(review)


def note_process_notice_given(fact: ProcessNoticeGiven, *, uow: ReviewUnitOfWork) -> None:
    """Attach the instant of a notice to what it tells of."""
    if fact.kind not in _OURS:
        return
    calendar = uow.calendars.current()
    for review in _tasks(fact.case_number, uow):
        if procedures.notice_given(review, fact.reference, fact.give_time, calendar):
            return
        if extending.notice_given(review, fact.reference, fact.give_time):
            return
    raise ProcedureUnknownError("A notice of nothing", case=fact.case_number)


def note_explanation_given(fact: ExplanationGiven, *, uow: ReviewUnitOfWork) -> None:
    """Note that the applicant answered."""
    for review in _tasks(fact.case_number, uow):
        if asking.explanation_given(review, fact.explanation, uow.call.at):
            return


def note_case_withdrawn(fact: CaseWithdrawn, *, uow: ReviewUnitOfWork) -> None:
    """Close what is undecided; a case that was never accepted is unknown here."""
    for review in uow.reviews.of_case(fact.case_number):
        ending.note_end(review, CaseEnd(fact.withdraw_time, CaseEnding.WITHDRAWN))


def note_case_terminated(fact: CaseTerminated, *, uow: ReviewUnitOfWork) -> None:
    """Close what is undecided; a case that was never accepted is unknown here."""
    for review in uow.reviews.of_case(fact.case_number):
        ending.note_end(review, CaseEnd(fact.terminate_time, CaseEnding.TERMINATED))


def import_calendar_year(fact: CalendarYearImported, *, uow: ReviewUnitOfWork) -> None:
    """Take a year's notice in and compute again what depends on it."""
    notice = import_year(fact.notice)
    uow.calendars.add(notice.year, fact.notice, fact.source, uow.call.at)
    calendar = uow.calendars.current()
    for review in uow.reviews.undecided_until(first_day(notice.year)):
        dates.recompute(review, calendar)


def _tasks(case_number: str, uow: ReviewUnitOfWork) -> tuple[ReviewCase, ...]:
    """Return the tasks; these facts come only after acceptance, and in order."""
    tasks = tuple(uow.reviews.of_case(case_number))
    if not tasks:
        raise ReviewUnknownError("Something happened before acceptance", case=case_number)
    return tasks


def _with_paper(case_number: str, uow: ReviewUnitOfWork) -> Sequence[ReviewCase]:
    """Return the task of the lead, which alone receives paper; none where all was done on the spot.

    Source: R4.6a; readings 2, 13.
    """
    return uow.reviews.of_case(case_number)[:1]
