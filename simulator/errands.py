"""Many schedules, several at a time: each process of this machine runs its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from journeys.every import journey as journey_of
from simulator.outcome import Outcome
from simulator.plants import PLANTS
from simulator.schedule import EVERYTHING, Simulator
from simulator.shrinking import Narrowing, shrink
from simulator.template import Template

__all__ = ["Errand", "quiet", "run_all", "shrunk"]

WORTH_A_PROCESS = 8  # schedules; a process costs a second before its first one

_mine: list[Simulator] = []


@dataclass(frozen=True, slots=True)
class Errand:
    """One schedule to run."""

    seed: int
    journey: str = "1"
    plant: str | None = None
    narrowing: Narrowing = EVERYTHING


def run_all(
    errands: Sequence[Errand],
    *,
    processes: int | None = None,
    keep: Path | None = None,
    log: Callable[[str], None] | None = None,
    template: Template | None = None,
) -> Iterator[tuple[Errand, Outcome]]:
    """Run the schedules and yield what became of each, in their order."""
    wanted = processes or min(os.cpu_count() or 1, len(errands) // WORTH_A_PROCESS)
    with quiet(), Simulator(keep=keep, log=log, template=template) as simulator:
        if wanted <= 1:
            for errand in errands:
                yield errand, run(simulator, errand)
            return
        with ProcessPoolExecutor(
            wanted, initializer=_begin, initargs=(simulator.template, keep)
        ) as pool:
            try:
                yield from zip(errands, pool.map(_run, errands), strict=True)
            finally:
                pool.shutdown(cancel_futures=True)


def shrunk(
    errand: Errand, failed: Outcome, *, template: Template | None = None
) -> tuple[Errand, Outcome]:
    """Return the smallest form of a failing errand that was found, and what became of it."""
    with quiet(), Simulator(template=template) as simulator:
        found, outcome = shrink(
            lambda narrowing: run(simulator, replace(errand, narrowing=narrowing)), failed
        )
    return replace(errand, narrowing=found), outcome


@contextmanager
def quiet() -> Iterator[None]:
    """Log nothing: every process that dies and every try in vain would tell of itself."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def run(simulator: Simulator, errand: Errand) -> Outcome:
    """Run one schedule."""
    journey = journey_of(errand.journey)
    plant = None if errand.plant is None else PLANTS[errand.plant]
    return simulator.run(errand.seed, plant=plant, journey=journey, narrowing=errand.narrowing)


def _begin(template: Template, keep: Path | None) -> None:
    logging.disable(logging.CRITICAL)
    _mine.append(Simulator(template=template, keep=keep))


def _run(errand: Errand) -> Outcome:
    return run(_mine[0], errand)
