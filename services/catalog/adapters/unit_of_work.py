"""The SQLAlchemy unit of work of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Generic, Self, TypeVar

from sqlalchemy import or_, select

from servicekit.errors import NotFoundError
from servicekit.events import Aggregate
from servicekit.unit_of_work import Repository, UnitOfWork
from services.catalog.adapters.orm import (
    assignment,
    authorisation_letter,
    calendar_year,
    item_version,
    post,
    service_item,
    training_record,
)
from services.catalog.domain.authorities import Authority
from services.catalog.domain.calendar_years import CalendarYear
from services.catalog.domain.errors import (
    AssignmentUnknownError,
    AuthorityUnknownError,
    ItemUnknownError,
    PostUnknownError,
    UnitUnknownError,
    WorkRulesUnknownError,
)
from services.catalog.domain.items import ItemVersion, ServiceItem
from services.catalog.domain.letters import AuthorisationLetter, Power
from services.catalog.domain.posts import Officer, Post
from services.catalog.domain.training import TrainingRecord, items_taught
from services.catalog.domain.units import Unit
from services.catalog.domain.work_rules import WorkRules

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

    def decided_by(self, authorities: Iterable[str]) -> frozenset[str]:
        query = select(service_item.c.item_code).where(
            service_item.c.authority.in_(list(authorities))
        )
        return frozenset(self._session.execute(query).scalars())

    def names_of(self, item_codes: Iterable[str]) -> Mapping[str, str]:
        return {code: each.name for code, each in self._last_versions(item_codes).items()}

    def received_by_towns(self, item_codes: Iterable[str]) -> frozenset[str]:
        last = self._last_versions(item_codes)
        return frozenset(code for code, each in last.items() if each.town_receiving_record)

    def _last_versions(self, item_codes: Iterable[str]) -> dict[str, ItemVersion]:
        query = (
            select(item_version.c.item_code, item_version.c.content)
            .where(item_version.c.item_code.in_(list(item_codes)))
            .order_by(item_version.c.number)
        )
        return {row.item_code: row.content for row in self._session.execute(query)}


class _Officers(_Shelf[Officer]):
    def posted_at(self, unit: str, from_date: date, until_date: date) -> frozenset[str]:
        held = assignment.c
        query = (
            select(held.person)
            .join(post, post.c.post == held.post)
            .where(
                post.c.unit == unit,
                held.from_date < until_date,
                or_(held.until_date.is_(None), held.until_date > from_date),
            )
        )
        return frozenset(self._session.execute(query).scalars())

    def taught_at(self, unit: str, day: date) -> frozenset[str]:
        held = assignment.c
        query = (
            select(TrainingRecord)
            .join(assignment, held.person == training_record.c.person)
            .join(post, post.c.post == held.post)
            .where(
                post.c.unit == unit,
                held.from_date <= day,
                or_(held.until_date.is_(None), held.until_date > day),
            )
        )
        return items_taught(self._session.scalars(query), day)


class _Letters(_Shelf[AuthorisationLetter]):
    def windows_accepting(self, item_code: str, from_date: date) -> tuple[str, ...]:
        query = select(AuthorisationLetter).where(authorisation_letter.c.until_date > from_date)
        accepting = (
            letter.window_unit
            for letter in self._session.scalars(query)
            if Power.ACCEPT in letter.listed(item_code)
        )
        return tuple(sorted(frozenset(accepting)))


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
    officers: _Officers
    letters: _Letters
    years: _Years
    work_rules: _Shelf[WorkRules]

    def __enter__(self) -> Self:
        super().__enter__()
        self.items = _Items(self, ServiceItem, ItemUnknownError)
        self.units = _Shelf(self, Unit, UnitUnknownError)
        self.authorities = _Shelf(self, Authority, AuthorityUnknownError)
        self.posts = _Shelf(self, Post, PostUnknownError)
        self.officers = _Officers(self, Officer, AssignmentUnknownError)
        self.letters = _Letters(self, AuthorisationLetter, NotFoundError)
        self.years = _Years(self)
        self.work_rules = _Shelf(self, WorkRules, WorkRulesUnknownError)
        return self

    def load_all(self, kind: type[Aggregate]) -> None:
        """Read every aggregate of a kind at once; `look` then asks the database no more.

        For loading a whole district, where one question for each would be slow.
        """
        self._loaded = list(self.session.scalars(select(kind)))
