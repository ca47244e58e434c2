"""One run: the stack comes up, each group of rows is measured, the table is kept as it grows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg

from bench import reference_load
from bench.district import Bench
from bench.load import LoadError
from bench.machine import describe
from bench.reference_load import NoReferenceError
from bench.rows import commands, embedded, events, journey, lists, receiving, sustained
from bench.summary import Row, save, table
from devstack.errors import DevstackError
from devstack.stack import Stack
from journeys.errors import FAILURES
from journeys.forms import china

__all__ = ["GROUPS", "measure", "measure_one"]

Measure = Callable[[Bench], Iterator[Row]]

# In this order: a journey moves legal time, and many stored cases stay.
_ON_THE_DISTRICT: Final[Mapping[str, Measure]] = {
    "journey": journey.journey,
    "receive": receiving.paused,
    "alone": receiving.alone,
    "sustained": sustained.keeping_up,
    "lag": sustained.lag,
    "events": events.events,
    "commands": commands.commands,
    "lists": lists.lists,
}
_ALONE: Final[Mapping[str, Callable[[object], Iterator[Row]]]] = {
    "pdfs": journey.pdfs,
    "embedded": embedded.embedded,
}
GROUPS: Final = (*_ALONE, *_ON_THE_DISTRICT)
_FAILURES: Final = (
    *FAILURES, DevstackError, LoadError, NoReferenceError, RuntimeError, OSError, psycopg.Error,
)  # fmt: skip
BEGIN: Final[datetime] = china(9, 21, 9, 30)


def measure(groups: Sequence[str], *, seconds: int, cases: int, build: Path) -> int:
    """Measure `groups`, print the table and keep it.

    Return 1 where a floor was missed or a group could not be measured.
    """
    rows: list[Row] = []
    whole = True
    print(describe())
    for name, group in _ALONE.items():
        if name in groups:
            whole &= _measured(name, group(None), rows, build)
    chosen = {name: group for name, group in _ON_THE_DISTRICT.items() if name in groups}
    if chosen:
        with _bench(seconds, cases) as bench:
            for name, measured in chosen.items():
                whole &= _measured(name, measured(bench), rows, build)
    return _told(rows, build, whole=whole)


def measure_one(group: Measure, *, seconds: int, build: Path) -> int:
    """Measure one thing on a fresh district: a soak, an overload."""
    rows: list[Row] = []
    print(describe())
    with _bench(seconds, 0) as bench:
        whole = _measured(build.name, group(bench), rows, build)
    return _told(rows, build, whole=whole)


@contextmanager
def _bench(seconds: int, cases: int) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="liandong-bench-") as folder, Stack() as stack:
        bench = Bench(Path(folder), stack, seconds=seconds, cases=cases)
        try:
            bench.prepare(BEGIN)
            reference_load.prepare(stack.postgres)
            yield bench
        finally:
            bench.close()


def _measured(name: str, found: Iterator[Row], rows: list[Row], build: Path) -> bool:
    """Keep the rows of a group as they come; tell what went wrong, and go on with the others."""
    began = time.monotonic()
    try:
        for each in found:
            rows.append(each)
            save(rows, build / "summary.json")
    except _FAILURES as error:
        print(f"  {name}: not measured: {type(error).__name__}: {error}", flush=True)
        return False
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)
    return True


def _told(rows: Sequence[Row], build: Path, *, whole: bool) -> int:
    print(table(rows))
    print(f"kept in {build / 'summary.json'}")
    return 1 if not whole or any(each.met == "no" for each in rows) else 0
