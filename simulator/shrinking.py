"""Makes a failing schedule smaller: fewer kinds of faults, and calm as early as it still fails.

A kind that is left out changes what the dice decide from there on; what is kept is only what
still fails in the same way. Calm changes nothing before its step, so the step is searched for by
halving. What is left is one command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from simulator.rates import HIGHEST, Rates

if TYPE_CHECKING:
    from simulator.outcome import Outcome
    from simulator.scheduler import Scheduler, Step

__all__ = ["Narrowing", "shrink"]

KINDS: Final = tuple(HIGHEST)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of its faults a schedule is left with: kinds left out, and none from a step on."""

    without: tuple[str, ...] = ()
    calm_after: int | None = None

    def apply(self, scheduler: Scheduler) -> None:
        """Narrow the faults of a schedule that has not begun."""
        none: dict[str, Any] = dict.fromkeys(self.without, 0.0)
        scheduler.rates = replace(scheduler.rates, **none)
        if self.calm_after is not None:
            scheduler.sources.append(_Calm(scheduler, self.calm_after))

    @property
    def arguments(self) -> str:
        """The options that say so, each with a blank before it."""
        left_out = f" --without {','.join(self.without)}" if self.without else ""
        return left_out + ("" if self.calm_after is None else f" --calm-after {self.calm_after}")


class _Calm:
    """Is asked before every step, and ends all faults when its step has come."""

    def __init__(self, scheduler: Scheduler, after: int) -> None:
        self._scheduler = scheduler
        self._after = after

    def steps(self) -> Iterable[Step]:
        if self._scheduler.taken >= self._after:
            rates = self._scheduler.rates
            self._scheduler.rates = Rates(
                steps_between_calls=rates.steps_between_calls,
                relay_batch=rates.relay_batch,
                drain_limit=rates.drain_limit,
            )
        return ()

    def nudge(self) -> None:
        """Nothing waits here."""


def shrink(run: Callable[[Narrowing], Outcome], failed: Outcome) -> tuple[Narrowing, Outcome]:
    """Return the smallest narrowing found under which the schedule fails in the same way."""
    kind = _kind(failed)
    best, outcome = Narrowing(), failed

    def still_fails(tried: Narrowing) -> bool:
        nonlocal best, outcome
        found = run(tried)
        if found.ok or _kind(found) != kind:
            return False
        best, outcome = tried, found
        return True

    if not still_fails(Narrowing(without=KINDS)):
        for name in KINDS:
            still_fails(replace(best, without=(*best.without, name)))
    if still_fails(replace(best, calm_after=0)):
        return best, outcome
    low, high = 1, outcome.steps
    while low < high:
        middle = (low + high) // 2
        if still_fails(replace(best, calm_after=middle)):
            high = middle
        else:
            low = middle + 1
    return best, outcome


def _kind(outcome: Outcome) -> str:
    """Return in which way it fails: the name of its first finding."""
    return outcome.findings[0].partition(" ")[0] if outcome.findings else ""
