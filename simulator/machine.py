"""What a process takes from the machine: its time and its randomness, both made by the seed.

Legal time runs at a distance from the machine's, as in every rehearsal: a
journey takes nine days of the law and some minutes of the machine.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from servicekit.clock import FixedClock, SystemClock

__all__ = ["LegalTime", "SimulatedTime", "seeded_machine"]


class SimulatedTime(FixedClock):
    """The machine's clock, for all processes; it only moves forward, when it is told to."""

    def pass_by(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def julian_day(self, *_arguments: object) -> float:
        """Return what the database takes for its own time, which leases are judged by."""
        return self.instant.timestamp() / 86400.0 + 2440587.5


class LegalTime(SystemClock):
    """The clock that the law is counted by: the machine's, and as far ahead as it was moved."""

    def __init__(self, machine: SimulatedTime) -> None:
        self._machine = machine
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._machine.instant + self._ahead

    def move_to(self, instant: datetime) -> None:
        """Move to `instant`, unless time has gone on beyond it already."""
        self._ahead = max(self._ahead, instant - self._machine.instant)


@contextmanager
def seeded_machine(clock: SimulatedTime, seed: str) -> Iterator[None]:
    """Let everything in this process see the simulated time and the seed's randomness."""
    random = Random(seed)  # noqa: S311 -- a simulation must be repeatable

    def token_bytes(size: int = 32) -> bytes:
        return random.randbytes(size)

    def choice(sequence: Sequence[Any]) -> Any:
        return random.choice(sequence)

    replaced: tuple[tuple[Any, str, Any], ...] = (
        (SystemClock, "now", lambda _self: clock.now()),
        (uuid, "uuid4", lambda: uuid.UUID(int=random.getrandbits(128), version=4)),
        (secrets, "token_bytes", token_bytes),
        (secrets, "token_hex", lambda size=32: token_bytes(size).hex()),
        (secrets, "choice", choice),
    )
    with ExitStack() as stack:
        for owner, name, instead in replaced:
            stack.enter_context(patch.object(owner, name, instead))
        yield
