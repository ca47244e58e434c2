"""Reads cases in review; every read is within the caller's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.orm import Session

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clause
from servicekit.paging import Page, page_of
from services.review.adapters.calendars import read_calendar
from services.review.adapters.columns import clock_of, columns_of_clock
from services.review.adapters.orm import review_case
from services.review.domain import rules
from services.review.domain.clocks import Light
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.facts import ClockReading, Decision, Opinion, ReviewState, SiteCheck
from services.review.domain.review_case import ReviewCase, read_clock
from workdays import Due, WorkCalendar

__all__ = ["ReviewView", "WorkItem", "get_review_case", "list_work"]

_c = review_case.c
_PROMISE = columns_of_clock(review_case, "promise")
_SCOPE = ScopeColumns(unit=_c.authority, unit_path=_c.unit_path, authority=_c.authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A case as the departments see it, at the instant of reading."""

    case_number: str
    revision: int
    state: ReviewState
    item_code: str
    item_version: str
    authority: str
    accept_time: datetime
    statutory: ClockReading | None
    promise: ClockReading
    awaits_bundle: bool
    site_check: SiteCheck | None
    site_checks: tuple[SiteCheck, ...]
    opinion: Opinion | None
    decision: Decision | None
    site_check_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A case that waits for work."""

    case_number: str
    state: ReviewState
    item_code: str
    promise_due: Due
    light: Light


def get_review_case(call: Call, connection: Connection, case_number: str) -> ReviewView:
    """Return a case with both clocks as they stand, or refuse."""
    with Session(bind=connection) as session:
        review = session.get(ReviewCase, case_number)
        if review is None:
            raise ReviewUnknownError(NO_SUCH_THING, case=case_number)
        authorise(call, review.ownership, missing=ReviewUnknownError, case=case_number)
        return _view(review, call.at, read_calendar(connection))


def _view(review: ReviewCase, now: datetime, calendar: WorkCalendar) -> ReviewView:
    at, statutory = review.measured_at(now), review.statutory
    return ReviewView(
        case_number=review.case_number,
        revision=review.revision,
        state=review.state,
        item_code=review.item_code,
        item_version=review.item_version,
        authority=review.authority,
        accept_time=review.accepted_at,
        statutory=None if statutory is None else read_clock(statutory, at, calendar),
        promise=read_clock(review.promise, at, calendar),
        awaits_bundle=review.awaits_bundle,
        site_check=review.site_check,
        site_checks=tuple(review.site_checks),
        opinion=review.opinion,
        decision=review.decision,
        site_check_required=review.site_check_required,
    )


def list_work(
    call: Call, connection: Connection, page_size: int, page_token: str
) -> Page[WorkItem]:
    """Return a page of undecided cases within the caller's reach, the earliest promise first."""
    calendar = read_calendar(connection)
    query = (
        select(review_case)
        .where(_c.decided_at.is_(None), scope_clause(call, _SCOPE))
        .order_by(_c.promise_due_on, _c.case_number)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_c.promise_due_on, _c.case_number),
        key_of=lambda row: (row.promise_due_on, row.case_number),
        view=lambda row: _work_item(row, call.at, calendar),
        page_size=page_size,
        page_token=page_token,
    )


def _work_item(row: Row[tuple[object, ...]], at: datetime, calendar: WorkCalendar) -> WorkItem:
    promise = clock_of(*(row._mapping[column] for column in _PROMISE))  # noqa: SLF001 -- public, despite its name
    if promise is None:
        raise TypeError(f"case {row.case_number} has no promise")
    return WorkItem(
        case_number=row.case_number,
        state=row.state,
        item_code=row.item_code,
        promise_due=promise.due,
        light=rules.light(promise, at, calendar),
    )
