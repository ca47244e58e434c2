"""Decides, from one seed, who goes next, who dies, and when.

There are no threads. A process that has begun something is interrupted only
at its boundaries: around a commit, around a call to another service, while it
publishes. At a boundary it may die (`Crash`), and where it holds no
transaction, others may go first; they run on top of it, so a relay can lose
its lease while its confirms are late, and a job can be taken over.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from simulator.databases import database_away
from simulator.machine import SimulatedTime
from simulator.rates import Rates

__all__ = ["Actor", "Crash", "Scheduler", "Step", "StepSource", "StuckError"]

PATIENCE = 12  # nudges without effect; together longer than the longest pause of a job
DEEPEST = 3  # processes on top of each other
# Where the last of the chosen deaths comes: as far as such a process usually gets.
LATEST_BOUNDARY = {"api": 4, "worker": 3, "relay": 8, "jobs": 9}
PASSING = 0.02  # seconds that one step takes at most
NUDGE = 11.0  # seconds to the next look when nothing is left to do; longer than a lease


class Crash(BaseException):
    """A process dies here. No `except Exception` stops it, as nothing stops a kill -9."""


class StuckError(Exception):
    """Nothing is left to do, and what is waited for has not come."""


class Actor(Protocol):
    """A process of a service; each life of it is a generation."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def generation(self) -> int: ...
    def die(self) -> None:
        """Lose all that is not in a database."""


@dataclass(slots=True)
class Frame:
    """Something a process is in the middle of; `left` counts boundaries to its death."""

    actor: Actor
    generation: int
    left: int | None
    open: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that could be done now; what is `aside` is no reason to go on."""

    weight: float
    name: str
    run: Callable[[], None]
    aside: bool = False


class StepSource(Protocol):
    """Knows what could be done now by one part of the district."""

    def steps(self) -> Iterable[Step]: ...
    def nudge(self) -> None:
        """Look again at everything, as the sweeps of production do."""


@dataclass(slots=True)
class Scheduler:
    """One schedule: its dice, its clock, what it has done and what it has found."""

    random: Random
    clock: SimulatedTime
    rates: Rates
    sources: list[StepSource] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    taken: int = 0
    progress: int = 0  # events and jobs written, messages delivered
    changes: int = 0  # the same, and whatever else may have changed what a reader sees
    shown: Counter[str] = field(default_factory=Counter)  # writes of what a service shows
    asked: set[str] = field(default_factory=set)  # services that were asked since it was cleared
    on_write: Callable[[str, str], None] = lambda _database, _what: None
    _trace: Any = field(default_factory=hashlib.sha256)
    log: Callable[[str], None] | None = None

    # --- what the databases tell -------------------------------------------------------------

    def begins(self, transaction: int) -> None:
        if self.frames:
            self.frames[-1].open.add(transaction)

    def ends(self, transaction: int) -> None:
        for frame in self.frames:
            frame.open.discard(transaction)

    def writes(self, database: str, what: str) -> None:
        self.progress += 1
        self.changes += 1
        self.on_write(database, what)

    def shows(self, database: str) -> None:
        self.shown[database] += 1

    def now(self) -> float:
        return self.clock.julian_day()

    def before_commit(self, database: str) -> None:
        if not self.frames:
            return
        self.may_die("before_commit")
        if self.happens("database_away"):
            self.note(f"database.away {database}", fault="database.away")
            raise database_away()

    def after_commit(self, database: str) -> None:
        if self.frames:
            self.may_die("after_commit")
            self.let_others()

    # --- boundaries --------------------------------------------------------------------------

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[None]:
        """Let `actor` do something. Its death ends the block with `Crash`."""
        left = None
        if self.chance(self.rates.crash(actor.role)):
            left = self.random.randint(1, LATEST_BOUNDARY[actor.role])
        frame = Frame(actor, actor.generation, left)
        self.frames.append(frame)
        try:
            yield
        except Crash:
            if actor.generation == frame.generation:
                actor.die()
            raise
        finally:
            self.frames.remove(frame)

    def may_die(self, where: str) -> None:
        """Pass a boundary, or die at it."""
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.left is None:
            return
        frame.left -= 1
        if frame.left <= 0:
            frame.left = None
            fault = f"{frame.actor.role}.crash.{where}"
            self.note(f"{fault} {frame.actor.name}", fault=fault)
            raise Crash(frame.actor.name)

    def let_others(self) -> None:
        """Let other processes go first, where the one that acts holds no transaction."""
        if len(self.frames) < DEEPEST and self.happens("interleaved"):
            self.go_on(self.random.randint(1, 4))

    def outside(self, what: str) -> None:
        """Pass the boundary of a process that leaves itself: it must not hold a transaction."""
        if self.frames and self.frames[-1].open:
            self.wrong.append(f"{self.frames[-1].actor.name}: {what} inside a transaction")
        self.may_die(what)
        self.let_others()

    def is_acting(self, actor: Actor) -> bool:
        return any(frame.actor is actor for frame in self.frames)

    # --- dice --------------------------------------------------------------------------------

    def chance(self, chance: float) -> bool:
        return chance > 0.0 and self.random.random() < chance

    def happens(self, fault: str) -> bool:
        return self.chance(getattr(self.rates, fault))

    def note(self, line: str, *, fault: str = "") -> None:
        """Keep what was done, for the fingerprint of the schedule."""
        if fault:
            self.faults[fault] += 1
        self._trace.update(line.encode() + b"\n")
        if self.log is not None:
            self.log(f"{self.clock.instant:%m-%d %H:%M:%S.%f} {'  ' * len(self.frames)}{line}")

    @property
    def fingerprint(self) -> str:
        return str(self._trace.hexdigest())

    # --- steps -------------------------------------------------------------------------------

    def go_on(self, steps: int) -> int:
        """Take at most `steps` steps; return how many there were to take."""
        for done in range(steps):
            if not self.step():
                return done
        return steps

    def step(self) -> bool:
        """Do one of the things that could be done; False if there is none."""
        possible = [step for source in self.sources for step in source.steps()]
        if all(step.aside for step in possible):
            return False
        chosen = self._pick(possible)
        self.taken += 1
        self.note(chosen.name)
        chosen.run()
        self.clock.pass_by(self.random.uniform(0.0, PASSING))
        if self.happens("time_jump"):
            seconds = self.random.choice((1.0, 12.0, 65.0))
            self.note(f"time.jump {seconds}", fault="time.jump")
            self.clock.pass_by(seconds)
        return True

    def _pick(self, possible: Sequence[Step]) -> Step:
        place = self.random.random() * sum(step.weight for step in possible)
        for step in possible:
            place -= step.weight
            if place < 0.0:
                return step
        return possible[-1]

    def between_calls(self) -> None:
        """Let the district work while nobody calls."""
        mean = self.rates.steps_between_calls
        while self.chance(mean / (1.0 + mean)):
            if not self.step():
                return

    def nudge(self, times: int = 1) -> None:
        """Let the time pass after which everybody looks again by themselves."""
        self.clock.pass_by(NUDGE * times)
        for source in self.sources:
            source.nudge()

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Let the district work until `holds`; raise `StuckError` when it never will.

        Where `holds` asks services, it is asked again once one of them has written
        something that it shows, and in any case after time has passed.
        """
        in_vain, seen, looked = 0, self.progress, -1
        shown: dict[str, int] = {}
        while in_vain < PATIENCE:
            if looked == -1 or (looked != self.changes and self._may_look_otherwise(shown)):
                looked, before = self.changes, self.shown.copy()
                self.asked.clear()
                if holds():
                    return
                shown = {service: before[service] for service in self.asked}
            if self.go_on(self.random.randint(1, 12)):
                continue
            looked = -1
            in_vain = 0 if self.progress > seen else in_vain + 1
            seen = self.progress
            self.nudge(1 + in_vain)
        raise StuckError(f"waited in vain for: {what}")

    def _may_look_otherwise(self, shown: Mapping[str, int]) -> bool:
        """Tell whether what was asked of services may have another answer by now."""
        return not shown or any(self.shown[service] != times for service, times in shown.items())
