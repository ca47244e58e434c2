"""`python -m simulator`: runs schedules and says what became of them; the verdict comes last."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from journeys.every import MODULES, all_journeys
from simulator.errands import Errand, run_all, shrunk
from simulator.outcome import Outcome
from simulator.plants import PLANTS
from simulator.rates import HIGHEST
from simulator.shrinking import Narrowing
from simulator.template import Template

__all__ = ["main"]

SHOWN = 20  # findings of one schedule
TOLD = 100  # schedules after each of which a line tells how far it is


def main(arguments: Sequence[str] | None = None, *, template: Template | None = None) -> int:
    """Return 0 if no schedule has a finding, 1 if one has."""
    asked = _parser().parse_args(arguments)
    journeys = asked.journeys or [each.id for each in all_journeys()]
    errands = [
        Errand(
            seed,
            journeys[(seed - 1) % len(journeys)],
            asked.plant,
            Narrowing(asked.without, asked.calm_after),
        )
        for seed in range(asked.seed, asked.seed + asked.schedules)
    ]
    began, outcomes = time.monotonic(), list[Outcome]()
    first: tuple[Errand, Outcome] | None = None
    log = _say if asked.verbose else None
    outcomes_in_order = run_all(
        errands,
        processes=1 if asked.verbose else asked.processes,
        keep=asked.keep,
        log=log,
        template=template,
    )
    for errand, outcome in outcomes_in_order:
        outcomes.append(outcome)
        _tell(errand, outcome)
        first = first or (None if outcome.ok else (errand, outcome))
        if len(outcomes) % TOLD == 0:
            _say(f"{len(outcomes)} of {len(errands)} schedules, {time.monotonic() - began:.0f} s")
        if asked.first and not outcome.ok:
            break
    elapsed = time.monotonic() - began
    if first is not None and not asked.as_it_is and first[0].narrowing == Narrowing():
        _tell_shrunk(*shrunk(*first, template=template))
    return _verdict(outcomes, elapsed, asked.plant)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first schedule")
    parser.add_argument("--schedules", type=int, default=100, help="how many seeds from there on")
    parser.add_argument(
        "--journeys",
        type=_journeys,
        help="those that the seed chooses from, with commas: 2,5 (default all)",
    )
    parser.add_argument("--plant", choices=sorted(PLANTS), help="put one mechanism out of order")
    parser.add_argument("--first", action="store_true", help="stop at the first finding")
    parser.add_argument("--keep", type=Path, help="keep the databases of failing schedules here")
    parser.add_argument("--processes", type=int, help="how many at a time (one for each CPU)")
    parser.add_argument(
        "--without", type=_kinds, default=(), help="kinds of faults to leave out, with commas"
    )
    parser.add_argument("--calm-after", type=int, help="the step after which nothing goes wrong")
    parser.add_argument(
        "--as-it-is", action="store_true", help="do not shrink the first schedule that fails"
    )
    parser.add_argument("--verbose", action="store_true", help="tell every step")
    return parser


def _journeys(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := sorted({*chosen} - MODULES.keys()):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return chosen


def _kinds(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if unknown := sorted({*chosen} - HIGHEST.keys()):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return chosen


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(errand: Errand, outcome: Outcome) -> None:
    if outcome.ok:
        return
    _say(f"seed {outcome.seed}, journey {errand.journey}: {len(outcome.findings)} findings")
    for finding in outcome.findings[:SHOWN]:
        _say(f"  {finding}")
    _say(f"  again: {_command(errand)}")


def _tell_shrunk(errand: Errand, outcome: Outcome) -> None:
    left = [f"{fault} {times}" for fault, times in sorted(outcome.faults.items())]
    _say(f"seed {errand.seed} shrunk to {outcome.steps} steps: {', '.join(left)}")
    _say(f"  {outcome.findings[0]}")
    _say(f"  again: {_command(errand)}")


def _command(errand: Errand) -> str:
    """Return the one command that runs the errand again."""
    planted = f" --plant {errand.plant}" if errand.plant else ""
    return (
        f"python -m simulator --seed {errand.seed} --schedules 1 "
        f"--journeys {errand.journey}{planted}{errand.narrowing.arguments} --verbose"
    )


def _verdict(outcomes: Sequence[Outcome], elapsed: float, plant: str | None) -> int:
    failed = [outcome for outcome in outcomes if not outcome.ok]
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        faults.update(outcome.faults)
    for fault, times in sorted(faults.items()):
        _say(f"  {fault}: {times}")
    run = (
        f"{len(outcomes)} schedules, {len({each.fingerprint for each in outcomes})} different, "
        f"{sum(each.steps for each in outcomes)} steps, {faults.total()} events and faults, "
        f"{elapsed:.0f} s ({sum(each.seconds for each in outcomes):.0f} s of CPU)"
    )
    with_plant = f" with {plant} planted" if plant else ""
    if failed:
        seeds = ", ".join(str(outcome.seed) for outcome in failed[:10])
        _say(f"FAILED{with_plant}: {len(failed)} of {run}; seeds {seeds}")
        return 1
    _say(f"OK{with_plant}: no finding in {run}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
