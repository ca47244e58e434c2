"""One run: the stack comes up, each group of rows is measured, the table is kept as it grows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from bench import reference_load
from bench.district import Bench
from bench.machine import describe
from bench.rows import commands, embedded, events, journey, lists, receiving, sustained
from bench.summary import Row, save, table
from devstack.stack import Stack
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
BEGIN: Final[datetime] = china(9, 21, 9, 30)


def measure(groups: Sequence[str], *, seconds: int, cases: int, build: Path) -> int:
    """Measure `groups`; print the table and keep it; return 1 where a floor was missed."""
    rows: list[Row] = []
    print(describe())
    for name, group in _ALONE.items():
        if name in groups:
            _measured(name, group(None), rows, build)
    chosen = {name: group for name, group in _ON_THE_DISTRICT.items() if name in groups}
    if chosen:
        with _bench(seconds, cases) as bench:
            for name, measured in chosen.items():
                _measured(name, measured(bench), rows, build)
    return _told(rows, build)


def measure_one(group: Measure, *, seconds: int, build: Path) -> int:
    """Measure one thing on a fresh district: a soak, an overload."""
    rows: list[Row] = []
    print(describe())
    with _bench(seconds, 0) as bench:
        _measured(build.name, group(bench), rows, build)
    return _told(rows, build)


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


def _measured(name: str, found: Iterator[Row], rows: list[Row], build: Path) -> None:
    began = time.monotonic()
    for each in found:
        rows.append(each)
        save(rows, build / "summary.json")
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)


def _told(rows: Sequence[Row], build: Path) -> int:
    print(table(rows))
    print(f"kept in {build / 'summary.json'}")
    return 1 if any(each.met == "no" for each in rows) else 0
