"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from simulator.work import Work

__all__ = ["Ground", "Plant"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fault is planted in: the work of a schedule, its folder, dice of its own."""

    work: Work
    folder: Path
    random: Random = field(default_factory=lambda: Random("plant"))  # noqa: S311 -- repeatable


Plant = Callable[[Ground], AbstractContextManager[None]]
