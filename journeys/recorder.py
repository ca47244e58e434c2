"""What a journey leaves behind for people: steps in Chinese, refusals, what was read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from journeys.errors import JourneyError
from servicekit.grpc_errors import Refusal

__all__ = ["Journey", "Recorder", "expect"]


def expect(what: str, *, holds: bool) -> None:
    """End the journey unless `what` holds."""
    if not holds:
        raise JourneyError(f"does not hold: {what}")


def _silent(_line: str) -> None:
    """Nobody is looking."""


@dataclass(slots=True)
class Recorder:
    """Collects the steps of one journey and shows them as they happen."""

    show: Callable[[str], None] = _silent
    steps: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def step(self, text: str) -> None:
        self.steps.append(text)
        self.show(f"  {len(self.steps):2d}. {text}")

    def refusal(self, attempt: str, refusal: Refusal, *, rule: str, reason: str) -> None:
        """Record an attempt that was refused as the law demands."""
        expect(f"{attempt}: {reason}, not {refusal.reason}", holds=refusal.reason == reason)
        expect(f"{attempt}: {rule}, not {refusal.rule}", holds=refusal.rule == rule)
        expect(f"{attempt} is explained in Chinese", holds=bool(refusal.text))
        self.refusals.append(refusal)
        self.step(f"【被拒绝 {refusal.rule or refusal.reason}】{attempt}——{refusal.text}")


@dataclass(frozen=True, slots=True)
class Journey:
    """A course of a case: its number in the plan of tests, its title, and how it goes."""

    id: str
    title: str
    run: Callable[..., str]
