"""The SQLAlchemy unit of work of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, Self, TypeVar

from sqlalchemy import select

from servicekit.errors import NotFoundError
from servicekit.events import Aggregate
from servicekit.unit_of_work import Repository, UnitOfWork
from services.catalog.adapters.orm import calendar_year, service_item
from services.catalog.domain.authorities import Authority
from services.catalog.domain.calendar_years import CalendarYear
from services.catalog.domain.errors import (
    AssignmentUnknownError,
    AuthorityUnknownError,
    ItemUnknownError,
    PostUnknownError,
    UnitUnknownError,
)
from services.catalog.domain.items import ServiceItem
from services.catalog.domain.letters import AuthorisationLetter
from services.catalog.domain.posts import Officer, Post
from services.catalog.domain.units import Unit

__all__ = ["SqlCatalogUnitOfWork"]

A = TypeVar("A", bound=Aggregate)


class _Shelf(Repository[A], Generic[A]):
    """A repository whose aggregates can also be read without being what the command is about."""

    def __init__(self, uow: UnitOfWork, kind: type[A], missing: type[NotFoundError]) -> None:
        super().__init__(uow, kind, missing)
        self._session = uow.session
        self._wanted = kind

    def look(self, key: str) -> A | None:
        return self._session.get(self._wanted, key)


class _Items(_Shelf[ServiceItem]):
    def authorities_of(self, item_codes: Iterable[str]) -> Mapping[str, str]:
        query = select(service_item.c.item_code, service_item.c.authority).where(
            service_item.c.item_code.in_(list(item_codes))
        )
        return {row.item_code: row.authority for row in self._session.execute(query)}


class _Years:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._years = Repository(uow, CalendarYear, NotFoundError)

    def find(self, year: int) -> CalendarYear | None:
        found = self._uow.session.get(CalendarYear, year, with_for_update=True)
        if found is not None:
            self._uow.seen(found)
        return found

    def add(self, aggregate: CalendarYear) -> None:
        self._years.add(aggregate)

    def notices(self) -> tuple[str, ...]:
        query = select(calendar_year.c.notice).order_by(calendar_year.c.year)
        return tuple(self._uow.session.execute(query).scalars())


class SqlCatalogUnitOfWork(UnitOfWork):
    """Saves state, events and audit in one transaction, so none can exist alone."""

    items: _Items
    units: _Shelf[Unit]
    authorities: _Shelf[Authority]
    posts: _Shelf[Post]
    officers: _Shelf[Officer]
    letters: _Shelf[AuthorisationLetter]
    years: _Years

    def __enter__(self) -> Self:
        super().__enter__()
        self.items = _Items(self, ServiceItem, ItemUnknownError)
        self.units = _Shelf(self, Unit, UnitUnknownError)
        self.authorities = _Shelf(self, Authority, AuthorityUnknownError)
        self.posts = _Shelf(self, Post, PostUnknownError)
        self.officers = _Shelf(self, Officer, AssignmentUnknownError)
        self.letters = _Shelf(self, AuthorisationLetter, NotFoundError)
        self.years = _Years(self)
        return self

    def load_all(self, kind: type[Aggregate]) -> None:
        """Read every aggregate of a kind at once; `look` then asks the database no more.

        For loading a whole district, where one question for each would be slow.
        """
        self._loaded = list(self.session.scalars(select(kind)))
