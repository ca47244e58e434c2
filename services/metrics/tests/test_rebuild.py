"""Counting everything again from the logs gives the same rows, or says what was wrong."""

from __future__ import annotations

import pytest
from liandong.common.v1.common_pb2 import PublishedEvent
from sqlalchemy import inspect, select, text

from servicekit.leases import Lease
from services.metrics.adapters import orm
from services.metrics.adapters.projection import LIVE
from services.metrics.adapters.rebuild import (
    AlreadyRebuildingError,
    LogBrokenError,
    NeverCaughtUpError,
    rebuild,
)

SOURCES = ("catalog", "intake", "review", "delivery")


class Logs:
    """The logs of the other services, in pages of three."""

    def __init__(self, voices):
        self._voices = voices
        self.hidden = 0  # events told but not yet in the logs

    def __call__(self, source, after):
        told = self._voices.told[: len(self._voices.told) - self.hidden]
        bodies = [body for name, body in told if name == source]
        return [
            PublishedEvent(position=place, envelope=body)
            for place, body in enumerate(bodies, start=1)
            if place > after
        ][:3]


@pytest.fixture
def logs(voices):
    return Logs(voices)


@pytest.fixture
def again(district, logs):
    resources = district.resources
    return lambda: rebuild(resources.engine, resources.kit, district.clock, SOURCES, logs)


@pytest.fixture
def do(district):
    def execute(statement):
        with district.resources.engine.begin() as connection:
            return (
                connection.execute(text(statement)).all()
                if "SELECT" in statement
                else (connection.execute(text(statement)) and None)
            )

    return execute


def everything(district):
    with district.resources.engine.begin() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=str)
            for table in (*LIVE.tables, orm.item_light, orm.tables.streams.position)
        }


def busy_day(voices):
    voices.district()
    voices.journey("A1")
    voices.violated("A1")
    voices.violated("")
    voices.received("A2", channel="ONLINE")
    voices.accepted("A2")
    voices.alarms("A2")
    voices.say("review.ExplanationRequested", "A2", authority="D06")
    voices.say("review.ExplanationRequested", "A2", authority="D01")
    voices.say("intake.DocumentVoided", "A2", department="D01")
    voices.calendar(2027, "kept as it came")


def test_a_rebuild_finds_the_same_rows_and_changes_nothing(district, voices, hear, again):
    busy_day(voices)
    hear()
    before = everything(district)

    report = again()

    assert (report.differing, report.behind, report.unproven_lights) == (0, 0, ())
    assert report.events == len(voices.told)
    assert report.rows == {
        "case_facts": 2,
        "item_version": 1,
        "unit": 3,
        "violation_seen": 2,
        "alarm_seen": 5,
        "calendar_year": 1,
    }
    assert everything(district) == before


def test_a_rebuild_mends_what_was_wrong_and_names_it(district, voices, hear, again, do):
    busy_day(voices)
    hear()
    before = everything(district)
    do("UPDATE case_facts SET visits = 7 WHERE case_number = 'A1'")
    do("DELETE FROM violation_seen WHERE case_number = 'A1'")
    do("DELETE FROM alarm_seen WHERE kind = 'BUNDLE_OVERDUE'")
    do("DELETE FROM calendar_year")
    do("INSERT INTO unit (unit, name, level, kind, unit_path) VALUES ('X', 'X', 0, '', '/')")

    report = again()

    found = {(each.table, each.key): each for each in report.differences}
    assert report.differing == len(found) == 5
    changed = found["case_facts", "A1"]
    assert (changed.live["visits"], changed.rebuilt["visits"]) == (7, 2)
    assert found["unit", "X"].rebuilt is None
    [violation] = [each for each in report.differences if each.table == "violation_seen"]
    assert violation.live is None
    assert everything(district) == before


def test_a_new_database_is_built_from_the_logs_and_goes_on_from_there(voices, hear, again):
    busy_day(voices)
    report = again()
    assert (report.differing, report.behind) == (0, 14)

    voices.decided("A2")
    outcomes = hear()

    assert outcomes[:-1] == ["dropped"] * (len(outcomes) - 1)
    assert outcomes[-1] == "applied"


def test_a_rebuild_turns_the_lights_that_events_would_have_turned(district, voices, again, do):
    busy_day(voices)

    again()

    assert do("SELECT item_code, case_number FROM item_light WHERE red") == [
        ("370306-01-001", "A1")
    ]
    assert len(do("SELECT id FROM outbox WHERE type = 'metrics.item_light_changed.v1'")) == 1


def test_a_light_that_no_case_shows_is_reported_and_left(district, voices, hear, again, do):
    voices.district()
    hear()
    do(
        "INSERT INTO item_light VALUES "
        "('370306-01-001', true, 'A9', 2, 1, '2026-09-21 01:00:00.000000')"
    )

    report = again()

    assert report.unproven_lights == ("370306-01-001",)
    assert len(do("SELECT item_code FROM item_light WHERE red")) == 1


def test_a_stopped_stream_is_started_by_a_rebuild(voices, hear, again, do):
    busy_day(voices)
    hear()
    mine = "source = 'intake' AND stream_id = 'A2'"
    do(f"UPDATE stream_position SET stopped = true, seq = 1 WHERE {mine}")

    again()

    assert do(f"SELECT stopped, seq FROM stream_position WHERE {mine}") == [(0, 7)]


def test_nothing_is_replaced_while_the_log_lacks_what_was_counted(
    district, voices, hear, again, logs
):
    busy_day(voices)
    hear()
    before = everything(district)
    logs.hidden = 1

    with pytest.raises(NeverCaughtUpError):
        again()

    assert everything(district) == before


def test_a_log_with_a_gap_is_refused(district, voices, hear, again):
    busy_day(voices)
    del voices.told[5]

    with pytest.raises(LogBrokenError, match="is missing before"):
        again()


def test_the_shadows_are_gone_afterwards_and_left_overs_do_no_harm(district, voices, again, do):
    do("CREATE TABLE case_facts_shadow (case_number TEXT)")
    busy_day(voices)

    again()

    names = inspect(district.resources.engine).get_table_names()
    assert not [name for name in names if name.endswith("_shadow")]


def test_two_rebuilds_never_run_at_once(district, voices, again):
    busy_day(voices)
    Lease(district.resources.engine, "rebuild", "another-process", 60.0).acquire()

    with pytest.raises(AlreadyRebuildingError):
        again()


def test_a_rebuild_that_failed_lets_the_next_one_begin_at_once(voices, hear, again, logs):
    busy_day(voices)
    hear()
    logs.hidden = 1
    with pytest.raises(NeverCaughtUpError):
        again()
    logs.hidden = 0

    assert again().differing == 0
