"""Events wait in the transaction that caused them; a stream has no gap and no repetition."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import update

from servicekit.outbox import PendingEvent, store
from servicekit.service import OutboxLimit, OutboxOverfullError
from servicekit.tests.toy import MORNING, TRACEPARENT, tables


def put(toy, *streams, fail=False):
    pending = [
        PendingEvent(stream, "W01", "toy.moved.v1", str(index).encode())
        for index, stream in enumerate(streams)
    ]
    with toy.engine.begin() as connection:
        store(
            connection,
            tables.outbox,
            "toy",
            pending,
            occurred_at=MORNING,
            traceparent=TRACEPARENT,
        )
        if fail:
            raise RuntimeError


def seqs(toy):
    by_stream = {}
    for row in toy.rows(tables.outbox.outbox):
        by_stream.setdefault(row.stream_id, []).append(row.seq)
    return by_stream


def test_a_stream_counts_from_one_without_gaps_over_rollbacks(toy):
    put(toy, "A1", "A1")
    with pytest.raises(RuntimeError):
        put(toy, "A1", "A1", fail=True)
    put(toy, "A1")
    assert seqs(toy) == {"A1": [1, 2, 3]}


def test_events_keep_the_order_in_which_they_happened(toy):
    put(toy, "B", "A", "B", "A")
    rows = toy.rows(tables.outbox.outbox)
    assert [(row.stream_id, row.seq) for row in rows] == [("B", 1), ("A", 1), ("B", 2), ("A", 2)]
    assert [Envelope.FromString(row.envelope).payload for row in rows] == [b"0", b"1", b"2", b"3"]


def test_the_envelope_says_what_the_row_says(toy):
    before = datetime.now(UTC)
    put(toy, "A1")
    [row] = toy.rows(tables.outbox.outbox)
    envelope = Envelope.FromString(row.envelope)
    assert (envelope.event_id, envelope.stream_id, envelope.seq, envelope.unit, envelope.type) == (
        row.event_id,
        row.stream_id,
        row.seq,
        row.unit,
        row.type,
    )
    assert (envelope.source, envelope.version, envelope.traceparent) == ("toy", 1, TRACEPARENT)
    assert envelope.occurred_at.ToDatetime(tzinfo=UTC) == MORNING
    assert envelope.recorded_at.ToDatetime(tzinfo=UTC) == row.recorded_at >= before
    assert (row.position, row.published_at) == (None, None)


def test_nothing_to_store_asks_nothing_of_the_database(toy):
    put(toy)
    assert toy.effects()["streams"] == 0


def test_many_writers_of_many_streams_neither_part_nor_block_each_other(toy):
    """Every transaction writes three streams, each in an order of its own."""
    chosen = random.Random(7)
    streams = ["A", "B", "C", "D"]
    orders = [chosen.sample(streams, 3) * 2 for _ in range(60)]
    with ThreadPoolExecutor(10) as pool:
        for done in [pool.submit(put, toy, *order) for order in orders]:
            done.result()
    found = seqs(toy)
    assert {stream: sorted(each) for stream, each in found.items()} == {
        stream: list(range(1, sum(order.count(stream) for order in orders) + 1))
        for stream in streams
    }


def test_ids_ascend_with_the_numbers_of_a_stream_under_concurrency(toy):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: put(toy, "A", "A"), range(40)))
    assert seqs(toy) == {"A": list(range(1, 81))}


def test_at_its_limit_the_outbox_admits_beyond_it_not_and_after_publishing_again(toy):
    limit = OutboxLimit(toy.engine, tables.outbox, 3)

    def admit():
        limit._looked_at = float("-inf")  # as after a second
        limit.admit()

    put(toy, "A", "B", "C")
    admit()
    put(toy, "D")
    limit.admit()  # it looked a moment ago, and looks once a second
    with pytest.raises(OutboxOverfullError) as refused:
        admit()
    assert refused.value.facts == {"limit": "3"}
    with pytest.raises(OutboxOverfullError):
        limit.admit()
    with toy.engine.begin() as connection:
        outbox = tables.outbox.outbox
        connection.execute(update(outbox).where(outbox.c.stream_id == "A").values(position=1))
    admit()
    limit.admit()
