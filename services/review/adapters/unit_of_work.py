"""The SQLAlchemy unit of work of review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import selectinload

from servicekit.calls import NO_SUCH_THING
from servicekit.events import Event
from servicekit.unit_of_work import Repository, UnitOfWork
from services.review.adapters.calendars import SqlCalendars
from services.review.adapters.orm import review_case
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.review_case import ReviewCase

__all__ = ["SqlReviewUnitOfWork", "SqlReviews"]

_c = review_case.c
_TASKS = select(_c.task, _c.authority).where(_c.case_number == bindparam("case")).order_by(_c.task)


class SqlReviews(Repository[ReviewCase]):
    """The tasks in review."""

    def task(self, case_number: str, authority: str) -> ReviewCase:
        wanted = authority or self._uow.call.caller.authority
        tasks = self._uow.connection.execute(_TASKS, {"case": case_number}).all()
        own = [row.task for row in tasks if row.authority == wanted]
        if not tasks or (authority and not own):
            raise ReviewUnknownError(NO_SUCH_THING, case=case_number)
        return self.get(own[0] if own else tasks[0].task)

    def of_case(self, case_number: str) -> Sequence[ReviewCase]:
        # One order everywhere, so that two authorities never cross.
        rows = self._uow.connection.execute(_TASKS, {"case": case_number}).all()
        return [found for row in rows if (found := self.find(row.task)) is not None]

    def undecided_until(self, day: date) -> Sequence[ReviewCase]:
        found = self._uow.session.scalars(
            select(ReviewCase)
            .options(selectinload("*"))
            .where(
                _c.decided_at.is_(None),
                _c.ended_at.is_(None),
                or_(_c.promise_due_on >= day, _c.statutory_due_on >= day),
            )
            .order_by(_c.task)  # one order everywhere, so that two imports never cross
            .with_for_update()
        ).all()
        for review in found:
            self._uow.seen(review)
        return found


class SqlReviewUnitOfWork(UnitOfWork):
    """Saves cases, events and audit in one transaction, so none can exist alone."""

    reviews: SqlReviews
    calendars: SqlCalendars

    def __enter__(self) -> Self:
        super().__enter__()
        self.reviews = SqlReviews(self, ReviewCase, ReviewUnknownError)
        self.calendars = SqlCalendars(self.connection)
        return self

    def tell(self, review: ReviewCase, event: Event) -> None:
        self.publish(
            self.kit.codec.pending(event, stream_id=review.stream_id, unit=review.ownership.unit)
        )
