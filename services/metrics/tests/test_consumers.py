"""Events in: one by one or many together, in any order between services, with one result."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import select

from servicekit.stream import Outcome, Streams
from servicekit.testing import harness
from services.metrics.adapters import orm
from services.metrics.adapters.event_messages import COUNTED
from services.metrics.adapters.projection import LIVE
from services.metrics.bootstrap import DEFINITION, batch_handler, event_handlers
from services.metrics.domain import incoming
from services.metrics.entrypoints.api import register
from services.metrics.tests.fakes import Voices


def rows(district):
    """Everything that was made of events, but for who turned a light first."""
    with district.resources.read_engine.connect() as connection:
        found = {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in LIVE.tables
        }
        lights = connection.execute(select(orm.item_light.c.item_code, orm.item_light.c.red)).all()
        outbox = orm.tables.outbox.outbox
        told = connection.execute(select(outbox.c.stream_id, outbox.c.type)).all()
    return found | {"lights": lights, "told": told}


def two_journeys(voices):
    voices.district()
    voices.journey("A1")
    voices.journey("A2", unit="W02")
    voices.violated("A1")


def fresh(folder, name):
    return harness(DEFINITION, register, Path(folder) / name)


def one_by_one(district, bodies):
    streams = Streams(district.resources.engine, "metrics", event_handlers(district.resources))
    return [streams.take(body) for body in bodies]


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_order_of_delivery_gives_the_same_rows(data):
    voices = Voices()
    two_journeys(voices)
    bodies = [body for _, body in voices.told]
    order = data.draw(st.permutations(bodies))
    with tempfile.TemporaryDirectory() as folder:
        straight, shuffled = fresh(folder, "straight"), fresh(folder, "shuffled")
        one_by_one(straight, bodies)
        outcomes = one_by_one(shuffled, order)
        assert Outcome.FAILED not in outcomes
        assert rows(shuffled) == rows(straight)
        assert len(rows(shuffled)["told"]) == 1
        for district in (straight, shuffled):
            district.resources.close()


def test_a_batch_gives_the_same_rows_as_one_by_one(voices, tmp_path):
    two_journeys(voices)
    together, single = fresh(tmp_path, "together"), fresh(tmp_path, "single")
    bodies = [body for _, body in voices.told]
    one_by_one(single, bodies)
    with together.resources.engine.begin() as connection:
        batch_handler(together.resources)(connection, [Envelope.FromString(b) for b in bodies])

    assert rows(together) == rows(single)
    for district in (together, single):
        district.resources.close()


def test_an_event_told_twice_is_counted_once(district, voices, streams):
    two_journeys(voices)
    first = [streams.take(body) for _, body in voices.told]
    before = rows(district)

    again = [streams.take(body) for _, body in voices.told]

    assert set(first) == {Outcome.APPLIED}
    assert set(again) == {Outcome.DROPPED}
    assert rows(district) == before


def test_what_is_not_counted_advances_its_stream(district, voices, streams):
    ignored = voices.tell("intake.document_issued.v1", intake.DocumentIssued(), "A1")
    voices.received("A1")

    assert streams.take(ignored) is Outcome.APPLIED
    assert streams.take(voices.told[-1][1]) is Outcome.APPLIED


def test_the_light_carries_the_time_and_the_trace_of_the_fact(district, voices, streams):
    two_journeys(voices)
    for _, body in voices.told:
        envelope = Envelope.FromString(body)
        envelope.traceparent = f"00-{'1' * 32}-{'2' * 16}-01"
        streams.take(envelope.SerializeToString())

    with district.resources.read_engine.connect() as connection:
        [kept] = connection.execute(select(orm.tables.outbox.outbox.c.envelope)).all()
        turned_at = connection.execute(select(orm.item_light.c.turned_at)).scalar_one()
    light = Envelope.FromString(kept.envelope)

    second_visit = Envelope.FromString(voices.told[12][1])
    assert light.occurred_at == second_visit.occurred_at
    assert turned_at.timestamp() == light.occurred_at.seconds
    assert light.traceparent == f"00-{'1' * 32}-{'2' * 16}-01"


def test_every_event_that_the_domain_counts_has_a_message():
    kinds = {kind for _, kind in COUNTED.values()}
    told = {
        getattr(incoming, name)
        for name in incoming.__all__
        if name not in {"Incoming", "CaseFact", "CaseAlarm", "DueDay"}
    }

    assert kinds == told
