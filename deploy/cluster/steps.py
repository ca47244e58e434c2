"""Runs steps one after the other and says of each how it ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.cluster.errors import ClusterError

Action = Callable[[], str]
"""Does the step and returns in a few words what was seen; ClusterError says what was not."""

PASSED: Final = "ok"
FAILED: Final = "FAILED"
LEFT_OUT: Final = "not run"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    action: Action
    # Later steps would only repeat the complaint of one that all stand on.
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    step: str
    outcome: str
    text: str
    seconds: float


def run_steps(steps: Sequence[Step]) -> list[Verdict]:
    """Run every step, print its verdict, and stop after one that the others need."""
    verdicts: list[Verdict] = []
    broken: str | None = None
    for step in steps:
        begun = time.monotonic()
        if broken is not None:
            verdict = Verdict(step.name, LEFT_OUT, f"{broken} failed", 0.0)
        else:
            outcome, text = _attempt(step)
            verdict = Verdict(step.name, outcome, text, time.monotonic() - begun)
            if outcome == FAILED and step.needed:
                broken = step.name
        verdicts.append(verdict)
        _print(verdict)
    return verdicts


def all_passed(verdicts: Sequence[Verdict]) -> bool:
    return bool(verdicts) and all(verdict.outcome == PASSED for verdict in verdicts)


def _attempt(step: Step) -> tuple[str, str]:
    try:
        return PASSED, step.action()
    except ClusterError as error:
        return FAILED, str(error)
    except subprocess.TimeoutExpired as error:
        return FAILED, f"no answer after {error.timeout:.0f} s: {error.cmd}"


def _print(verdict: Verdict) -> None:
    first, *more = verdict.text.splitlines() or [""]
    sys.stdout.write(f"{verdict.outcome:<8}{verdict.seconds:6.0f} s  {verdict.step}: {first}\n")
    for line in more:
        sys.stdout.write(f"{'':<18}{line}\n")
    sys.stdout.flush()
