"""With everything running: what is sustained without a backlog, and how late effects arrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from bench.district import Bench
from bench.figures import Percentiles, slope_per_minute
from bench.load import Loaded, drive
from bench.rows.receiving import CONCURRENCY, cpu_rows, receive_load
from bench.summary import Row, row

__all__ = ["keeping_up", "lag", "sustained_rate"]

_ROLES: Final = ("api", "relay", "worker", "jobs", "pg", "broker", "sink", "driver")
_FLAT_S: Final = 60.0
_FIRST: Final = 400.0  # a second; more than two cores can take
_STEP: Final = 0.7
_LEAST: Final = 2.0
_FLAT_SHARE: Final = 0.05  # of what arrives in a minute may be left at its end
_LAG_RATE: Final = 50.0
_ANY: Final = 1.0  # refused calls are not accepted ones: the rate that counts is lower for them
_MARK: Final = """
    CREATE TABLE IF NOT EXISTS bench_seen (case_number text PRIMARY KEY);
    CREATE OR REPLACE FUNCTION bench_see() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO bench_seen VALUES (NEW.case_number); RETURN NULL; END';
    CREATE OR REPLACE TRIGGER bench_see AFTER INSERT ON case_facts
        FOR EACH ROW EXECUTE FUNCTION bench_see()"""
_UNMARK: Final = "DROP TRIGGER bench_see ON case_facts; DROP TABLE bench_seen"
_SEEN: Final = """
    SELECT case_number, extract(epoch FROM pg_xact_commit_timestamp(xmin))
    FROM bench_seen WHERE case_number = ANY(%s)"""
_COMMITTED: Final = """
    SELECT subject, extract(epoch FROM pg_xact_commit_timestamp(xmin))
    FROM audit WHERE action LIKE '%%/ReceiveApplication' AND subject = ANY(%s)"""


def keeping_up(bench: Bench) -> Iterator[Row]:
    """Receive while every consumer keeps up: the highest rate at which no backlog grows.

    The rate is lowered until the events that wait do not grow over the time
    of the measurement, which is 60 s unless less was asked for.
    """
    bench.run_all()
    bench.settle()
    bench.sustained, found = _highest_flat(bench, min(_FLAT_S, 2.0 * bench.seconds))
    name = "receive, consumers keep up"
    yield row(f"{name}: rate", found.rate)
    yield from cpu_rows(name, found, _ROLES)


def sustained_rate(bench: Bench) -> float:
    """Return the highest rate at which no backlog grows; all processes run."""
    if not bench.sustained:
        bench.sustained, _ = _highest_flat(bench, min(_FLAT_S, 2.0 * bench.seconds))
    return bench.sustained


def _highest_flat(bench: Bench, seconds: float) -> tuple[float, Loaded]:
    rate = min(_FIRST, _quick_rate(bench))
    while True:
        found, grows = _at(bench, rate, seconds)
        if grows <= _FLAT_SHARE * found.rate * 60 and found.rate > rate * (1 - _FLAT_SHARE):
            return found.rate, found
        bench.settle(jobs=False)
        rate *= _STEP
        if rate < _LEAST:
            raise TimeoutError(f"the backlog grows even at {rate / _STEP:.1f} commands a second")


def _quick_rate(bench: Bench) -> float:
    """Return what is accepted at full concurrency for a moment: no more can be sustained."""
    found = drive(receive_load(bench, threads=CONCURRENCY, seconds=5), bench.roots)
    found.require_clean(refused=_ANY)
    bench.settle(jobs=False)
    return found.rate


def _at(bench: Bench, rate: float, seconds: float) -> tuple[Loaded, float]:
    """Offer a rate; return what came of it and by how many events a minute the backlog grew."""
    points: list[tuple[float, float]] = []
    load = receive_load(bench, threads=CONCURRENCY, seconds=seconds, rate=rate)

    def look(begin: float) -> None:
        end = begin + load.spec.warm_up + seconds
        while (now := time.monotonic()) < end:
            waiting = bench.backlog()
            if now > begin + load.spec.warm_up:
                events = (n for name, n in waiting.items() if name.startswith("events"))
                points.append((now, float(sum(events))))
            time.sleep(1.0)  # between two looks

    found = drive(load, bench.roots, meanwhile=look)
    found.require_clean(refused=_ANY)
    return found, slope_per_minute(points)


def lag(bench: Bench) -> Iterator[Row]:
    """Return how long after the commit of a receipt metrics has committed its effect.

    Both instants are PostgreSQL's own commit timestamps; a row of its own that
    nobody writes again keeps that of metrics.
    """
    bench.run_all()
    bench.settle()
    metrics = bench.connection("metrics")
    metrics.execute(_MARK.encode())
    try:
        load = receive_load(bench, threads=CONCURRENCY, seconds=bench.seconds, rate=_LAG_RATE)
        found = drive(load, bench.roots)
        found.require_clean(refused=_ANY)
        bench.settle(jobs=False)
        committed = dict(bench.rows("intake", _COMMITTED, found.kept))
        seen = dict(bench.rows("metrics", _SEEN, found.kept))
    finally:
        metrics.execute(_UNMARK.encode())
    late = Percentiles([1000 * float(seen[case] - at) for case, at in committed.items()])
    name = "event lag at 50 commands/s"
    yield row(f"{name}: p50", late.p50)
    yield row(f"{name}: p95", late.p95)
    yield row(f"{name}: commands", found.rate)
