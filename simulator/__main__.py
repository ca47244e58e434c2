"""`python -m simulator`: runs schedules and says what became of them; the verdict comes last."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from journeys import ALL
from simulator.plants import PLANTS
from simulator.schedule import Outcome, Simulator

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if no schedule has a finding, 1 if one has."""
    asked = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)  # every crash would tell of itself
    journeys = {journey.id: journey for journey in ALL}
    plant = None if asked.plant is None else PLANTS[asked.plant]
    began, outcomes = time.monotonic(), list[Outcome]()
    log = _say if asked.verbose else None
    with Simulator(keep=asked.keep, log=log) as simulator:
        for name in asked.journeys.split(","):
            for seed in range(asked.seed, asked.seed + asked.schedules):
                outcome = simulator.run(seed, plant=plant, journey=journeys[name])
                outcomes.append(outcome)
                _tell(outcome, name, asked.plant)
                if not outcome.ok and asked.first:
                    break
    return _verdict(outcomes, time.monotonic() - began, asked.plant)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first schedule")
    parser.add_argument("--schedules", type=int, default=100, help="how many seeds from there on")
    parser.add_argument("--journeys", default="1", help="their numbers, with commas")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="put one mechanism out of order")
    parser.add_argument("--first", action="store_true", help="stop at the first finding")
    parser.add_argument("--keep", type=Path, help="keep the databases of failing schedules here")
    parser.add_argument("--verbose", action="store_true", help="tell every step")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell(outcome: Outcome, journey: str, plant: str | None) -> None:
    if outcome.ok:
        return
    _say(f"seed {outcome.seed}: {len(outcome.findings)} findings")
    for finding in outcome.findings[:20]:
        _say(f"  {finding}")
    planted = f" --plant {plant}" if plant else ""
    _say(
        f"  again: python -m simulator --seed {outcome.seed} --schedules 1 "
        f"--journeys {journey}{planted} --verbose"
    )


def _verdict(outcomes: Sequence[Outcome], elapsed: float, plant: str | None) -> int:
    failed = [outcome for outcome in outcomes if not outcome.ok]
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        faults.update(outcome.faults)
    for fault, times in sorted(faults.items()):
        _say(f"  {fault}: {times}")
    different = len({outcome.fingerprint for outcome in outcomes})
    run = (
        f"{len(outcomes)} schedules, {different} different, "
        f"{sum(outcome.steps for outcome in outcomes)} steps, {elapsed:.0f} s"
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
