"""Which windows were merged into which (readings 6), as the catalogue told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Select, select, update

from servicekit.calls import Call
from servicekit.database import insert_for
from services.intake.adapters.orm import case_file
from services.intake.adapters.orm_counter import window_merger as table
from services.intake.domain.values import PostKind, civil_day

__all__ = ["Merger", "SqlMergers", "of_a_predecessor", "predecessors"]


@dataclass(frozen=True, slots=True)
class Merger:
    """A window that ends, the one that goes on, and since when."""

    window_unit: str
    successor: str
    from_on: date


@dataclass(frozen=True, slots=True)
class SqlMergers:
    """The mergers that are known here."""

    connection: Connection

    def add(self, window_unit: str, successor: str, from_on: date) -> None:
        values = {"window_unit": window_unit, "successor": successor, "from_on": from_on}
        known = insert_for(self.connection)(table).values(**values)
        self.connection.execute(known.on_conflict_do_nothing())

    def to_follow(self, day: date) -> list[Merger]:
        """Return the mergers in effect whose cases have not moved yet."""
        query = select(table).where(table.c.from_on <= day, table.c.followed_at.is_(None))
        return [
            Merger(row.window_unit, row.successor, row.from_on)
            for row in self.connection.execute(query)
        ]

    def followed(self, window_unit: str, at: datetime) -> None:
        self.connection.execute(
            update(table).where(table.c.window_unit == window_unit).values(followed_at=at)
        )


def of_a_predecessor(call: Call) -> ColumnElement[bool] | None:
    """Return the condition under which a case is that of a window merged into the caller's.

    Source: R4.7; readings 6.
    """
    merged = _merged_into(call)
    return None if merged is None else case_file.c.window_unit.in_(merged)


def predecessors(call: Call, connection: Connection) -> frozenset[str]:
    """Return the windows that were merged into the caller's; none for whoever has no window.

    Source: R4.7; readings 6.
    """
    merged = _merged_into(call)
    return frozenset() if merged is None else frozenset(connection.scalars(merged))


def _merged_into(call: Call) -> Select[tuple[str]] | None:
    """Return the query for the windows that were merged into the caller's.

    Directly, or into one that was merged itself. None where the caller has no window,
    or no role there.
    """
    caller = call.caller
    if caller.post_kind != PostKind.WINDOW or "WINDOW_CLERK" not in caller.roles:
        return None
    begun = table.c.from_on <= civil_day(call.at)
    merged = (
        select(table.c.window_unit)
        .where(table.c.successor == caller.unit, begun)
        .cte("merged", recursive=True)
    )
    merged = merged.union(
        select(table.c.window_unit).where(table.c.successor == merged.c.window_unit, begun)
    )
    return select(merged.c.window_unit)
