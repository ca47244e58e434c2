"""Imperative mapping of aggregates: the domain classes stay free of SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.orm import registry

from servicekit.events import Aggregate

__all__ = ["map_aggregate"]


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
