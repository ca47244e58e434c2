"""What the handlers of review need from the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from servicekit.calls import Call
from servicekit.events import Event
from services.review.domain.facts import Post
from services.review.domain.review_case import ReviewCase
from workdays import WorkCalendar

__all__ = ["Calendars", "Catalogue", "ReviewUnitOfWork", "Reviews"]


class Catalogue(Protocol):
    """Who holds which post, who reviews whom; asked before a transaction, never inside one."""

    def post_of(self, person: str) -> Post | None:
        """Return the post in force; None for somebody who has none."""
        ...

    def remedies_known(self, authority: str, at: datetime) -> bool:
        """Tell whether reviewing body and court of an authority are on record that day."""
        ...


class Reviews(Protocol):
    """The tasks in review, each within the caller's reach."""

    def task(self, case_number: str, authority: str) -> ReviewCase:
        """Return one task of a case, locked, or refuse.

        That of `authority`; without one the caller's own, or else the lead's.
        """
        ...

    def of_case(self, case_number: str) -> Sequence[ReviewCase]:
        """Return all tasks of a case, locked, the lead's first; nobody's reach is asked."""
        ...

    def find(self, key: str) -> ReviewCase | None: ...
    def add(self, aggregate: ReviewCase) -> None: ...

    def undecided_until(self, day: date) -> Sequence[ReviewCase]:
        """Return, locked, the undecided tasks of which a last day is `day` or later."""
        ...


class Calendars(Protocol):
    """The official calendar, as far as this service has been told of it.

    Whoever reads it and whoever adds to it wait for each other: a case is
    either opened with the new year, or found by the import of it.
    """

    def current(self) -> WorkCalendar: ...
    def add(self, year: int, notice: str, source: str, at: datetime) -> None: ...


class ReviewUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def reviews(self) -> Reviews: ...
    @property
    def calendars(self) -> Calendars: ...
    def tell(self, review: ReviewCase, event: Event) -> None:
        """Publish a fact of the task upon which nobody decides: its revision stays."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
