"""Plants small defects in the domains and handlers and shows which of them no test notices.

    python -m tools.mutants                      all services
    python -m tools.mutants catalog review       these
    python -m tools.mutants --sample 200         so many of each, the same ones every time
    python -m tools.mutants --only letters.py    only modules whose path holds this

The score is the share of mutants that a test killed; one that no test reaches counts against it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tools.mutation.judge import Judge, Verdict
from tools.mutation.mutants import Module, Mutant

ROOT: Final = Path(__file__).resolve().parent.parent
REPORTS: Final = ROOT / "build" / "mutants"
SERVICES: Final = ("catalog", "intake", "review", "delivery", "metrics")
LEAST_SCORE: Final = 85.0
QUIET: Final = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--tb=no")


def modules_of(service: str, only: str) -> list[Module]:
    """Return the domain and the handlers of a service."""
    folder = ROOT / "services" / service
    paths = [*folder.glob("domain/**/*.py"), *folder.glob("handlers/**/*.py")]
    paths += folder.glob("handlers.py")
    named = ((path, str(path.relative_to(ROOT))) for path in sorted(paths))
    found = [Module(path, name) for path, name in named if only in name]
    return [module for module in found if module.mutants]


def judge(service: str, only: str, sample: int, seed: int, workers: int) -> int:
    """Judge one service in this process and write the report; return the status to exit with."""
    modules = modules_of(service, only)
    mutants: list[Mutant] = [mutant for module in modules for mutant in module.mutants]
    if sample and sample < len(mutants):
        order = random.Random(seed).sample(range(len(mutants)), sample)  # noqa: S311 # no secret
        mutants = [mutants[index] for index in sorted(order)]
    judging = Judge(mutants, workers)
    begun = time.monotonic()
    status = pytest.main([*QUIET, str(ROOT / "services" / service / "tests")], plugins=[judging])
    if judging.left_out:
        print("left out, for they fail without any mutant:", *judging.left_out, sep="\n  ")
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return 2
    write(service, judging.verdicts, time.monotonic() - begun)
    return 0


def write(service: str, verdicts: list[Verdict], seconds: float) -> None:
    """Write the report of a service: every mutant that lives, and the counts of each module."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    modules: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        modules.setdefault(verdict.mutant.module.name, Counter())[verdict.fate] += 1
    report = {
        "seconds": round(seconds),
        "modules": modules,
        "alive": [
            {"mutant": verdict.mutant.label, "fate": verdict.fate}
            for verdict in verdicts
            if verdict.fate in ("survived", "untested")
        ],
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (REPORTS / f"{service}.json").write_text(text + "\n", encoding="utf-8")


def score(counts: Counter[str]) -> float:
    """Return the share of mutants that died, of those that could be built, in per cent."""
    built = sum(counts.values()) - counts["not built"]
    return 100 * counts["killed"] / built if built else 100.0


def show(service: str, *, alive: bool) -> Counter[str]:
    """Print the report of a service; return its counts."""
    report = json.loads((REPORTS / f"{service}.json").read_text(encoding="utf-8"))
    total: Counter[str] = Counter()
    for name, counts in sorted(report["modules"].items()):
        total.update(counts)
        print(f"{score(Counter(counts)):6.1f} %  {sum(counts.values()):5}  {name}")
    print(f"{score(total):6.1f} %  {sum(total.values()):5}  {service}, {report['seconds']} s")
    if alive:
        for each in report["alive"]:
            print(f"  {each['fate']:9} {each['mutant']}")
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
    options = parser.parse_args()
    if options.here:
        [service] = options.services
        return judge(service, options.only, options.sample, options.seed, options.workers)
    total: Counter[str] = Counter()
    for service in options.services or SERVICES:
        # A process for each: pytest and the modules of one service are not those of another.
        command = [sys.executable, "-m", "tools.mutants", "--here", service]
        command += [f"--only={options.only}", f"--sample={options.sample}"]
        command += [f"--seed={options.seed}", f"--workers={options.workers}"]
        status = subprocess.call(command, cwd=ROOT)  # noqa: S603 # our own arguments
        if status:
            return status
        total += show(service, alive=options.alive)
    print(f"{score(total):6.1f} %  {sum(total.values()):5}  all")
    return 0 if score(total) >= LEAST_SCORE else 1


if __name__ == "__main__":
    sys.exit(main())
