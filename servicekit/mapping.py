"""Imperative mapping of aggregates: the domain classes stay free of SQLAlchemy."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, event, select
from sqlalchemy.orm import Session, class_mapper, registry
from sqlalchemy.orm.attributes import set_committed_value

from servicekit.events import Aggregate

__all__ = ["load_whole", "locking", "map_aggregate", "reading", "settle_empty_parts"]

MANY = 3  # kinds of parts from which on it is cheaper to ask which of them have rows


def map_aggregate(mappers: registry, kind: type[Aggregate], table: Table, **options: Any) -> None:
    """Map `kind` on `table`; every update is checked against its `revision`.

    The unit of work counts the revision itself, so that a change in a child
    row counts as a change of the whole.
    """
    mappers.map_imperatively(
        kind,
        table,
        version_id_col=table.c.revision,
        version_id_generator=False,
        **options,
    )
    event.listen(kind, "load", _start_without_events, propagate=True)


def _start_without_events(aggregate: Aggregate, _context: object) -> None:
    aggregate.events = []


@cache
def reading(kind: Any) -> Select[Any]:
    """Return what reads an aggregate by its key; the parameter is called `key`.

    Made once for each kind: `Session.get` makes the same statement anew at
    every call, at twice the cost.
    """
    [key] = class_mapper(kind).primary_key
    return select(kind).where(key == bindparam("key"))


@cache
def locking(kind: Any) -> Select[Any]:
    """Return what reads an aggregate by its key, as it is now, and locks it."""
    return reading(kind).with_for_update().execution_options(populate_existing=True)


def settle_empty_parts(session: Session, aggregate: Any) -> None:
    """Let the parts of `aggregate` that have no rows be known as empty.

    Most kinds of parts are empty most of the time; to ask each of them when
    it is first looked at would be a round trip for nothing each time. One
    statement asks for all. Those that have rows are read when they are needed.

    It comes after the lock, where there is one, and is a statement of its
    own: within the one that waits for the lock it would see what was there
    before the wait.
    """
    mapper = class_mapper(type(aggregate))
    names = _parts(mapper)
    if len(names) < MANY:
        return
    [key] = mapper.primary_key_from_instance(aggregate)
    rows = session.connection().execute(_which_have_rows(mapper), {"key": key}).one()
    for name, has_rows in zip(names, rows, strict=True):
        if not has_rows:
            set_committed_value(aggregate, name, [])


def load_whole(session: Session, aggregate: Any) -> None:
    """Load what is left of `aggregate`, so that it outlives its session."""
    settle_empty_parts(session, aggregate)
    for name in _parts(class_mapper(type(aggregate))):
        getattr(aggregate, name)


@cache
def _parts(mapper: Any) -> tuple[str, ...]:
    return tuple(relationship.key for relationship in mapper.relationships)


@cache
def _which_have_rows(mapper: Any) -> Select[Any]:
    questions = []
    for name in _parts(mapper):
        relationship = mapper.relationships[name]
        [(_, owner)] = relationship.local_remote_pairs
        question = select(relationship.target).where(owner == bindparam("key")).exists()
        questions.append(question.label(name))
    return select(*questions)
