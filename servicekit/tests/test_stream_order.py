"""Whatever the order of arrival: everything once, in the order of its stream."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from servicekit.database import make_engine
from servicekit.tests.stream_support import (
    Defect,
    body,
    expected,
    facts,
    held,
    metadata,
    streams_on,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path}/kit.db")
    metadata.create_all(engine)
    return engine


@pytest.mark.parametrize("seed", range(8))
def test_any_shuffling_with_duplicates_gives_each_event_once_and_in_order(
    engine: Engine, seed: int
) -> None:
    """Property, by seeds: after a replay nothing is missing, doubled or out of order."""
    rng = random.Random(seed)
    names = [f"case-{n:02}" for n in range(12)]
    deliveries = [(name, seq) for name in names for seq in range(1, 9)]
    deliveries += rng.sample(deliveries, 20)
    rng.shuffle(deliveries)
    bad = {(name, rng.randint(1, 8)) for name in rng.sample(names, 3)}
    defect = Defect(*bad)
    streams = streams_on(engine, defect, drain_limit=rng.choice((1, 3, 200)))

    for name, seq in deliveries:
        streams.take(body(name, seq))
    while streams.drain_more():
        continue

    stops = dict(bad)
    assert facts(engine) == {
        name: list(range(1, stops.get(name, 9))) for name in names if stops.get(name, 9) > 1
    }
    assert {(name, seq) for name, seq, failure in held(engine) if failure} == bad

    defect.mend()
    for name in stops:
        streams.replay("intake", name)
    while streams.drain_more():
        continue

    assert facts(engine) == expected(names, 8)
    assert held(engine) == []


def test_threads_that_share_a_sqlite_file_lose_and_double_nothing(engine: Engine) -> None:
    rng = random.Random(7)
    names = [f"case-{n}" for n in range(10)]
    deliveries = [(name, seq) for name in names for seq in range(1, 11)]
    deliveries += rng.sample(deliveries, 20)
    rng.shuffle(deliveries)
    streams = streams_on(engine)
    errors: list[Exception] = []

    def take(part: list[tuple[str, int]]) -> None:
        try:
            for name, seq in part:
                streams.take(body(name, seq))
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=take, args=(deliveries[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert facts(engine) == expected(names, 10)
    assert held(engine) == []
