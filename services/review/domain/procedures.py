"""Procedures whose time does not count (特别程序): planned, told, ended."""

from __future__ import annotations

from datetime import date, datetime

from servicekit.errors import FieldViolation
from services.review.domain import act_rules, dates, rules
from services.review.domain.act_errors import (
    EndDateImpossibleError,
    ProcedureAlreadyEndedError,
    ProcedureNotAllowedError,
    ProcedureTooLongError,
    ProcedureUnknownError,
    StartDateImpossibleError,
)
from services.review.domain.acts import ProcedureTerms, SpecialProcedure, SpecialProcedureKind
from services.review.domain.dates import Cause
from services.review.domain.events import SpecialProcedureEnded, SpecialProcedurePlanned
from services.review.domain.facts import Actor
from services.review.domain.review_case import ReviewCase
from workdays import WorkCalendar

__all__ = ["end", "excluded_days", "notice_given", "plan"]


def plan(
    review: ReviewCase,
    actor: Actor,
    at: datetime,
    *,
    kind: SpecialProcedureKind,
    days: int,
    start_date: date,
    institution: str,
) -> SpecialProcedure:
    """Plan a procedure. Nothing stops before the applicant was told of it.

    Source: 行政许可法 第四十五条; readings 18.
    """
    review.require_department(actor)
    review.require_open(at)
    review.require_not_front(actor.person)
    terms = _terms(review, kind, days)
    if not act_rules.starts_in_time(start_date, review.accepted_at, at):
        raise StartDateImpossibleError(
            "It cannot begin then",
            fields=[FieldViolation("start_date", "must be from the acceptance to a year from now")],
            case=review.case_number,
        )
    planned = SpecialProcedure(
        procedure=f"{review.task}-S{len(review.procedures) + 1}",
        kind=kind,
        days=days,
        start_date=start_date,
        institution=institution,
        stops_promise=terms.stops_promise,
        source=terms.source,
        planned_by=actor.person,
        plan_time=at,
    )
    review.procedures.append(planned)
    review.happened(
        SpecialProcedurePlanned(
            case_number=review.case_number,
            authority=review.authority,
            procedure=planned.procedure,
            kind=kind,
            days=days,
            start_date=start_date,
            institution=institution,
            source=terms.source,
        )
    )
    return planned


def _terms(review: ReviewCase, kind: SpecialProcedureKind, days: int) -> ProcedureTerms:
    """Return what the item allows such a procedure; refuse one that takes longer."""
    terms = act_rules.procedure_allowed(kind, review.procedure_terms)
    if terms is None:
        raise ProcedureNotAllowedError("The item has no such procedure", case=review.case_number)
    if act_rules.takes_too_long(days, terms.max_days):
        raise ProcedureTooLongError(
            "The item allows fewer days", case=review.case_number, days=str(terms.max_days)
        )
    return terms


def notice_given(review: ReviewCase, procedure: str, at: datetime, calendar: WorkCalendar) -> bool:
    """Note that the applicant was told at `at`; False if the task has no such procedure.

    The earliest notice counts, whatever arrives first. A notice given before
    the decision counts for it, even if it is heard of afterwards.

    Source: 行政许可法 第四十五条; readings 9, 18.
    """
    told = _find(review, procedure)
    if told is None:
        return False
    told.notice_time = act_rules.earliest(told.notice_time, at)
    dates.redate(review, calendar, Cause.SPECIAL_PROCEDURE)
    return True


def end(
    review: ReviewCase,
    actor: Actor,
    at: datetime,
    *,
    procedure: str,
    end_date: date,
    calendar: WorkCalendar,
) -> int:
    """End a procedure and return the working days that do not count because of it.

    Source: 行政许可法 第四十五条; readings 18.
    """
    review.require_department(actor)
    review.require_open(at)
    review.require_not_front(actor.person)
    ended = _find(review, procedure)
    if ended is None:
        raise ProcedureUnknownError("There is no such procedure", case=review.case_number)
    if ended.end_date is not None:
        raise ProcedureAlreadyEndedError("The procedure has ended", case=review.case_number)
    if not ended.start_date <= end_date <= rules.civil_day(at):
        raise EndDateImpossibleError(
            "It cannot have ended then",
            fields=[FieldViolation("end_date", "must be from its first day to today")],
            case=review.case_number,
        )
    ended.end_date = end_date
    days = excluded_days(ended, calendar)
    review.happened(
        SpecialProcedureEnded(
            case_number=review.case_number,
            authority=review.authority,
            procedure=procedure,
            end_date=end_date,
            excluded_days=days,
        )
    )
    dates.redate(review, calendar, Cause.SPECIAL_PROCEDURE)
    return days


def excluded_days(procedure: SpecialProcedure, calendar: WorkCalendar) -> int:
    """Return the working days that do not count because of the procedure."""
    period = act_rules.excluded_period(procedure, calendar)
    return 0 if period is None else calendar.count(period.after, period.until)


def _find(review: ReviewCase, procedure: str) -> SpecialProcedure | None:
    return next((each for each in review.procedures if each.procedure == procedure), None)
