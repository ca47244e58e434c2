"""Plants small defects in the domains and handlers and shows which of them no test notices.

    python -m tools.mutants                      all services
    python -m tools.mutants catalog review       these
    python -m tools.mutants --sample 200         so many of each, the same ones every time
    python -m tools.mutants --only letters.py    only modules whose path holds this
    python -m tools.mutants intake --resume      go on where it was cut off (hours for intake)
    python -m tools.mutants intake --tell        what was judged so far: a fair sample of all

The score is the share of mutants that a test killed; one that no test reaches counts against it.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tools.mutation.journal import Journal
from tools.mutation.judge import Judge
from tools.mutation.mutants import Module, Mutant

ROOT: Final = Path(__file__).resolve().parent.parent
REPORTS: Final = ROOT / "build" / "mutants"
SERVICES: Final = ("catalog", "intake", "review", "delivery", "metrics")
LEAST_SCORE: Final = 85.0
ALIVE: Final = ("survived", "untested")
QUIET: Final = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--tb=no")


def modules_of(service: str, only: str) -> list[Module]:
    """Return the domain and the handlers of a service."""
    folder = ROOT / "services" / service
    paths = [*folder.glob("domain/**/*.py"), *folder.glob("handlers/**/*.py")]
    paths += folder.glob("handlers.py")
    named = ((path, str(path.relative_to(ROOT))) for path in sorted(paths))
    found = [Module(path, name) for path, name in named if only in name]
    return [module for module in found if module.mutants]


def mutants_of(service: str, only: str, sample: int, seed: int) -> list[Mutant]:
    """Return the mutants of a service in an order that dice give.

    So the first of them, however many, are a fair sample of all.
    """
    found = [mutant for module in modules_of(service, only) for mutant in module.mutants]
    random.Random(seed).shuffle(found)  # noqa: S311 # no secret
    return found[:sample] if sample else found


def judge(service: str, options: argparse.Namespace) -> int:
    """Judge one service in this process; return the status to exit with."""
    mutants = mutants_of(service, options.only, options.sample, options.seed)
    journal = journal_of(service)
    known = {id(verdict.mutant) for verdict in journal.verdicts(mutants)}
    waiting = [mutant for mutant in mutants if id(mutant) not in known]
    if not waiting:
        return 0
    judging = Judge(waiting, options.workers, journal.note)
    status = pytest.main([*QUIET, str(ROOT / "services" / service / "tests")], plugins=[judging])
    if judging.left_out:
        print("left out, for they fail without any mutant:", *judging.left_out, sep="\n  ")
    return 0 if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else 2


def journal_of(service: str) -> Journal:
    return Journal(REPORTS / f"{service}.jsonl")


def score(counts: Counter[str]) -> float:
    """Return the share of mutants that died, of those that could be built, in per cent."""
    built = sum(counts.values()) - counts["not built"]
    return 100 * counts["killed"] / built if built else 100.0


def show(service: str, options: argparse.Namespace) -> Counter[str]:
    """Print what became of the mutants of a service; return the counts."""
    mutants = mutants_of(service, options.only, options.sample, options.seed)
    judged = journal_of(service).verdicts(mutants)
    modules: dict[str, Counter[str]] = {}
    for verdict in judged:
        modules.setdefault(verdict.mutant.module.name, Counter())[verdict.fate] += 1
    for name, counts in sorted(modules.items()):
        print(f"{score(counts):6.1f} %  {counts.total():5}  {name}")
    total: Counter[str] = sum(modules.values(), Counter())
    print(f"{score(total):6.1f} %  {total.total():5}  {service}, of {len(mutants)} mutants")
    if options.alive:
        alive = [(each.mutant.label, each.fate) for each in judged if each.fate in ALIVE]
        for label, fate in sorted(alive):
            print(f"  {fate:9} {label}")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("services", nargs="*", choices=[[], *SERVICES], help="default: all")
    parser.add_argument("--sample", type=int, default=0, help="mutants of each service; 0 is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a module's path")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--alive", action="store_true", help="name every mutant that lives")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--resume", action="store_true", help="keep what was judged before")
    parser.add_argument("--tell", action="store_true", help="judge nothing, tell what was judged")
    options = parser.parse_args()
    if options.here:
        [service] = options.services
        return judge(service, options)
    total: Counter[str] = Counter()
    for service in options.services or SERVICES:
        if options.tell:
            total += show(service, options)
            continue
        if not options.resume:
            journal_of(service).forget()
        # A process for each: pytest and the modules of one service are not those of another.
        command = [sys.executable, "-m", "tools.mutants", "--here", service]
        command += [f"--only={options.only}", f"--sample={options.sample}"]
        command += [f"--seed={options.seed}", f"--workers={options.workers}"]
        status = subprocess.call(command, cwd=ROOT)  # noqa: S603 # our own arguments
        if status:
            return status
        total += show(service, options)
    print(f"{score(total):6.1f} %  {sum(total.values()):5}  all")
    return 0 if score(total) >= LEAST_SCORE else 1


if __name__ == "__main__":
    sys.exit(main())
