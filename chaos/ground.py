"""What faults strike: a district with all that runs on it, and what they leave to be explained."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from chaos.district import ChaosDistrict
from chaos.load import Load
from chaos.supervisor import Supervisor
from chaos.timeline import Timeline

__all__ = ["Ground", "Poison", "UnableError", "insist"]

T = TypeVar("T")

INSIST_S: Final = 120.0
PAUSE_S: Final = 0.25


class UnableError(Exception):
    """A fault could not be made: the round proves less than it should."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A case that a consumer is made to fail on, until `cure` is called."""

    consumer: str
    case_number: str
    reason: str
    cure: Callable[[], None]


@dataclass(slots=True)
class Ground:
    """One round's district, who acts on it, and what was found and counted."""

    district: ChaosDistrict
    supervisor: Supervisor
    timeline: Timeline
    load: Load
    findings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    poisons: list[Poison] = field(default_factory=list)
    # Bodies that were put into a queue on purpose although nobody can read them, by queue.
    garbage: defaultdict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))


def insist(what: str, act: Callable[[], T], *trouble: type[Exception]) -> T:
    """Do what another fault may hinder, again and again; `UnableError` when it never succeeds."""
    deadline = time.monotonic() + INSIST_S
    while True:
        try:
            return act()
        except trouble as error:
            if time.monotonic() > deadline:
                raise UnableError(f"{what}: {error}") from error
            time.sleep(PAUSE_S)
