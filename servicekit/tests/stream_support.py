"""A consumer that writes down what it applied, and events to feed it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import BigInteger, Column, Connection, Engine, Identity, Table, Text, insert, select

from servicekit.database import BigId, new_metadata
from servicekit.leases import lease_table
from servicekit.outbox import outbox_tables
from servicekit.stream import Handler, Streams, stream_tables

metadata = new_metadata()
stream_tables(metadata)
outbox = outbox_tables(metadata)
lease_table(metadata)
# No unique constraint on the place in the stream: a second effect would show.
fact = Table(
    "fact",
    metadata,
    Column("id", BigId, Identity(always=True), primary_key=True),
    Column("source", Text),
    Column("stream_id", Text),
    Column("seq", BigInteger),
)
# Tables that handlers use to make a database error of the kind they are named after.
unique_thing = Table("unique_thing", metadata, Column("name", Text, primary_key=True))

NOTED = "intake.case_noted.v1"


def body(
    stream_id: str,
    seq: int,
    *,
    source: str = "intake",
    type: str = NOTED,  # noqa: A002 -- the name of the field
    traceparent: str = "",
    payload: bytes = b"",
) -> bytes:
    envelope = Envelope(
        source=source,
        event_id=f"{source}-{stream_id}-{seq}",
        stream_id=stream_id,
        seq=seq,
        type=type,
        version=1,
        traceparent=traceparent,
        payload=payload,
    )
    return envelope.SerializeToString()


def note(connection: Connection, event: Envelope) -> None:
    connection.execute(
        insert(fact), {"source": event.source, "stream_id": event.stream_id, "seq": event.seq}
    )


class Defect:
    """Makes `note` fail at certain events until it is mended."""

    def __init__(self, *places: tuple[str, int]) -> None:
        self.places = set(places)
        self.error: Exception = ValueError("cannot do that")

    def __call__(self, connection: Connection, event: Envelope) -> None:
        note(connection, event)
        if (event.stream_id, event.seq) in self.places:
            raise self.error

    def mend(self) -> None:
        self.places.clear()


def streams_on(engine: Engine, handler: Handler = note, **options: int) -> Streams:
    return Streams(engine, "metrics", {NOTED: handler}, **options)


def facts(engine: Engine) -> dict[str, list[int]]:
    """What was applied, by stream, in the order it was applied."""
    found: dict[str, list[int]] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(fact).order_by(fact.c.id)):
            found.setdefault(row.stream_id, []).append(row.seq)
    return found


def expected(streams: Iterable[str], up_to: int) -> dict[str, list[int]]:
    return {stream: list(range(1, up_to + 1)) for stream in streams}


def positions(engine: Engine) -> Mapping[str, tuple[int, int, bool]]:
    table = metadata.tables["stream_position"]
    with engine.connect() as connection:
        return {
            row.stream_id: (row.seq, row.highest, bool(row.stopped))
            for row in connection.execute(select(table))
        }


def held(engine: Engine) -> list[tuple[str, int, str | None]]:
    table = metadata.tables["held_event"]
    with engine.connect() as connection:
        rows = connection.execute(
            select(table.c.stream_id, table.c.seq, table.c.failure).order_by(
                table.c.stream_id, table.c.seq
            )
        )
        return [(row.stream_id, row.seq, row.failure) for row in rows]
