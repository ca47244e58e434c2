"""Reads the catalogue: public data, the same for everybody who may call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Date,
    Row,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)

from servicekit.paging import Page, page_of
from services.catalog.adapters.orm import (
    assignment,
    authority,
    item_version,
    officer,
    post,
    service_item,
    unit,
)
from services.catalog.domain.errors import (
    AssignmentUnknownError,
    ItemNotInForceError,
    ItemUnknownError,
    PersonUnknownError,
    UnitUnknownError,
    VersionUnknownError,
)
from services.catalog.domain.items import ItemVersion
from services.catalog.domain.posts import PostKind
from services.catalog.domain.units import UnitKind

__all__ = [
    "AssignmentView",
    "ItemView",
    "PersonView",
    "UnitView",
    "get_item_version",
    "get_person",
    "get_service_item",
    "get_unit",
    "list_service_items",
    "list_units",
    "resolve_assignment",
    "unit_view",
]

_v = item_version.c


def _covers(day: date | BindParameter[date]) -> ColumnElement[bool]:
    until = _v.in_force_until_date
    return (_v.in_force_from_date <= day) & or_(until.is_(None), until > day)


# Made once: to make a statement anew costs several times what it costs to execute it.
_DAY: BindParameter[date] = bindparam("day", type_=Date())
_OF_ITEM = select(_v.content).where(_v.item_code == bindparam("item"))
_IN_FORCE = _OF_ITEM.where(_covers(_DAY)).order_by(_v.number.desc()).limit(1)
_ENDED_LAST = (
    _OF_ITEM.where(_v.in_force_until_date <= _DAY)
    .order_by(_v.in_force_until_date.desc(), _v.number.desc())
    .limit(1)
)
_ITEM = select(service_item.c.item_code).where(service_item.c.item_code == bindparam("item"))
_RECORDS = select(authority.c.unit, authority.c.records).where(
    authority.c.unit.in_(bindparam("involved", expanding=True))
)
_VERSION = select(_v.content).where(_v.item_version == bindparam("version"))
_UNIT = select(unit).where(unit.c.code == bindparam("code"))
_OFFICER = select(officer.c.person, officer.c.person_name).where(
    officer.c.person == bindparam("person")
)
_IN_OFFICE = (
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
        assignment.c.person == bindparam("person"),
        assignment.c.from_date <= _DAY,
        or_(assignment.c.until_date.is_(None), assignment.c.until_date > _DAY),
    )
)


@dataclass(frozen=True, slots=True)
class ItemView:
    """A version, and whether it is in force on the day that was asked about."""

    version: ItemVersion
    in_force: bool


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


def get_service_item(
    connection: Connection, item_code: str, day: date, *, include_ended: bool = False
) -> ItemView:
    """Return the version in force on `day`, or refuse.

    Of several that cover the day the last published holds (`items.version_on`). With
    `include_ended` the version that ended last is given for an item that went out of force: who
    applies for it gets a written answer, which names the successor.

    Source: R3.7; readings 4.
    """
    asked = {"item": item_code, "day": day}
    version = connection.execute(_IN_FORCE, asked).scalar_one_or_none()
    if version is None and include_ended:
        version = connection.execute(_ENDED_LAST, asked).scalar_one_or_none()
        if version is not None:
            return ItemView(_of_the_day(connection, version, day), in_force=False)
    if version is not None:
        return ItemView(_of_the_day(connection, version, day), in_force=True)
    known = connection.execute(_ITEM, {"item": item_code}).one_or_none()
    if known is None:
        raise ItemUnknownError("There is no such item", item=item_code)
    raise ItemNotInForceError(
        "No version is in force on that day", item=item_code, day=day.isoformat()
    )


def _of_the_day(connection: Connection, version: ItemVersion, day: date) -> ItemVersion:
    """Return the version with the remedies that the record of each authority names on `day`.

    The record is dated: what held on the first day of the version may have changed since.

    Source: readings 11.
    """
    involved = {version.authority, *(part.authority for part in version.parts)}
    rows = connection.execute(_RECORDS, {"involved": sorted(involved)})
    remedies: dict[str, dict[str, Any]] = {}
    for row in rows:
        for record in row.records:
            if record.from_date <= day:
                remedies[row.unit] = {"review_body": record.review_body, "court": record.court}
    return replace(
        version,
        parts=tuple(replace(part, **remedies.get(part.authority, {})) for part in version.parts),
        **remedies.get(version.authority, {}),
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
    row = connection.execute(_VERSION, {"version": version}).one_or_none()
    if row is None:
        raise VersionUnknownError("No such version was published", version=version)
    return _content(row)


def get_unit(connection: Connection, code: str) -> UnitView:
    """Return a unit, or refuse."""
    row = connection.execute(_UNIT, {"code": code}).one_or_none()
    if row is None:
        raise UnitUnknownError("There is no such unit", unit=code)
    return unit_view(row)


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
        view=unit_view,
        page_size=page_size,
        page_token=page_token,
    )


def resolve_assignment(connection: Connection, person: str, day: date) -> AssignmentView:
    """Return the assignment of a person on `day`, or refuse.

    Source: readings 1 (one post at a time).
    """
    row = connection.execute(_IN_OFFICE, {"person": person, "day": day}).one_or_none()
    if row is None:
        raise AssignmentUnknownError("The person holds no post", person=person)
    kind: PostKind = row.post_kind
    return AssignmentView(**{**row._asdict(), "post_kind": kind.name})


def get_person(connection: Connection, person: str) -> PersonView:
    """Return who a person is, whatever post was held and when, or refuse."""
    row = connection.execute(_OFFICER, {"person": person}).one_or_none()
    if row is None:
        raise PersonUnknownError("The person never held a post", person=person)
    return PersonView(**row._asdict())


def _content(row: Row[Any]) -> ItemVersion:
    version: ItemVersion = row.content
    return version


def unit_view(row: Row[Any]) -> UnitView:
    """Return the unit of a row of its table."""
    return UnitView(
        code=row.code,
        name=row.name,
        kind=row.kind,
        parent=row.parent,
        unit_path=row.unit_path,
        site=row.site,
    )
