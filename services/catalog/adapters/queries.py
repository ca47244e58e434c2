"""Reads the catalogue: public data, the same for everybody who may call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, tuple_

from servicekit.paging import Page, page_of
from services.catalog.adapters.orm import (
    assignment,
    authorisation_letter,
    item_version,
    officer,
    post,
    service_item,
    unit,
)
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import (
    AssignmentUnknownError,
    ItemNotInForceError,
    ItemUnknownError,
    PersonUnknownError,
    UnitUnknownError,
    VersionUnknownError,
)
from services.catalog.domain.items import ItemVersion
from services.catalog.domain.letters import AuthorisationLetter, Power, letter_for
from services.catalog.domain.posts import PostKind
from services.catalog.domain.units import UnitKind

__all__ = [
    "AssignmentView",
    "PersonView",
    "UnitView",
    "WindowPowers",
    "get_item_version",
    "get_person",
    "get_service_item",
    "get_unit",
    "get_window_powers",
    "list_service_items",
    "list_units",
    "resolve_assignment",
]

_v = item_version.c


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as a reader sees it."""

    code: str
    name: str
    kind: UnitKind
    parent: str
    unit_path: str
    site: str


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """Who a person is, in office, on a day."""

    assignment: str
    person: str
    person_name: str
    title: str
    post_kind: str
    roles: tuple[str, ...]
    unit: str
    unit_path: str
    authority: str
    from_date: date
    until_date: date | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as documents name them."""

    person: str
    person_name: str


@dataclass(frozen=True, slots=True)
class WindowPowers:
    """What a window may do for an item, and under which letter."""

    letter: str
    powers: tuple[Power, ...]
    window: UnitView


def get_service_item(connection: Connection, item_code: str, day: date) -> ItemVersion:
    """Return the version in force on `day`, or refuse.

    Of several that cover the day the last published holds (`items.version_on`).
    """
    version = connection.execute(
        select(_v.content)
        .where(_v.item_code == item_code, _covers(day))
        .order_by(_v.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    if version is not None:
        found: ItemVersion = version
        return found
    known = connection.execute(
        select(service_item.c.item_code).where(service_item.c.item_code == item_code)
    ).one_or_none()
    if known is None:
        raise ItemUnknownError("There is no such item", item=item_code)
    raise ItemNotInForceError(
        "No version is in force on that day", item=item_code, day=day.isoformat()
    )


def list_service_items(
    connection: Connection, day: date, page_size: int, page_token: str
) -> Page[ItemVersion]:
    """Return a page of the versions in force on `day`, by item code."""
    newest = (
        select(_v.item_code, func.max(_v.number).label("number"))
        .where(_covers(day))
        .group_by(_v.item_code)
        .subquery()
    )
    query = (
        select(_v.item_code, _v.content)
        .join(newest, (newest.c.item_code == _v.item_code) & (newest.c.number == _v.number))
        .order_by(_v.item_code)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_v.item_code),
        key_of=lambda row: (row.item_code,),
        view=_content,
        page_size=page_size,
        page_token=page_token,
    )


def get_item_version(connection: Connection, version: str) -> ItemVersion:
    """Return a published version, whatever day it is."""
    row = connection.execute(select(_v.content).where(_v.item_version == version)).one_or_none()
    if row is None:
        raise VersionUnknownError("No such version was published", version=version)
    return _content(row)


def get_unit(connection: Connection, code: str) -> UnitView:
    """Return a unit, or refuse."""
    row = connection.execute(select(unit).where(unit.c.code == code)).one_or_none()
    if row is None:
        raise UnitUnknownError("There is no such unit", unit=code)
    return _unit(row)


def list_units(
    connection: Connection, parent: str, page_size: int, page_token: str
) -> Page[UnitView]:
    """Return a page of the children of a unit, by code."""
    get_unit(connection, parent)
    return page_of(
        connection,
        select(unit).where(unit.c.parent == parent).order_by(unit.c.code),
        key=tuple_(unit.c.code),
        key_of=lambda row: (row.code,),
        view=_unit,
        page_size=page_size,
        page_token=page_token,
    )


def resolve_assignment(connection: Connection, person: str, day: date) -> AssignmentView:
    """Return the assignment of a person on `day`, or refuse.

    Source: readings 1 (one post at a time).
    """
    row = connection.execute(
        select(
            assignment.c.assignment,
            assignment.c.person,
            officer.c.person_name,
            post.c.title,
            post.c.post_kind,
            post.c.roles,
            post.c.unit,
            unit.c.unit_path,
            post.c.authority,
            assignment.c.from_date,
            assignment.c.until_date,
        )
        .join(officer, officer.c.person == assignment.c.person)
        .join(post, post.c.post == assignment.c.post)
        .join(unit, unit.c.code == post.c.unit)
        .where(
            assignment.c.person == person,
            assignment.c.from_date <= day,
            or_(assignment.c.until_date.is_(None), assignment.c.until_date > day),
        )
    ).one_or_none()
    if row is None:
        raise AssignmentUnknownError("The person holds no post", person=person)
    kind: PostKind = row.post_kind
    return AssignmentView(**{**row._asdict(), "post_kind": kind.name})


def get_person(connection: Connection, person: str) -> PersonView:
    """Return who a person is, whatever post was held and when, or refuse."""
    row = connection.execute(
        select(officer.c.person, officer.c.person_name).where(officer.c.person == person)
    ).one_or_none()
    if row is None:
        raise PersonUnknownError("The person never held a post", person=person)
    return PersonView(**row._asdict())


def get_window_powers(
    connection: Connection, window_unit: str, item_code: str, at: datetime
) -> WindowPowers:
    """Return what a window may do for an item; without a letter in force, nothing.

    Any unit may be asked about: a department that tries to accept has no powers, and the service
    that refuses it says why.

    Source: R3.4; readings 3, 4.
    """
    window = get_unit(connection, window_unit)
    day, letters = civil_day(at), authorisation_letter.c
    rows = connection.execute(
        select(authorisation_letter).where(
            letters.window_unit == window_unit, letters.from_date <= day, letters.until_date > day
        )
    )
    known = [AuthorisationLetter(**row._asdict()) for row in rows]
    acting = letter_for(known, item_code, at)
    if acting is None:
        return WindowPowers("", (), window)
    return WindowPowers(acting.letter, acting.powers(item_code, at), window)


def _covers(day: date) -> ColumnElement[bool]:
    until = _v.in_force_until_date
    return (_v.in_force_from_date <= day) & or_(until.is_(None), until > day)


def _content(row: Row[Any]) -> ItemVersion:
    version: ItemVersion = row.content
    return version


def _unit(row: Row[Any]) -> UnitView:
    return UnitView(
        code=row.code,
        name=row.name,
        kind=row.kind,
        parent=row.parent,
        unit_path=row.unit_path,
        site=row.site,
    )
