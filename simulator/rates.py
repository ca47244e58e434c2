"""How often each thing goes wrong in one schedule.

Drawn anew for each seed, and each fault is left out of some schedules: what
never happens makes room for what otherwise hides behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import Self

__all__ = ["Rates"]

LEFT_OUT = 0.25  # share of the schedules in which a fault does not occur at all

# The highest chance each fault is drawn with.
HIGHEST = {
    "crash_api": 0.4,
    "crash_worker": 0.2,
    "crash_relay": 0.2,
    "crash_jobs": 0.25,
    "database_away": 0.04,
    "answer_lost": 0.1,
    "sent_again": 0.1,
    "duplicated": 0.3,
    "reordered": 0.8,
    "unconfirmed": 0.3,
    "broker_away": 0.1,
    "late_confirm": 0.15,
    "paused": 0.1,
    "killed_idle": 0.1,
    "time_jump": 0.03,
    "interleaved": 0.25,
    "carrier_away": 0.3,
    "push_lost": 0.4,
}


@dataclass(frozen=True, slots=True)
class Rates:
    """The chance of each fault at each place where it could occur."""

    crash_api: float = 0.0
    crash_worker: float = 0.0
    crash_relay: float = 0.0
    crash_jobs: float = 0.0
    database_away: float = 0.0
    answer_lost: float = 0.0
    sent_again: float = 0.0
    duplicated: float = 0.0
    reordered: float = 0.0
    unconfirmed: float = 0.0
    broker_away: float = 0.0
    late_confirm: float = 0.0
    paused: float = 0.0
    killed_idle: float = 0.0
    time_jump: float = 0.0
    interleaved: float = 0.0
    carrier_away: float = 0.0
    push_lost: float = 0.0
    steps_between_calls: float = 2.0
    relay_batch: int = 100
    drain_limit: int = 200

    @classmethod
    def drawn(cls, random: Random) -> Self:
        """Draw the rates of a schedule."""
        chances = {
            name: 0.0 if random.random() < LEFT_OUT else random.uniform(0.1, 1.0) * highest
            for name, highest in HIGHEST.items()
        }
        return cls(
            steps_between_calls=random.choice((0.2, 1.0, 2.0, 4.0)),
            relay_batch=random.choice((1, 2, 5, 100)),
            drain_limit=random.choice((1, 3, 200)),
            **chances,
        )

    def crash(self, role: str) -> float:
        """The chance that something a process of `role` begins ends with its death."""
        return float(getattr(self, f"crash_{role}"))


if HIGHEST.keys() - {field.name for field in fields(Rates)}:
    raise TypeError("a fault has no rate")
