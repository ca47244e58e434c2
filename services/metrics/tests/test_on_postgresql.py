"""What SQLite cannot show: batches, locks between processes, and the other dialect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from liandong.common.v1.common_pb2 import PublishedEvent
from sqlalchemy import select

from servicekit.batch_streams import BatchStreams
from servicekit.calls import Call, Scope
from servicekit.identity import Caller
from servicekit.migrations import differences
from servicekit.stream import Outcome, Streams
from servicekit.testing import MONDAY, harness
from services.metrics.adapters import orm, queries, ratios
from services.metrics.adapters.projection import LIVE
from services.metrics.adapters.rebuild import rebuild
from services.metrics.bootstrap import DEFINITION, batch_handler, event_handlers
from services.metrics.entrypoints.api import register
from services.metrics.tests.fakes import Voices
from workdays import WorkCalendar, export_year

SOURCES = ("catalog", "intake", "review", "delivery")
EVERYTHING = Call(Caller(service="metrics", purpose="test"), "test", frozenset({Scope.ANY}), MONDAY)


@pytest.fixture
def make(tmp_path, fresh_database):
    made = []

    def district():
        url = fresh_database().url()
        made.append(harness(DEFINITION, register, tmp_path / str(len(made)), database_url=url))
        return made[-1]

    yield district
    for each in made:
        each.resources.close()


def batches(district):
    resources = district.resources
    streams = Streams(resources.engine, "metrics", event_handlers(resources))
    return BatchStreams(streams, batch_handler(resources))


def rows(district):
    tables = (*LIVE.tables, orm.tables.streams.position)
    with district.resources.read_engine.connect() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=str) for table in tables
        }


def lights_told(district):
    outbox = orm.tables.outbox.outbox
    kind = outbox.c.type == "metrics.item_light_changed.v1"
    with district.resources.read_engine.connect() as connection:
        return len(connection.execute(select(outbox.c.id).where(kind)).all())


def busy_day(voices, cases=12):
    voices.district()
    for number in range(cases):
        voices.journey(f"A{number}", unit="W01" if number % 2 else "W02")
        voices.violated(f"A{number}")
        voices.alarms(f"A{number}")
        voices.decided(f"A{number}", authority="D06", undecided=1)
    voices.calendar(2026, export_year(WorkCalendar.official().notice(2026)))


def test_batches_give_the_same_rows_as_events_one_by_one(make, voices):
    busy_day(voices)
    single, together = make(), make()
    bodies = [body for _, body in voices.told]
    streams = Streams(single.resources.engine, "metrics", event_handlers(single.resources))
    for body in bodies:
        streams.take(body)

    result = batches(together).take_batch(bodies)

    assert result.outcomes == {Outcome.APPLIED: len(bodies)}
    assert rows(together) == rows(single)
    assert lights_told(together) == lights_told(single) == 1


def test_processes_that_hear_different_services_lose_nothing(make, voices):
    busy_day(voices, cases=30)
    straight, crowded = make(), make()
    batches(straight).take_batch([body for _, body in voices.told])
    by_source = [[body for name, body in voices.told if name == source] for source in SOURCES]

    def take(bodies):
        for start in range(0, len(bodies), 20):
            batches(crowded).take_batch(bodies[start : start + 20])

    with ThreadPoolExecutor(len(SOURCES)) as pool:
        list(pool.map(take, by_source))

    assert rows(crowded) == rows(straight)
    assert lights_told(crowded) == 1


def test_reads_and_rebuild_work_on_postgresql(make, voices):
    busy_day(voices)
    voices.received("B1", channel="ONLINE")
    district = make()
    batches(district).take_batch([body for _, body in voices.told])
    resources, today = district.resources, district.clock.today()
    before = rows(district)

    def read(source, after):
        mine = [body for name, body in voices.told if name == source]
        return [
            PublishedEvent(position=place, envelope=body)
            for place, body in enumerate(mine, start=1)
            if place > after
        ][:50]

    report = rebuild(resources.engine, resources.kit, district.clock, SOURCES, read)
    with resources.read_engine.connect() as connection:
        found = ratios.fractions(EVERYTHING, connection, today)
        lights = queries.list_item_lights(EVERYTHING, connection, today, 0, "").items
        alarms = queries.list_alarms(EVERYTHING, connection, 50, "").items
        first = queries.list_violations(EVERYTHING, connection, 5, "")
        rest = queries.list_violations(EVERYTHING, connection, 50, first.next_page_token)
        behind = ratios.list_ratio_cases(
            EVERYTHING, connection, "on_time_completion", today, page_size=5, page_token=""
        )

    assert (report.differing, report.behind, report.unproven_lights) == (0, 0, ())
    assert rows(district) == before
    assert found["at_most_one_visit_cases"][1].denominator == 12
    assert [(light.red, light.most_visits) for light in lights] == [(True, 2)]
    assert len(first.items) + len(rest.items) == 12
    assert len(behind.items) == 5
    assert len(alarms) == 50
    assert differences(resources.engine, DEFINITION.metadata) == []


def test_a_rebuild_waits_for_who_takes_events_in(make):
    voices = Voices()
    busy_day(voices, cases=20)
    district = make()
    resources = district.resources
    bodies = [body for _, body in voices.told]

    def read(source, after):
        mine = [body for name, body in voices.told if name == source]
        return [
            PublishedEvent(position=place, envelope=body)
            for place, body in enumerate(mine, start=1)
            if place > after
        ][:50]

    def consume():
        for start in range(0, len(bodies), 10):
            batches(district).take_batch(bodies[start : start + 10])

    with ThreadPoolExecutor(2) as pool:
        consuming = pool.submit(consume)
        reports = [
            rebuild(resources.engine, resources.kit, district.clock, SOURCES, read)
            for _ in range(3)
        ]
        consuming.result()

    assert [report.differing for report in reports] == [0, 0, 0]
    straight = make()
    batches(straight).take_batch(bodies)
    assert rows(district) == rows(straight)
    assert lights_told(district) == 1
