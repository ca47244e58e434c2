"""Reads tasks in review; every read is within the caller's reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, false, select, tuple_
from sqlalchemy.orm import Session

from servicekit.calls import (
    NO_SUCH_THING,
    Call,
    Scope,
    ScopeColumns,
    authorise,
    scope_clauses,
)
from servicekit.mapping import settle_empty_parts
from servicekit.paging import Page, page_of
from services.review.adapters.calendars import read_calendar
from services.review.adapters.columns import clock_of, columns_of_clock
from services.review.adapters.orm import consultation, review_case
from services.review.adapters.views import ReviewView, WorkItem, review_view
from services.review.domain import rules
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.review_case import ReviewCase
from workdays import WorkCalendar

__all__ = ["ReviewView", "WorkItem", "get_review_case", "list_work"]

_c = review_case.c
_PROMISE = columns_of_clock(review_case, "promise")
_STATUTORY = columns_of_clock(review_case, "statutory")
_SCOPE = ScopeColumns(unit=_c.authority, unit_path=_c.unit_path, authority=_c.authority)


@cache
def _tasks() -> Select[tuple[ReviewCase]]:
    """Return the statement, made once; this module may be read before the class is mapped."""
    return select(ReviewCase).where(_c.case_number == bindparam("case")).order_by(_c.task)


def get_review_case(
    call: Call, connection: Connection, case_number: str, authority: str
) -> ReviewView:
    """Return a task with both clocks as they stand, or refuse.

    That of `authority`; without one the caller's own, or else the lead's.
    """
    with Session(bind=connection) as session:
        tasks = session.scalars(_tasks(), {"case": case_number}).all()
        review = _chosen(tasks, authority, call.caller.authority)
        if review is None:
            raise ReviewUnknownError(NO_SUCH_THING, case=case_number)
        for task in tasks:
            settle_empty_parts(session, task)
        if not _was_asked(call, review):
            authorise(call, review.ownership, missing=ReviewUnknownError, case=case_number)
        return review_view(review, tasks, call.at, read_calendar(connection))


def _chosen(tasks: Sequence[ReviewCase], authority: str, own: str) -> ReviewCase | None:
    wanted = [task for task in tasks if task.authority == (authority or own)]
    if authority or wanted:
        return next(iter(wanted), None)
    return next(iter(tasks), None)


def _was_asked(call: Call, review: ReviewCase) -> bool:
    """Tell whether the caller's authority was asked for its opinion, and may therefore read."""
    asked = {each.consulted for each in review.consultations}
    return Scope.AUTHORITY in call.scopes and call.caller.authority in asked


def list_work(
    call: Call, connection: Connection, page_size: int, page_token: str
) -> Page[WorkItem]:
    """Return a page of open tasks within the caller's reach, the earliest promise first.

    Those on which the caller's authority was asked and has not answered are among them.
    """
    calendar = read_calendar(connection)
    asked = _asked(call)
    query = (
        select(review_case, asked.label("awaits_answer"))
        .where(
            _c.decided_at.is_(None),
            _c.ended_at.is_(None),
        )
        .order_by(_c.promise_due_on, _c.task)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_c.promise_due_on, _c.task),
        key_of=lambda row: (row.promise_due_on, row.task),
        view=lambda row: _work_item(row, call.at, calendar),
        page_size=page_size,
        page_token=page_token,
        among=[*scope_clauses(call, _SCOPE), asked],
    )


def _asked(call: Call) -> ColumnElement[bool]:
    """Return the condition under which the caller's authority owes an answer."""
    if Scope.AUTHORITY not in call.scopes or not call.caller.authority:
        return false()
    asked = consultation.c
    return (
        select(asked.id)
        .where(
            asked.task == _c.task,
            asked.consulted == call.caller.authority,
            asked.answered_at.is_(None),
        )
        .exists()
    )


def _work_item(row: Row[tuple[object, ...]], at: datetime, calendar: WorkCalendar) -> WorkItem:
    values = row._mapping  # noqa: SLF001 -- public, despite its name
    promise = clock_of(*(values[column] for column in _PROMISE))
    if promise is None:
        raise TypeError(f"task {row.task} has no promise")
    statutory = clock_of(*(values[column] for column in _STATUTORY))
    return WorkItem(
        case_number=row.case_number,
        state=row.state,
        item_code=row.item_code,
        promise_due=promise.due,
        light=rules.shown_light(promise, statutory, at, calendar),
        authority=row.authority,
        task=row.task,
        awaits_answer=bool(row.awaits_answer),
    )
