"""Runs steps one after the other and says of each how it ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.cluster.errors import ClusterError
from deploy.image.engine import EngineError
from deploy.tools import ToolMissingError
from devstack.errors import DevstackError

Action = Callable[[], str]
"""Does the step and returns in a few words what was seen; an error of `EXPECTED` what was not."""
Told = Callable[["Step"], str | None]
"""Is told of a step that passed or failed; what it returns stands below the verdict."""

PASSED: Final = "ok"
FAILED: Final = "FAILED"
LEFT_OUT: Final = "not run"
# What a cluster, an engine or a program of the machine may answer. Anything else is a fault of
# the test itself and ends it.
EXPECTED: Final = (
    ClusterError,
    DevstackError,
    EngineError,
    ToolMissingError,
    OSError,
    subprocess.SubprocessError,
)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    action: Action
    # Later steps would only repeat the complaint of one that all stand on.
    needed: bool = False
    # What it is called on the command line, and the steps without which it shows nothing.
    key: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    step: str
    outcome: str
    text: str
    seconds: float


def run_steps(
    steps: Sequence[Step],
    *,
    on_pass: Told | None = None,
    on_failure: Told | None = None,
    gone: Callable[[], str | None] | None = None,
) -> list[Verdict]:
    """Run every step and print its verdict, but none that stands on one that failed.

    `gone` is asked after a failure: when it says why nothing can answer any more, nothing is run.
    """
    verdicts: list[Verdict] = []
    broken: dict[str, str] = {}
    end: str | None = None
    for step in steps:
        begun = time.monotonic()
        why = end or next((broken[need] for need in step.needs if need in broken), None)
        if why is not None:
            verdict = Verdict(step.name, LEFT_OUT, why, 0.0)
            broken[step.key] = why
        else:
            outcome, text = _attempt(step)
            told = on_pass if outcome == PASSED else on_failure
            text = "\n".join([text, *_told(told, step)])
            verdict = Verdict(step.name, outcome, text, time.monotonic() - begun)
            if outcome == FAILED:
                broken[step.key] = f"{step.name} failed"
                end = broken[step.key] if step.needed else None
                end = end or (gone() if gone is not None else None)
        verdicts.append(verdict)
        _print(verdict)
    return verdicts


def choose(
    needs: Mapping[str, Sequence[str]], wanted: Iterable[str], passed: Collection[str]
) -> list[str]:
    """Return the wanted steps and those they need that have not passed before, in order.

    A step that passed before counts no more when one that it stands on is done again. Raises
    `ClusterError` for a name that no step has.
    """
    chosen: set[str] = set()

    def counts(key: str) -> bool:
        return key in passed and key not in chosen and all(counts(need) for need in needs[key])

    def add(key: str) -> None:
        chosen.add(key)
        for need in needs[key]:
            if not counts(need):
                add(need)

    known = f"there are:\n{described(needs)}"
    names = list(wanted)
    for name in names:
        if name not in needs:
            raise ClusterError(f"there is no step {name!r}; {known}")
    if not names:
        raise ClusterError(f"no step was named; {known}")
    chosen.update(names)
    for name in names:
        add(name)
    return [key for key in needs if key in chosen]


def described(needs: Mapping[str, Sequence[str]]) -> str:
    """Return a line for every step with what it stands on."""
    return "\n".join(
        f"  {key}" + (f" (needs {', '.join(stands_on)})" if stands_on else "")
        for key, stands_on in needs.items()
    )


def all_passed(verdicts: Sequence[Verdict]) -> bool:
    return bool(verdicts) and all(verdict.outcome == PASSED for verdict in verdicts)


def _attempt(step: Step) -> tuple[str, str]:
    try:
        return PASSED, step.action()
    except subprocess.TimeoutExpired as error:
        return FAILED, f"no answer after {error.timeout:.0f} s: {error.cmd}"
    except EXPECTED as error:
        return FAILED, str(error)


def _told(told: Told | None, step: Step) -> list[str]:
    """Return what there is to add; that it could not be had takes nothing from the verdict."""
    try:
        more = told(step) if told is not None else None
    except EXPECTED as error:
        more = str(error)
    return [more] if more else []


def _print(verdict: Verdict) -> None:
    first, *more = verdict.text.splitlines() or [""]
    sys.stdout.write(f"{verdict.outcome:<8}{verdict.seconds:6.0f} s  {verdict.step}: {first}\n")
    for line in more:
        sys.stdout.write(f"{'':<18}{line}\n")
    sys.stdout.flush()
