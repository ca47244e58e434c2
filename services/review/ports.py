"""What the handlers of review need from the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from servicekit.calls import Call
from services.review.domain.review_case import ReviewCase
from workdays import WorkCalendar

__all__ = ["Calendars", "ReviewUnitOfWork", "Reviews"]


class Reviews(Protocol):
    """The cases in review, each within the caller's reach."""

    def get(self, key: str) -> ReviewCase: ...
    def find(self, key: str) -> ReviewCase | None: ...
    def add(self, aggregate: ReviewCase) -> None: ...

    def undecided_until(self, day: date) -> Sequence[ReviewCase]:
        """Return, locked, the undecided cases of which a last day is `day` or later."""
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
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
