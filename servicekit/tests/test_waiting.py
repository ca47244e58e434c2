"""The eldest event that waits is found in the log of its source, from how many wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from prometheus_client import REGISTRY
from sqlalchemy import insert

from servicekit.clock import SystemClock
from servicekit.database import make_engine, new_metadata
from servicekit.outbox import outbox_tables
from servicekit.waiting import Hand, eldest_waiting

METADATA = new_metadata()
TABLES = outbox_tables(METADATA)
MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def minute(number):
    return MORNING + timedelta(minutes=number)


@pytest.fixture
def log(tmp_path):
    """Ten events, one a minute, of which the relay has marked eight."""
    engine = make_engine(f"sqlite:///{tmp_path}/log.db")
    METADATA.create_all(engine)
    rows = [
        {"recorded_at": minute(number), "event_id": str(number), "stream_id": "A", "seq": number,
         "unit": "W01", "type": "intake.case_noted.v1", "envelope": b"",
         "position": number if number <= 8 else None}
        for number in range(1, 11)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(TABLES.outbox), rows)
        connection.execute(insert(TABLES.head), {"only": 1, "position": 8})
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("waiting", "eldest"),
    [(1, 10), (2, 9), (3, 8), (10, 1), (11, 1)],
    ids=["in flight", "all in flight", "and one marked", "the whole log", "some of them twice"],
)
def test_as_many_from_the_end_of_the_log_as_wait_in_the_queue(log, waiting, eldest):
    assert eldest_waiting(log, TABLES, {"review.intake": waiting}) == {
        "review.intake": minute(eldest)
    }


def test_an_empty_queue_has_no_eldest_event_however_long_ago_the_last_one_was(log):
    assert eldest_waiting(log, TABLES, {"review.intake": 0}) == {}
    both = eldest_waiting(log, TABLES, {"review.intake": 0, "metrics.intake": 3})
    assert both == {"metrics.intake": minute(8)}


def test_a_log_without_events_knows_nothing_of_what_waits(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/empty.db")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        assert eldest_waiting(connection, TABLES, {"review.intake": 2}) == {}
    engine.dispose()


def in_hand():
    labels = {"consumer": "hand-test", "source": "intake"}
    return REGISTRY.get_sample_value("liandong_event_in_hand_oldest_seconds", labels)


def body(age):
    event = Envelope(source="intake")
    event.recorded_at.FromDatetime(SystemClock().now() - timedelta(seconds=age))
    return event.SerializeToString()


def test_what_a_worker_has_in_hand_ages_until_it_is_settled():
    hand = Hand("hand-test", "intake")
    assert in_hand() == 0
    hand.take(1, body(300))
    hand.take(2, body(900))
    hand.take(3, b"\xff")
    assert 900 <= in_hand() < 1200
    hand.leave(2)
    assert 300 <= in_hand() < 600
    hand.drop_all()
    assert in_hand() == 0
