"""Durable receipt of an application: how many, at what cost, how fast for one alone.

Everything behind the commit rests (relay, worker, jobs), so that what is
measured is what a clerk waits for. pgbench stands beside it at the same
concurrency.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench import reference_load
from bench.district import Bench
from bench.driver import Spec
from bench.load import Load, Loaded, drive
from bench.people import receipts
from bench.summary import Row, row

__all__ = ["COMMAND_ROLES", "CONCURRENCY", "alone", "paused", "receive_load"]

CONCURRENCY: Final = 16
COMMAND_ROLES: Final = ("api", "pg")
_OTHERS: Final = ("api", "pg", "broker", "sink", "driver")
_WARM_UP_S: Final = 3.0


def receive_load(
    bench: Bench, *, threads: int, seconds: float, rate: float = 0.0, processes: int = 2
) -> Load:
    """Return a load of receipts by many clerks, each for another applicant."""
    calls = [(call.token, call.fields) for call in receipts(bench.clerk_tokens())]
    spec = Spec(
        target=bench.target("intake"),
        package="intake",
        method="ReceiveApplication",
        calls=calls,
        threads=threads,
        warm_up=_WARM_UP_S,
        seconds=seconds,
        rate=rate,
        keep="case_number",
    )
    return Load(spec, processes)


def paused(bench: Bench) -> Iterator[Row]:
    """Receive at concurrency 16 with the consumers paused."""
    bench.run_apis("intake")
    beside = reference_load.run(
        bench.stack.postgres, bench.roots, concurrency=CONCURRENCY, seconds=_short(bench)
    )
    load = receive_load(bench, threads=CONCURRENCY, seconds=bench.seconds)
    found = drive(load, bench.roots)
    found.require_clean()
    name = "receive, consumers paused"
    yield row(f"{name}: rate", found.rate, beside=beside.rate)
    yield row(f"{name}: CPU", found.cpu_ms(*COMMAND_ROLES), beside=beside.cpu_ms)
    yield from cpu_rows(name, found)


def alone(bench: Bench) -> Iterator[Row]:
    """Receive at concurrency 1: the time of one clerk who has the machine to themselves."""
    bench.run_apis("intake")
    beside = reference_load.run(
        bench.stack.postgres, bench.roots, concurrency=1, seconds=_short(bench)
    )
    found = drive(receive_load(bench, threads=1, seconds=bench.seconds), bench.roots)
    found.require_clean()
    name = "receive, concurrency 1"
    yield row(f"{name}: p50", found.percentiles.p50, beside=beside.p50_ms)
    yield from cpu_rows(name, found)


def cpu_rows(name: str, found: Loaded, roles: tuple[str, ...] = _OTHERS) -> Iterator[Row]:
    """Return what each role spent on a call, in a row of its own."""
    for role in roles:
        yield row(f"{name}: CPU of[{role}]", found.cpu_ms(role))


def _short(bench: Bench) -> int:
    return max(3, bench.seconds // 2)
