"""The SQLAlchemy unit of work of review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self

from sqlalchemy import or_, select

from servicekit.unit_of_work import Repository, UnitOfWork
from services.review.adapters.calendars import SqlCalendars
from services.review.adapters.orm import review_case
from services.review.domain.errors import ReviewUnknownError
from services.review.domain.review_case import ReviewCase

__all__ = ["SqlReviewUnitOfWork", "SqlReviews"]


class SqlReviews(Repository[ReviewCase]):
    """The cases in review."""

    def undecided_until(self, day: date) -> Sequence[ReviewCase]:
        columns = review_case.c
        found = self._uow.session.scalars(
            select(ReviewCase)
            .where(
                columns.decided_at.is_(None),
                or_(columns.promise_due_on >= day, columns.statutory_due_on >= day),
            )
            .order_by(columns.case_number)  # one order everywhere, so that two imports never cross
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
