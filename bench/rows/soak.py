"""At 70 % of what is sustained for half an hour: nothing may grow that should not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bench.cpu import descendants_of, resident_bytes
from bench.district import Bench
from bench.figures import slope_per_minute
from bench.load import drive
from bench.rows.receiving import CONCURRENCY, receive_load
from bench.rows.sustained import sustained_rate
from bench.summary import Row, row
from servicekit.clock import SteeredClock, steer
from servicekit.idempotency import KEPT_FOR
from services import graph

__all__ = ["soak"]

_SHARE: Final = 0.7
_LOOKS: Final = 60
_SETTLED: Final = 0.25  # of the time: until then pools and caches fill
_SIZES: Final = """
    SELECT sum(pg_database_size(datname)) FROM pg_database WHERE datname LIKE 'liandong%'"""
_CONNECTIONS: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'liandong%'"
_PLANTED: Final = """
    INSERT INTO idempotency (caller, method, request_id, digest, answered_at, answer)
    SELECT 'bench-soak', 'none', g::text, '', %s, '' FROM generate_series(1, 5000) AS g"""
_PLANTED_LEFT: Final = "SELECT count(*) FROM idempotency WHERE caller = 'bench-soak'"
_DEAD: Final = """
    SELECT coalesce(sum(n_dead_tup), 0)::float8 / greatest(sum(n_live_tup + n_dead_tup), 1)
    FROM pg_stat_user_tables"""


def soak(bench: Bench, minutes: float) -> Iterator[Row]:
    """Receive at 70 % of the sustained rate; look at memory, connections and dead rows."""
    bench.run_all()
    rate = _SHARE * sustained_rate(bench)
    bench.settle()
    seconds = 60 * minutes
    series = _Series(bench)
    size = int(bench.scalar("intake", _SIZES))
    load = receive_load(bench, threads=CONCURRENCY, seconds=seconds, rate=rate)
    end = load.spec.warm_up + seconds
    found = drive(
        load, bench.roots, meanwhile=lambda begin: series.look_until(begin + end, seconds)
    )
    found.require_clean()
    bench.settle()
    grown = int(bench.scalar("intake", _SIZES)) - size
    yield row("soak: rate", found.rate, beside=rate)
    yield row("soak: minutes", minutes)
    yield row("soak: p99", found.percentiles.p99)
    for name, points in series.memory.items():
        yield row(f"soak: memory grows[{name}]", _growth(points, seconds))
    yield row("soak: connections grow", _growth(series.connections, seconds))
    for name, points in series.dead.items():
        yield row(f"soak: dead rows at the end[{name}]", 100 * points[-1][1])
    yield row("soak: backlog at the end", series.backlog[-1][1])
    yield row("soak: bytes per command", grown / max(len(found.accepted), 1))
    yield row("soak: sweeps that failed", float(series.failed_sweeps()))
    yield row("soak: expired answers left", float(bench.scalar("intake", _PLANTED_LEFT)))


@dataclass
class _Series:
    """What was seen, as (seconds, value)."""

    bench: Bench
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    connections: list[tuple[float, float]] = field(default_factory=list)
    dead: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    backlog: list[tuple[float, float]] = field(default_factory=list)

    def look_until(self, end: float, seconds: float) -> None:
        pause = max(1.0, seconds / _LOOKS)
        half = end - seconds / 2
        while (now := time.monotonic()) < end - 1:
            if now >= half:
                half = end
                self._let_an_hour_pass()
            self._look(now)
            time.sleep(min(pause, max(0.0, end - time.monotonic())))  # between two looks

    def failed_sweeps(self) -> int:
        """Return how often the jobs of a service logged that a sweep failed."""
        logs = self.bench.district.folder / "logs"
        return sum(
            (logs / f"{name}-jobs.log").read_text(encoding="utf-8").count('"jobs_loop_failed"')
            for name in graph.SERVICES
        )

    def _let_an_hour_pass(self) -> None:
        """Store answers that nobody needs any more; move legal time on, so that sweeps are due."""
        control = self.bench.district.clock_control
        now = SteeredClock(control).now()
        self.bench.connection("intake").execute(_PLANTED.encode(), (now - 2 * KEPT_FOR,))
        steer(control, now + timedelta(minutes=61))

    def _look(self, now: float) -> None:
        for (service, role), process in self.bench.district.processes.items():
            if process.pid is not None:
                size = resident_bytes(descendants_of(process.pid))
                self.memory.setdefault(f"{service}-{role}", []).append((now, float(size)))
        self.connections.append((now, float(self.bench.scalar("intake", _CONNECTIONS))))
        for name in graph.SERVICES:
            self.dead.setdefault(name, []).append((now, float(self.bench.scalar(name, _DEAD))))
        self.backlog.append((now, float(sum(self.bench.backlog().values()))))


def _growth(points: list[tuple[float, float]], seconds: float) -> float:
    """Return by how many per cent of itself a value grew in the settled part, by its slope."""
    settled = [
        (at - points[0][0], value)
        for at, value in points
        if at - points[0][0] >= _SETTLED * seconds
    ]
    minutes = (settled[-1][0] - settled[0][0]) / 60
    return 100 * slope_per_minute(settled) * minutes / settled[0][1]
