"""What review keeps beside a task: procedures, explanations, consultations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from checker.databases import Database
from checker.values import day, flag, instant

__all__ = ["Consultation", "Explanation", "Procedure", "by_task", "consultation", "explanation",
           "procedure"]  # fmt: skip

T = TypeVar("T")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure whose time does not count."""

    procedure: str
    kind: str
    days: int
    start_on: date | None
    ended_on: date | None
    stops_promise: bool
    planned_at: datetime | None
    noticed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A request for an explanation."""

    explanation: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consultation:
    """A question to another authority."""

    consulted: str
    asked_at: datetime | None
    answered_at: datetime | None
    agrees: bool | None


def by_task(
    database: Database, table: str, read: Callable[[Row], T]
) -> Mapping[str, tuple[T, ...]]:
    """Return the rows of a table by task, in the order in which they were written."""
    found: dict[str, list[T]] = defaultdict(list)
    for row in database.rows(f"SELECT * FROM {table} ORDER BY id"):
        found[row["task"]].append(read(row))
    return {task: tuple(rows) for task, rows in found.items()}


def procedure(row: Row) -> Procedure:
    return Procedure(
        procedure=row["procedure"],
        kind=row["kind"],
        days=row["days"],
        start_on=day(row["start_on"]),
        ended_on=day(row["ended_on"]),
        stops_promise=bool(flag(row["stops_promise"])),
        planned_at=instant(row["planned_at"]),
        noticed_at=instant(row["noticed_at"]),
    )


def explanation(row: Row) -> Explanation:
    return Explanation(row["explanation"], instant(row["answered_at"]))


def consultation(row: Row) -> Consultation:
    return Consultation(
        consulted=row["consulted"],
        asked_at=instant(row["asked_at"]),
        answered_at=instant(row["answered_at"]),
        agrees=flag(row["agrees"]),
    )
