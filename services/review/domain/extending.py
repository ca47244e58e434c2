"""The extension of the limit of the law (延长): once, in time, by the right head."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.review.domain import act_rules, dates, rules
from services.review.domain.act_errors import (
    AlreadyExtendedError,
    DesignationMissingError,
    ExtensionNotAllowedError,
    ExtensionTooLateError,
    ExtensionTooLongError,
    NotTheHeadError,
)
from services.review.domain.acts import ExtensionApprover, ExtensionTerms, LimitExtension
from services.review.domain.clocks import Clock
from services.review.domain.dates import Cause
from services.review.domain.events import LimitExtended
from services.review.domain.facts import Actor
from services.review.domain.review_case import ReviewCase
from workdays import Unit, WorkCalendar

__all__ = ["extend", "identity", "notice_given"]

_UNITS: Final = {
    Unit.WORKING_DAY: "个工作日",
    Unit.CALENDAR_DAY: "日",
    Unit.HOUR: "小时",
    Unit.MONTH: "个月",
    Unit.ON_THE_SPOT: "日",
}


def identity(review: ReviewCase) -> str:
    """Return what the notice of the extension refers to."""
    return f"{review.task}-E1"


def extend(
    review: ReviewCase,
    actor: Actor,
    at: datetime,
    *,
    amount: int,
    reasons: str,
    calendar: WorkCalendar,
) -> LimitExtended:
    """Extend the limit of the law and return what it is now.

    The published promise moves only where the version says so.

    Source: 行政许可法 第四十二条.
    """
    terms, statutory = _terms(review)
    if not act_rules.is_head(actor, terms.approver, review.authority):
        raise NotTheHeadError("Another approves this", case=review.case_number)
    if act_rules.lacks_designation(terms.approver, review.designation):
        raise DesignationMissingError("No designation is recorded", case=review.case_number)
    review.require_open(at)
    review.require_not_front(actor.person)
    if review.extension is not None:
        raise AlreadyExtendedError("It was extended before", case=review.case_number)
    if not rules.is_kept(statutory, at):
        raise ExtensionTooLateError("The last day has passed", case=review.case_number)
    if act_rules.extends_too_far(amount, terms.amount):
        raise ExtensionTooLongError(
            "The law allows less",
            case=review.case_number, amount=str(terms.amount), unit=_UNITS[terms.unit],
        )  # fmt: skip
    review.extension = LimitExtension(
        amount=amount, reasons=reasons, approver=actor.person, extend_time=at
    )
    _move(review, statutory, amount, terms, calendar)
    extended = _extended(review, review.extension, terms)
    review.happened(extended)
    dates.tell(review, Cause.EXTENSION)
    return extended


def _terms(review: ReviewCase) -> tuple[ExtensionTerms, Clock]:
    """Return how the limit may be extended, in its own unit; refuse where it may not."""
    terms, statutory = review.extension_terms, review.statutory
    if terms is None or statutory is None or terms.unit is not statutory.limit.unit:
        raise ExtensionNotAllowedError("The item has no extension", case=review.case_number)
    return terms, statutory


def _move(
    review: ReviewCase,
    statutory: Clock,
    amount: int,
    terms: ExtensionTerms,
    calendar: WorkCalendar,
) -> None:
    review.statutory = statutory.extended(amount, calendar)
    promise = review.promise
    if terms.moves_promise and promise.limit.unit is terms.unit:
        promise = promise.extended(amount, calendar)
    else:
        promise = promise.redated(promise.excluded, calendar)
    last = rules.promise_due(promise.due, review.statutory.due)
    review.promise = replace(promise, due=last)


def _extended(
    review: ReviewCase, extension: LimitExtension, terms: ExtensionTerms
) -> LimitExtended:
    if review.statutory is None:
        raise TypeError(f"{review.task} was extended without a limit of the law")
    return LimitExtended(
        case_number=review.case_number,
        authority=review.authority,
        extension=identity(review),
        amount=extension.amount,
        unit=terms.unit,
        reasons=extension.reasons,
        approver=extension.approver,
        approved_as=ExtensionApprover(terms.approver),
        statutory_due=review.statutory.due,
        promise_due=review.promise.due,
        source=terms.source,
    )


def notice_given(review: ReviewCase, reference: str, at: datetime) -> bool:
    """Note that the applicant was told of the extension; False if it is not this task's."""
    if review.extension is None or reference != identity(review):
        return False
    told = act_rules.earliest(review.extension.notice_time, at)
    review.extension = replace(review.extension, notice_time=told)
    return True
