"""The call that is being answered: who asks, for what, when, and how far they may reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import ColumnElement, false, func, or_, true

from servicekit.errors import NotFoundError, PermissionDeniedError
from servicekit.events import Ownership
from servicekit.identity import Caller

__all__ = [
    "NO_SUCH_THING",
    "Call",
    "OutOfScopeError",
    "Scope",
    "ScopeColumns",
    "authorise",
    "reaches",
    "scope_clause",
    "scope_clauses",
]


NO_SUCH_THING: Final = "There is no such thing"


class Scope(Enum):
    """How far a caller reaches, from nothing to everything."""

    NONE = 0
    OWN = 1  # what the person owns
    UNIT = 2  # the unit of the post
    AUTHORITY = 3  # the authority of the post
    SUBTREE = 4  # the unit of the post and all below it
    ANY = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `at` is legal time, stamped once; nobody stamps again."""

    caller: Caller
    method: str
    scopes: frozenset[Scope]
    at: datetime
    request_id: str = ""
    traceparent: str = ""


class OutOfScopeError(PermissionDeniedError):
    """The thing belongs to a unit, authority or person the caller's post does not reach."""

    reason = "OUT_OF_SCOPE"


def reaches(call: Call, owned: Ownership) -> bool:
    """Tell whether the caller's scope covers something owned by `owned`."""
    return any(_covers(scope, call.caller, owned) for scope in call.scopes)


def _covers(scope: Scope, caller: Caller, owned: Ownership) -> bool:
    match scope:
        case Scope.NONE:
            return False
        case Scope.OWN:
            return bool(owned.person) and owned.person == caller.person
        case Scope.UNIT:
            return bool(owned.unit) and owned.unit == caller.unit
        case Scope.AUTHORITY:
            return bool(caller.authority) and caller.authority in (owned.authority, *owned.others)
        case Scope.SUBTREE:
            return caller.covers(owned.unit_path)
        case Scope.ANY:
            return True


def authorise(
    call: Call, owned: Ownership, *, missing: type[NotFoundError] = NotFoundError, **facts: str
) -> None:
    """Refuse the call unless its scope covers `owned`.

    A member of staff is told that the thing is not theirs. A citizen is told
    that there is no such thing, so that numbers cannot be probed: `missing`
    is what the caller would be told if there really were none.
    """
    if reaches(call, owned):
        return
    if call.scopes <= {Scope.OWN, Scope.NONE}:
        raise missing(NO_SUCH_THING, **facts)
    raise OutOfScopeError("The caller's post does not reach this", **facts)


@dataclass(frozen=True, slots=True)
class ScopeColumns:
    """The columns of a table that say whose a row is; None where a table lacks one.

    `takes_part` says of an authority whether it deals with the row beside `authority`.
    """

    person: ColumnElement[str] | None = None
    unit: ColumnElement[str] | None = None
    unit_path: ColumnElement[str] | None = None
    authority: ColumnElement[str] | None = None
    takes_part: Callable[[str], ColumnElement[bool]] | None = None


def scope_clause(call: Call, columns: ScopeColumns) -> ColumnElement[bool]:
    """Return the condition under which a row is within the caller's reach.

    The same five words as `reaches`, as SQL: lists, searches and exports use
    this and therefore cannot show what a single read would refuse.
    """
    return or_(*scope_clauses(call, columns))


def scope_clauses(call: Call, columns: ScopeColumns) -> list[ColumnElement[bool]]:
    """Return the conditions of which one must hold for a row to be within the caller's reach.

    One by one, because an index has the rows of each in order, and those of none of their OR.
    """
    caller = call.caller
    clauses: list[ColumnElement[bool]] = []
    for scope in sorted(call.scopes, key=lambda each: each.value):
        if scope is Scope.ANY:
            return [true()]
        if scope is Scope.OWN and columns.person is not None and caller.person:
            clauses.append(columns.person == caller.person)
        if scope is Scope.UNIT and columns.unit is not None and caller.unit:
            clauses.append(columns.unit == caller.unit)
        if scope is Scope.AUTHORITY and columns.authority is not None and caller.authority:
            clauses.append(columns.authority == caller.authority)
            if columns.takes_part is not None:
                clauses.append(columns.takes_part(caller.authority))
        if scope is Scope.SUBTREE and columns.unit_path is not None and caller.unit_path:
            clauses.append(_begins_with(columns.unit_path, caller.unit_path))
    return clauses or [false()]


def _begins_with(column: ColumnElement[str], path: str) -> ColumnElement[bool]:
    """LIKE can use an index but ignores case on SQLite; the second test is exact."""
    return column.startswith(path, autoescape=True) & (func.substr(column, 1, len(path)) == path)
