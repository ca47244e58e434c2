"""What is counted, counted again from the logs of the other services.

The events are read into shadows of the live tables while the live ones go on
being used. Then, in one transaction in which nobody takes events in, both are
compared row by row and what differs is replaced by what was rebuilt; the
stream positions move with it. A rebuild that finds nothing to replace proves
that the numbers on the dashboard are those of the cases.

Ratings and lights are not rebuilt: they were decided here. A light that the
rebuilt facts demand and that is not lit is turned red; one that they do not
demand is reported, and waits for an explanation like any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liandong.common.v1.common_pb2 import PublishedEvent
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    except_,
    exists,
    func,
    select,
    text,
)

from servicekit.calls import Call, Scope
from servicekit.clock import Clock
from servicekit.identity import Caller
from servicekit.kit import Kit
from servicekit.leases import Lease
from servicekit.stream_tables import DRAINED, SEED
from services.metrics import handlers
from services.metrics.adapters.case_rules import completed_ever
from services.metrics.adapters.orm import item_light, tables
from services.metrics.adapters.projection import LIVE, Projection, facts_of, project, upsert
from services.metrics.adapters.unit_of_work import SqlMetricsUnitOfWork
from services.metrics.domain import rules

__all__ = [
    "AlreadyRebuildingError",
    "Difference",
    "LogBrokenError",
    "NeverCaughtUpError",
    "ReadEvents",
    "Report",
    "rebuild",
]

ReadEvents = Callable[[str, int], Sequence[PublishedEvent]]  # source, after which position

ATTEMPTS: Final = 10  # to catch up with consumers that go on meanwhile
LISTED: Final = 1000  # differences a report names
CHUNK: Final = 500
PATIENCE_S: Final = 300.0  # without a page; then another may begin


class AlreadyRebuildingError(Exception):
    """Another process is rebuilding; two would write into the same shadows."""


class LogBrokenError(Exception):
    """The log of a source lacks an event of a stream; nothing was replaced."""


class NeverCaughtUpError(Exception):
    """The live tables were ahead of the logs at every attempt; nothing was replaced."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that was not what its events say; None where there was or should be none."""

    table: str
    key: str
    live: Mapping[str, Any] | None
    rebuilt: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild found.

    `behind` rows differed only because events were still on their way to the
    live tables. `differences` names the first of the `differing` rows.
    `unproven_lights` are items that are red without a case that shows it.
    """

    events: int
    rows: Mapping[str, int]
    differing: int
    differences: tuple[Difference, ...]
    behind: int
    unproven_lights: tuple[str, ...]


def rebuild(
    engine: Engine, kit: Kit, clock: Clock, sources: Sequence[str], read_events: ReadEvents
) -> Report:
    """Count everything again, replace what differs, and tell what it was.

    `read_events(source, after_position)` returns the next page of a log, empty
    at its end. It is never asked while a transaction is open.
    """
    lease = Lease(engine, "rebuild", str(uuid.uuid4()), PATIENCE_S)
    if lease.acquire() is None:
        raise AlreadyRebuildingError
    shadow = _Shadow(engine, lease)
    try:
        shadow.create()
        for _ in range(ATTEMPTS):
            for source in sources:
                shadow.read(source, read_events)
            with engine.begin() as connection:
                _hold_consumers(connection)
                if not shadow.is_behind(connection):
                    return _replace(connection, kit, clock, shadow)
        raise NeverCaughtUpError(f"behind after {ATTEMPTS} attempts")
    finally:
        if lease.renew():
            shadow.drop()
            lease.release()


class _Shadow:
    """Tables beside the live ones, and how far into the logs they go."""

    def __init__(self, engine: Engine, lease: Lease) -> None:
        self._engine = engine
        self._lease = lease
        self._metadata = MetaData()
        self.projection = Projection(
            case_facts=self._like(LIVE.case_facts),
            item_version=self._like(LIVE.item_version),
            unit=self._like(LIVE.unit),
            violation_seen=self._like(LIVE.violation_seen),
            alarm_seen=self._like(LIVE.alarm_seen),
            calendar_year=self._like(LIVE.calendar_year),
        )
        self.position = Table(
            "stream_position_shadow",
            self._metadata,
            Column("source", Text, primary_key=True),
            Column("stream_id", Text, primary_key=True),
            Column("seq", BigInteger, nullable=False),
        )
        self.events = 0
        self._read_to: dict[str, int] = {}

    def _like(self, table: Table) -> Table:
        columns = [
            Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable)
            for c in table.columns
        ]
        return Table(f"{table.name}_shadow", self._metadata, *columns)

    def create(self) -> None:
        """Begin anew, whatever a rebuild that was killed has left."""
        self.drop()
        self._metadata.create_all(self._engine)

    def drop(self) -> None:
        self._metadata.drop_all(self._engine)

    def read(self, source: str, read_events: ReadEvents) -> None:
        """Read the log of a source from where the last reading ended to its end."""
        while page := read_events(source, self._read_to.get(source, 0)):
            if not self._lease.renew():
                raise AlreadyRebuildingError
            envelopes = [Envelope.FromString(event.envelope) for event in page]
            with self._engine.begin() as connection:
                self._advance(connection, source, envelopes)
                project(connection, self.projection, envelopes)
            self._read_to[source] = page[-1].position
            self.events += len(page)

    def _advance(self, connection: Connection, source: str, envelopes: Sequence[Envelope]) -> None:
        streams = sorted({envelope.stream_id for envelope in envelopes})
        known = select(self.position.c.stream_id, self.position.c.seq).where(
            self.position.c.source == source, self.position.c.stream_id.in_(streams)
        )
        seqs = {row.stream_id: row.seq for row in connection.execute(known)}
        for envelope in envelopes:
            expected = seqs.get(envelope.stream_id, 0) + 1
            if envelope.seq != expected:
                raise LogBrokenError(
                    f"{source} {envelope.stream_id}: {expected} is missing before {envelope.seq}"
                )
            seqs[envelope.stream_id] = expected
        connection.execute(
            _MOVE,
            [{"source": source, "stream_id": stream, "seq": seqs[stream]} for stream in streams],
        )

    def is_behind(self, connection: Connection) -> bool:
        """Tell whether the live tables know events that were not read yet."""
        live, mine = tables.streams.position, self.position
        query = (
            select(live.c.stream_id)
            .select_from(
                live.outerjoin(
                    mine, (mine.c.source == live.c.source) & (mine.c.stream_id == live.c.stream_id)
                )
            )
            .where(live.c.consumer == "metrics", live.c.seq > func.coalesce(mine.c.seq, 0))
            .limit(1)
        )
        return connection.execute(query).first() is not None

    def ahead(self, connection: Connection) -> list[Row[Any]]:
        """Return the streams of which the live tables have not taken everything in."""
        live, mine = tables.streams.position, self.position
        same = (
            (live.c.consumer == "metrics")
            & (live.c.source == mine.c.source)
            & (live.c.stream_id == mine.c.stream_id)
        )
        query = (
            select(mine.c.source, mine.c.stream_id, mine.c.seq)
            .select_from(mine.outerjoin(live, same))
            .where(mine.c.seq > func.coalesce(live.c.seq, 0))
            .order_by(mine.c.source, mine.c.stream_id)
        )
        return list(connection.execute(query))


_MOVE = text("""
    INSERT INTO stream_position_shadow (source, stream_id, seq)
    VALUES (:source, :stream_id, :seq)
    ON CONFLICT (source, stream_id) DO UPDATE SET seq = excluded.seq""")


def _hold_consumers(connection: Connection) -> None:
    """Let nobody take events in until this transaction ends.

    Every consumer claims its streams first. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE stream_position IN EXCLUSIVE MODE"))


def _replace(connection: Connection, kit: Kit, clock: Clock, shadow: _Shadow) -> Report:
    ahead = shadow.ahead(connection)
    waiting = {row.stream_id for row in ahead}
    differences: list[Difference] = []
    behind = 0
    for live, rebuilt in zip(LIVE.tables, shadow.projection.tables, strict=True):
        for difference in _replace_table(connection, live, rebuilt):
            if _stream_of(difference) in waiting:
                behind += 1
            else:
                differences.append(difference)
    _move_positions(connection, ahead)
    _light(connection, kit, clock)
    return Report(
        events=shadow.events,
        rows={
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in LIVE.tables
        },
        differing=len(differences),
        differences=tuple(differences[:LISTED]),
        behind=behind,
        unproven_lights=_unproven_lights(connection),
    )


def _replace_table(connection: Connection, live: Table, rebuilt: Table) -> list[Difference]:
    """Make `live` equal to `rebuilt`; return the rows that were not."""
    [key] = live.primary_key.columns
    old = _only_in(connection, live, rebuilt, key.name)
    new = _only_in(connection, rebuilt, live, key.name)
    gone = sorted(old.keys() - new.keys())
    for start in range(0, len(gone), CHUNK):
        connection.execute(delete(live).where(key.in_(gone[start : start + CHUNK])))
    upsert(connection, live, new)
    return [
        Difference(live.name, str(name), old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
    ]


def _only_in(
    connection: Connection, these: Table, others: Table, key: str
) -> dict[Any, dict[str, Any]]:
    names = [column.name for column in these.columns]
    query = except_(
        select(*(these.c[name] for name in names)), select(*(others.c[name] for name in names))
    )
    return {getattr(row, key): dict(row._mapping) for row in connection.execute(query)}  # noqa: SLF001 -- SQLAlchemy's documented access


def _stream_of(difference: Difference) -> str:
    """Return the stream whose events make the row; as the sources name their streams."""
    row = difference.rebuilt or difference.live or {}
    match difference.table:
        case "item_version":
            return str(row["item_code"])
        case "violation_seen":
            return str(row["case_number"] or row["unit"])
        case "alarm_seen":
            return str(row["case_number"])
        case "calendar_year":
            return f"calendar-{row['year']}"
        case _:
            return difference.key


def _move_positions(connection: Connection, ahead: Sequence[Row[Any]]) -> None:
    rows = [
        {"consumer": "metrics", "source": row.source, "stream_id": row.stream_id, "seq": row.seq}
        for row in ahead
    ]
    if rows:
        connection.execute(SEED, rows)
        connection.execute(DRAINED, rows)


def _light(connection: Connection, kit: Kit, clock: Clock) -> None:
    """Turn red what the facts demand and is not lit, as it would have been turned live."""
    facts = LIVE.case_facts
    unlit = (
        select(facts)
        .where(
            facts.c.received_at.is_not(None),
            completed_ever(facts.c),
            facts.c.visits > rules.MOST_VISITS,
            ~exists().where(item_light.c.item_code == facts.c.item_code, item_light.c.red),
        )
        .order_by(facts.c.item_code, facts.c.decision_on, facts.c.case_number)
    )
    call = Call(
        caller=Caller(service="metrics", purpose="rebuild"),
        method="rebuild",
        scopes=frozenset({Scope.ANY}),
        at=clock.now(),
    )
    for row in connection.execute(unlit).all():
        with SqlMetricsUnitOfWork(kit, connection, call) as uow:
            handlers.show_light(facts_of(row), uow=uow)
            uow.commit()


def _unproven_lights(connection: Connection) -> tuple[str, ...]:
    facts = LIVE.case_facts
    shown = exists().where(
        facts.c.item_code == item_light.c.item_code,
        completed_ever(facts.c),
        facts.c.visits > rules.MOST_VISITS,
    )
    query = (
        select(item_light.c.item_code)
        .where(item_light.c.red, ~shown)
        .order_by(item_light.c.item_code)
    )
    return tuple(connection.execute(query).scalars())
