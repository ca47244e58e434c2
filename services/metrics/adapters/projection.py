"""Events into rows, one or many at a time, on the live tables or on shadows of them.

The rows of a batch are made and locked in sorted order, so that two processes
never wait for each other in a circle; then each event is folded by the domain
and each changed row is written once. A row is made before it is locked:
a row that is not there cannot be locked, and two services may tell of a new
case at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    select,
    update,
)

from servicekit.database import compiled_once, insert_for
from services.metrics.adapters import orm
from services.metrics.adapters.event_messages import counted
from services.metrics.domain.alarms import alarm_of
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.folding import fold
from services.metrics.domain.incoming import (
    CalendarYearImported,
    CaseFact,
    ItemVersionPublished,
    UnitRegistered,
    ViolationRecorded,
)
from services.metrics.domain.items import light_of, version_number
from workdays import Limit

__all__ = [
    "LIVE",
    "Projection",
    "Turned",
    "facts_of",
    "project",
    "row_of",
    "upsert",
    "version_row",
]

_FACTS = tuple(field.name for field in fields(CaseFacts))


@dataclass(frozen=True, slots=True)
class Projection:
    """The tables that are made of events alone, and can be made again."""

    case_facts: Table = orm.case_facts
    item_version: Table = orm.item_version
    unit: Table = orm.unit
    violation_seen: Table = orm.violation_seen
    alarm_seen: Table = orm.alarm_seen
    calendar_year: Table = orm.calendar_year

    @property
    def tables(self) -> tuple[Table, ...]:
        return (
            self.case_facts,
            self.item_version,
            self.unit,
            self.violation_seen,
            self.alarm_seen,
            self.calendar_year,
        )


LIVE = Projection()


@dataclass(frozen=True, slots=True)
class Turned:
    """A case that began to show a red light for its item, and the event by which it did."""

    facts: CaseFacts
    envelope: Envelope


def project(
    connection: Connection, into: Projection, envelopes: Sequence[Envelope]
) -> list[Turned]:
    """Bring `envelopes`, in order within each stream, into the rows of `into`.

    Returns the cases that began to show a red light.
    """
    about_cases: list[tuple[CaseFact, Envelope]] = []
    rows: dict[Table, dict[Any, dict[str, Any]]] = {table: {} for table in into.tables}
    for envelope in envelopes:
        event = counted(envelope)
        if event is not None and (alarm := alarm_of(event)) is not None:
            row = asdict(alarm) | {"kind": alarm.kind.name, "at": _occurred(envelope)}
            rows[into.alarm_seen][envelope.event_id] = {"alarm_id": envelope.event_id} | row
        match event:
            case CaseFact() as fact:
                about_cases.append((fact, envelope))
            case ViolationRecorded() as violation:
                row = asdict(violation) | {"source": envelope.source, "at": _occurred(envelope)}
                rows[into.violation_seen][violation.violation_id] = row
            case ItemVersionPublished() as version:
                rows[into.item_version][version.item_version] = version_row(version)
            case UnitRegistered() as unit:
                rows[into.unit][unit.unit] = asdict(unit)
            case CalendarYearImported() as calendar:
                rows[into.calendar_year][calendar.year] = asdict(calendar)
    for table in into.tables[1:]:
        upsert(connection, table, rows[table])
    return _count(connection, into.case_facts, about_cases)


def version_row(version: ItemVersionPublished) -> dict[str, Any]:
    """Return the row of a published version."""
    row = asdict(version)
    for name in ("in_force_from", "in_force_until"):
        row[name] = row.pop(f"{name}_date")
    for name in ("statutory", "promised"):
        limit: Limit | None = getattr(version, f"{name}_limit")
        del row[f"{name}_limit"]
        row[f"{name}_amount"] = limit and limit.amount
        row[f"{name}_unit"] = limit and limit.unit.value
        row[f"{name}_start"] = limit and limit.start.value
    row["number"] = version_number(version.item_version)
    return row


def row_of(facts: CaseFacts) -> dict[str, Any]:
    """Return the row of `case_facts` that holds `facts`, and what they give."""
    decided = facts.decision_at is not None
    computed = {
        "decision_on": facts.decision_on,
        "outcome": facts.result,
        "promise_kept": facts.in_time if decided else None,
        "statutory_kept": facts.in_time_of_law if decided else None,
        "decided_early": facts.decided_early if decided else None,
    }
    return {name: getattr(facts, name) for name in _FACTS} | computed


def upsert(connection: Connection, table: Table, rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Write rows by their key, in sorted order; what a row says replaces what was there."""
    if not rows:
        return
    written = [dict(rows[name]) for name in sorted(rows)]
    statement = _upserting(insert_for(connection), table, tuple(written[0]))
    connection.execute(statement, written)


# Each statement is made once: that costs several times its execution on a small batch.
@lru_cache(maxsize=32)  # shadows of the tables come and go
def _upserting(
    insert_into: Callable[[Table], Any], table: Table, names: tuple[str, ...]
) -> TextClause:
    insert = insert_into(table)
    [key] = table.primary_key.columns
    replaced = {c.name: insert.excluded[c.name] for c in table.columns if c is not key}
    return compiled_once(insert.on_conflict_do_update(index_elements=[key], set_=replaced), names)


@lru_cache(maxsize=32)  # shadows of the tables come and go
def _making(
    insert_into: Callable[[Table], Any], table: Table, names: tuple[str, ...]
) -> TextClause:
    return compiled_once(insert_into(table).on_conflict_do_nothing(), names)


@lru_cache(maxsize=32)  # shadows of the tables come and go
def _locking(table: Table) -> Select[Any]:
    number = table.c.case_number
    return (
        select(table)
        .where(number.in_(bindparam("numbers", expanding=True)))
        .order_by(number)
        .with_for_update()
    )


@lru_cache(maxsize=32)  # shadows of the tables come and go
def _updating(table: Table) -> Update:
    return update(table).where(table.c.case_number == bindparam("this_case"))


def facts_of(row: Row[Any]) -> CaseFacts:
    """Return the facts that a row of `case_facts` holds."""
    return CaseFacts(**{name: getattr(row, name) for name in _FACTS})


def _count(
    connection: Connection, table: Table, told: Iterable[tuple[CaseFact, Envelope]]
) -> list[Turned]:
    events = list(told)
    if not events:
        return []
    before = _locked(connection, table, {fact.case_number for fact, _ in events})
    after = dict(before)
    turned = []
    for fact, envelope in events:
        facts = after[fact.case_number]
        after[fact.case_number] = fold(facts, fact, _occurred(envelope))
        if light_of(facts) is None and light_of(after[fact.case_number]) is not None:
            turned.append(Turned(after[fact.case_number], envelope))
    changed = [after[number] for number in after if after[number] != before[number]]
    if changed:
        connection.execute(_updating(table), [_updated(facts) for facts in changed])
    return turned


def _updated(facts: CaseFacts) -> dict[str, Any]:
    row = row_of(facts)
    row["this_case"] = row.pop("case_number")
    return row


def _locked(connection: Connection, table: Table, numbers: set[str]) -> dict[str, CaseFacts]:
    """Return the facts of the cases, their rows made where they were not, and locked."""
    in_order = sorted(numbers)
    made = [row_of(CaseFacts(case_number=number)) for number in in_order]
    connection.execute(_making(insert_for(connection), table, tuple(made[0])), made)
    rows = connection.execute(_locking(table), {"numbers": in_order})
    return {row.case_number: facts_of(row) for row in rows}


def _occurred(envelope: Envelope) -> datetime:
    return envelope.occurred_at.ToDatetime(tzinfo=UTC)
