"""Events out and in: the relay, a nameko worker beside plain kombu, metrics' batches and rebuild.

The events are those of a real case, many times over with other numbers. Times
are those that PostgreSQL and the relay wrote down, so the start of a process
is not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from liandong.common.v1.envelope_pb2 import Envelope

from bench.cpu import CpuMeter
from bench.district import Bench
from bench.samples import add_events, clone_number, cloned, envelopes_of
from bench.story import drive_all, open_cases
from bench.summary import Row, row
from cli.installation import Installation
from devstack.processes import ManagedProcess
from servicekit.messaging import queue_name
from servicekit.publishing import connect
from services import graph

__all__ = ["events"]

_RECEIVED: Final = "intake.case_received.v1"
_CASES_A_SECOND: Final = 12
_PATIENCE_S: Final = 300.0
_LOOK_S: Final = 0.2
_OURS: Final = "370306-__-20260922-%"
_PUBLISHED: Final = """
    SELECT count(*), extract(epoch FROM min(published_at)), extract(epoch FROM max(published_at)),
        count(*) FILTER (WHERE published_at = first.at)
    FROM outbox, (SELECT min(published_at) AS at FROM outbox WHERE stream_id LIKE %s) AS first
    WHERE stream_id LIKE %s AND position IS NOT NULL"""
_TAKEN: Final = """
    WITH taken AS (
        SELECT seq, pg_xact_commit_timestamp(xmin) AS at FROM stream_position
        WHERE consumer = %s AND source = 'intake' AND stream_id LIKE %s)
    SELECT coalesce(sum(seq), 0), extract(epoch FROM min(at)), extract(epoch FROM max(at)),
        coalesce(sum(seq) FILTER (WHERE at = (SELECT min(at) FROM taken)), 0)
    FROM taken"""


def events(bench: Bench) -> Iterator[Row]:
    """Measure each in turn, and take away again what was made for it."""
    if not bench.templates:
        bench.run_all()
        bench.templates = drive_all(bench, open_cases(bench, 1))
    sample = envelopes_of(bench, bench.templates[0])
    cases = _CASES_A_SECOND * bench.seconds
    bench.run_apis()
    try:
        count = add_events(bench, cloned(sample, 81, cases))
        yield from _relay(bench, 81, count, _mean_size(sample))
        yield from _ingest(bench, 81, count)
        yield from _rebuild(bench)
        yield from _workers(bench, sample, cases)
    finally:
        _clear(bench)


def _relay(bench: Bench, batch: int, count: int, size: int) -> Iterator[Row]:
    beside = count / _unconfirmed(bench, count, size)
    with _spent(bench, [("intake", "relay")]) as spent:
        rate = _wait_published(bench, batch, count)
    name = "relay, quorum queue, confirmed"
    yield row(name, rate, beside=beside)
    for role in ("relay", "pg", "broker"):
        yield row(f"{name}: CPU of[{role}]", 1000 * spent()[role] / count)


def _ingest(bench: Bench, batch: int, count: int) -> Iterator[Row]:
    with _spent(bench, [("metrics", "worker")]) as spent:
        rate = _wait_taken(bench, "metrics", batch, count)
    yield row("metrics, batch ingest", rate)
    for role in ("worker", "pg", "broker"):
        yield row(f"metrics, batch ingest: CPU of[{role}]", 1000 * spent()[role] / count)


def _rebuild(bench: Bench) -> Iterator[Row]:
    bench.run_all_apis()
    sources = graph.sources_of("metrics")
    logged = "SELECT count(*) FROM outbox WHERE position IS NOT NULL"
    count = sum(int(bench.scalar(source, logged)) for source in sources)
    folder = bench.folder / "installation"
    folder.mkdir(exist_ok=True)
    _installation(bench).save(folder)
    meter = CpuMeter({**bench.roots, "rebuild": [os.getpid()]})
    meter.start()
    seconds, _differing = _run("bench.processes.rebuilding", str(folder)).split()
    spent = meter.spent()
    yield row("metrics, rebuild", count / float(seconds))
    for role in ("rebuild", "api", "pg"):
        yield row(f"metrics, rebuild: CPU of[{role}]", 1000 * spent[role] / count)


def _workers(bench: Bench, sample: list[Envelope], cases: int) -> Iterator[Row]:
    """Take in receipts, each of which makes an offer, with nameko and without, in turns."""
    first = [event for event in sample if event.type == _RECEIVED]
    rates: dict[str, list[float]] = {"nameko": [], "kombu": []}
    cpu = {"nameko": 0.0, "kombu": 0.0}
    many = 4 * cases
    _purge(bench, "delivery")
    for batch, who in enumerate(("nameko", "kombu", "kombu", "nameko"), start=82):
        bench.run_apis()
        add_events(bench, cloned(first, batch, many))
        with _spent(bench, [("intake", "relay")]):
            _wait_published(bench, batch, many)
        with _worker(bench, who) as spent:
            rates[who].append(_wait_taken(bench, "delivery", batch, many))
            cpu[who] += 1000 * spent() / (2 * many)
    name = "worker, effects per process"
    nameko, kombu = (sum(rates[who]) / 2 for who in ("nameko", "kombu"))
    yield row(name, nameko, beside=kombu)
    for who, milliseconds in cpu.items():
        yield row(f"{name}: CPU of[{who}]", milliseconds)


@contextmanager
def _worker(bench: Bench, who: str) -> Iterator[Callable[[], float]]:
    if who == "nameko":
        with _spent(bench, [("delivery", "worker")]) as spent:
            yield lambda: spent()["worker"]
        return
    process = ManagedProcess(
        "plain-worker",
        [sys.executable, "-m", "bench.processes.plain_worker"],
        log=bench.folder / "logs" / "plain-worker.log",
        env=bench.district.environment("delivery", "worker"),
        cwd=Path.cwd(),
    )
    process.start()
    if process.pid is None:
        raise RuntimeError("the plain worker did not start")
    meter = CpuMeter({"worker": [process.pid]})
    try:
        yield lambda: meter.spent()["worker"]
    finally:
        process.stop()


@contextmanager
def _spent(bench: Bench, keys: list[tuple[str, str]]) -> Iterator[Callable[[], dict[str, float]]]:
    """Run some processes beside the catalogue; count from when they are ready."""
    bench.run_only([("catalog", "api"), *keys])
    meter = CpuMeter(bench.roots)
    kept: dict[str, float] = {}
    yield lambda: kept or meter.spent()
    kept.update(meter.spent())


def _wait_published(bench: Bench, batch: int, count: int) -> float:
    like = clone_number(batch, 0)[:19] + "%"

    def look() -> tuple[Any, ...]:
        return tuple(bench.rows("intake", _PUBLISHED, like, like)[0])

    return _rate_of(look, count)


def _wait_taken(bench: Bench, consumer: str, batch: int, count: int) -> float:
    like = clone_number(batch, 0)[:19] + "%"
    return _rate_of(lambda: tuple(bench.rows(consumer, _TAKEN, consumer, like)[0]), count)


def _rate_of(look: Callable[[], tuple[Any, ...]], count: int) -> float:
    """Wait until `count` are done; return how many a second, the first transaction left out."""
    deadline = time.monotonic() + _PATIENCE_S
    while (found := look())[0] < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{found[0]} of {count} events after {_PATIENCE_S:.0f} s")
        time.sleep(_LOOK_S)  # between two looks
    _done, first, last, in_first = found
    return float((count - in_first) / max(last - first, type(last)(1) / 1000))


def _unconfirmed(bench: Bench, count: int, size: int) -> float:
    url = bench.stack.rabbitmq.url()
    return float(_run("bench.processes.unconfirmed", url, str(count), str(size)))


def _run(module: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr[-2000:]}")
    return done.stdout


def _mean_size(sample: list[Envelope]) -> int:
    return sum(event.ByteSize() for event in sample) // len(sample)


def _installation(bench: Bench) -> Installation:
    keys = bench.district.folder / "keys"
    return Installation(
        addresses={name: bench.target(name) for name in graph.SERVICES},
        databases={name: bench.district.database_url(name) for name in graph.SERVICES},
        keystores={name: str(keys / f"{name}.json") for name in graph.SERVICES},
        checkpoints=str(bench.district.folder / "checkpoints"),
        blobs=str(bench.district.folder / "blobs"),
        issuer=str(keys / "issuer.json"),
        clock=str(bench.district.clock_control),
    )


def _purge(bench: Bench, consumer: str) -> None:
    with connect(bench.stack.rabbitmq.url()) as connection:
        connection.channel().queue_purge(queue_name(consumer, "intake"))


def _clear(bench: Bench) -> None:
    """Take away what was made, so that nobody waits for the cases that never were."""
    bench.run_only(())
    for consumer in graph.CONSUMERS["intake"]:
        _purge(bench, consumer)
        bench.connection(consumer).execute(
            "DELETE FROM stream_position WHERE stream_id LIKE %s", (_OURS,)
        )
    for source in ("intake", "delivery"):
        for table in ("outbox", "outbox_stream"):
            bench.connection(source).execute(
                f"DELETE FROM {table} WHERE stream_id LIKE %s".encode(), (_OURS,)
            )
    for service, table in (("delivery", "courier_offer"), ("metrics", "case_facts")):
        bench.connection(service).execute(
            f"DELETE FROM {table} WHERE case_number LIKE %s".encode(), (_OURS,)
        )
