"""Building the tree: units, authorities, posts, and who holds them.

Each may be repeated: what stands already as told stays as it is, so that a district can be
loaded again from its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.catalog.domain.authorities import Authority, AuthorityRecord
from services.catalog.domain.errors import PostUnknownError, UnitUnknownError
from services.catalog.domain.posts import Officer, Post, PostKind
from services.catalog.domain.units import Unit, UnitKind
from services.catalog.ports import CatalogUnitOfWork

__all__ = [
    "AssignPerson",
    "CreatePost",
    "RegisterAuthority",
    "RegisterUnit",
    "assign_person",
    "create_post",
    "register_authority",
    "register_unit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUnit:
    """Put a unit under its parent, or rename it; the province has no parent."""

    code: str
    name: str
    kind: UnitKind
    parent: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAuthority:
    """Let a department decide in its own name, with what holds from a day on."""

    unit: str
    prefix: str
    record: AuthorityRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePost:
    """Create a post in a unit."""

    post: str
    title: str
    post_kind: PostKind
    roles: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPerson:
    """Give a person a post for a period."""

    assignment: str
    person: str
    person_name: str
    post: str
    from_date: date
    until_date: date | None = None


def register_unit(command: RegisterUnit, *, uow: CatalogUnitOfWork) -> bool:
    """Register a unit; tell whether anything changed."""
    known = uow.units.look(command.code)
    if known is not None:
        if (known.name, known.site) == (command.name, command.site):
            return False
        changing = uow.units.find(command.code) or known
        return changing.change(name=command.name, site=command.site)
    parent = _unit(uow, command.parent) if command.parent else None
    uow.units.add(
        Unit.register(
            code=command.code,
            name=command.name,
            kind=command.kind,
            parent=parent,
            site=command.site,
        )
    )
    return True


def register_authority(command: RegisterAuthority, *, uow: CatalogUnitOfWork) -> bool:
    """Register an authority, or add a record to it; tell whether anything changed."""
    known = uow.authorities.find(command.unit)
    if known is None:
        unit = _unit(uow, command.unit)
        known = Authority(unit=unit.code, name=unit.name, prefix=command.prefix)
        known.add_record(command.record)
        uow.authorities.add(known)
        return True
    if command.record in known.records:
        return False
    known.add_record(command.record)
    return True


def create_post(command: CreatePost, *, uow: CatalogUnitOfWork) -> bool:
    """Create a post; tell whether it is new."""
    if uow.posts.look(command.post) is not None:
        return False
    uow.posts.add(
        Post.create(
            post=command.post,
            title=command.title,
            post_kind=command.post_kind,
            roles=command.roles,
            unit=_unit(uow, command.unit),
        )
    )
    return True


def assign_person(command: AssignPerson, *, uow: CatalogUnitOfWork) -> bool:
    """Give a person a post; tell whether that is new."""
    officer = uow.officers.find(command.person)
    is_new = officer is None
    if officer is None:
        officer = Officer(person=command.person, person_name=command.person_name)
    if any(known.assignment == command.assignment for known in officer.assignments):
        return False
    post = uow.posts.look(command.post)
    if post is None:
        raise PostUnknownError("there is no such post", post=command.post)
    officer.assign(
        assignment=command.assignment,
        post=post,
        from_date=command.from_date,
        until_date=command.until_date,
    )
    if is_new:
        uow.officers.add(officer)
    return True


def _unit(uow: CatalogUnitOfWork, code: str) -> Unit:
    unit = uow.units.look(code)
    if unit is None:
        raise UnitUnknownError("there is no such unit", unit=code)
    return unit
