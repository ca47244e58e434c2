"""The whole of journey 1 with all its effects, by the CPU of all processes; PDFs apart.

What the twenty processes spend while nobody asks anything is measured first
and taken off, and so is what they spend when legal time passes over the same
days without a case: both are spent once for the district and not for each case. What
printing costs is measured for each kind of document by itself and taken off
as often as one was printed, because paper is not what peers are compared by.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.cpu import CpuMeter
from bench.district import Bench
from bench.figures import median
from bench.story import drive_all, open_cases
from bench.summary import Row, row
from devstack.processes import ManagedProcess
from servicekit.printing import render_pdf
from services.intake.domain.document import DocumentKind

__all__ = ["journey", "pdf_cost", "pdfs"]

_GOLDEN: Final = Path("services/intake/tests/golden")
_PRINTED: Final = "SELECT kind, sum(rendering) FROM document WHERE sha256 <> '' GROUP BY kind"
_ROUNDS: Final = 5
_CASES_AT_MOST: Final = 20
_DRAFTED: Final = datetime(2026, 9, 21, 2, tzinfo=UTC)


def pdf_cost() -> dict[str, float]:
    """Return the CPU milliseconds of printing each kind, from the documents of the tests."""
    files = {kind.name: _GOLDEN / f"{kind.name.lower()}.xml" for kind in DocumentKind}
    return {
        kind: _printing(path.read_text(encoding="utf-8"))
        for kind, path in files.items()
        if path.exists()
    }


def pdfs(_bench: object) -> Iterator[Row]:
    """Print each kind of document."""
    for kind, milliseconds in pdf_cost().items():
        yield row(f"PDF[{kind}]", milliseconds)


def journey(bench: Bench) -> Iterator[Row]:
    """Drive journey 1 for several cases; take off what idles and what prints."""
    bench.run_all()
    count = max(2, min(_CASES_AT_MOST, bench.seconds))
    cases = open_cases(bench, count)
    roots = {**bench.roots, "carrier": _carrier(bench), "driver": [os.getpid()]}
    bench.settle()
    meter = CpuMeter(roots)
    idle = _idle(meter, max(5.0, bench.seconds / 3))
    passing, took_passing = _spent(meter, lambda: drive_all(bench, []))
    spent, took = _spent(meter, lambda: bench.templates.extend(drive_all(bench, cases)))
    net = {
        role: 1000 * (spent[role] - passing[role] - idle[role] * (took - took_passing)) / count
        for role in spent
        if role != "driver"
    }
    printed = dict(bench.rows("intake", _PRINTED))
    printing = sum(printed.get(kind, 0) * cost for kind, cost in pdf_cost().items()) / count
    yield row("journey 1 without PDFs: CPU", sum(net.values()) - printing, beside=_OPEN_ZAAK)
    for role, milliseconds in net.items():
        yield row(f"journey 1: CPU of[{role}]", milliseconds)
    yield row("journey 1: CPU of[printing, within jobs]", printing)
    yield row("journey 1: CPU of[idle district, a second]", 1000 * sum(idle.values()))


_OPEN_ZAAK: Final = 553.0  # CPU-ms of the six calls of Open Zaak for such a case, on such a machine


def _spent(meter: CpuMeter, work: Callable[[], object]) -> tuple[dict[str, float], float]:
    meter.start()
    began = time.monotonic()
    work()
    return meter.spent(), time.monotonic() - began


def _idle(meter: CpuMeter, seconds: float) -> dict[str, float]:
    meter.start()
    time.sleep(seconds)  # what is measured is that nothing happens
    return {role: spent / seconds for role, spent in meter.spent().items()}


def _carrier(bench: Bench) -> list[int]:
    process: ManagedProcess = bench.district.processes["carrier", "server"]
    return [] if process.pid is None else [process.pid]


def _printing(xml: str) -> float:
    def once() -> float:
        began = time.thread_time()
        render_pdf(xml, watermark="示例", created_at=_DRAFTED)
        return 1000 * (time.thread_time() - began)

    once()  # the typeface is read once in a process
    return median([once() for _ in range(_ROUNDS)])
