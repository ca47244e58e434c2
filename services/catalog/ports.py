"""What the handlers of the catalogue need from the outside world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import TracebackType
from typing import Protocol, Self, TypeVar

from servicekit.calls import Call
from servicekit.events import Aggregate, Ownership
from services.catalog.domain.authorities import Authority
from services.catalog.domain.calendar_years import CalendarYear
from services.catalog.domain.items import ServiceItem
from services.catalog.domain.letters import AuthorisationLetter
from services.catalog.domain.posts import Officer, Post
from services.catalog.domain.units import Unit
from services.catalog.domain.work_rules import WorkRules

__all__ = ["CatalogUnitOfWork", "Items", "Letters", "Officers", "Say", "Shelf", "Years"]

A = TypeVar("A", bound=Aggregate)

# Puts a finding of the lint into words.
Say = Callable[[str, Mapping[str, str]], str]


class Shelf(Protocol[A]):
    """The aggregates of one kind. The catalogue is public: its readers see all of it."""

    def find(self, key: str) -> A | None:
        """Return the aggregate, locked for this transaction, to change it."""
        ...

    def look(self, key: str) -> A | None:
        """Return the aggregate to read it only."""
        ...

    def add(self, aggregate: A) -> None: ...


class Items(Shelf[ServiceItem], Protocol):
    """The service items."""

    def authorities_of(self, item_codes: Iterable[str]) -> Mapping[str, str]:
        """Map each of the codes that exists to the authority that decides the item."""
        ...

    def decided_by(self, authorities: Iterable[str]) -> frozenset[str]:
        """Return the codes of all items that one of the authorities decides."""
        ...

    def names_of(self, item_codes: Iterable[str]) -> Mapping[str, str]:
        """Map each of the codes that exists to the name in its last version."""
        ...

    def received_by_towns(self, item_codes: Iterable[str]) -> frozenset[str]:
        """Return those of the codes whose last version names a record of receipt by towns."""
        ...


class Officers(Shelf[Officer], Protocol):
    """The persons in office."""

    def posted_at(self, unit: str, from_date: date, until_date: date) -> frozenset[str]:
        """Return who holds a post in the unit at some time of the period, its end excluded."""
        ...

    def taught_at(self, unit: str, day: date) -> frozenset[str]:
        """Return the items for which somebody with a post in the unit counts as trained then."""
        ...


class Letters(Shelf[AuthorisationLetter], Protocol):
    """The letters of authorisation."""

    def windows_accepting(self, item_code: str, from_date: date) -> tuple[str, ...]:
        """Return the windows that may accept the item under a letter in force then or later."""
        ...


class Years(Protocol):
    """The imported calendar years."""

    def find(self, year: int) -> CalendarYear | None: ...
    def add(self, aggregate: CalendarYear) -> None: ...
    def notices(self) -> tuple[str, ...]:
        """Return every imported notice."""
        ...


class CatalogUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def items(self) -> Items: ...
    @property
    def units(self) -> Shelf[Unit]: ...
    @property
    def authorities(self) -> Shelf[Authority]: ...
    @property
    def posts(self) -> Shelf[Post]: ...
    @property
    def officers(self) -> Officers: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def years(self) -> Years: ...
    @property
    def work_rules(self) -> Shelf[WorkRules]: ...
    def rule_on(self, owned: Ownership, **facts: str) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
