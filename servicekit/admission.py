"""Room for calls: every class and every caller has its share, and a full house says so at once.

A process answers `running` calls at a time and lets `waiting` more wait. Part of both is kept for
each class of call, so that a flood of one leaves room for the others. Beside it one unit (a
citizen, a service) may hold half of either, and one case two commands, which its row lock would
let through one by one anyway: whoever is slow is slow alone.

Who waits is let in as room comes, first the caller with the fewest calls running. A burst may wait
for `patience`; once the queue has not been empty for as long and is longer than the room, an
eighth of it must do: a queue that never empties only makes everybody late (CoDel).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from prometheus_client import Counter as Metric
from prometheus_client import Gauge

from servicekit.errors import ExhaustedError, UnavailableError

__all__ = [
    "Admission",
    "CallClass",
    "CaseAtCapacityError",
    "ClosingError",
    "Door",
    "TooLateError",
    "UnitAtCapacityError",
    "Wish",
]

CASE_AT_ONCE: Final = 2
STANDING: Final = 8  # a queue that stands lets nobody wait longer than this part of `patience`

WAITING = Gauge("liandong_calls_waiting", "Calls that wait for room.", ["call_class"])
TURNED_AWAY = Metric(
    "liandong_calls_turned_away_total", "Calls refused for lack of room.", ["call_class", "reason"]
)


class UnitAtCapacityError(ExhaustedError):
    """The caller's unit (citizen, service) has its share of the room already."""

    reason = "UNIT_AT_CAPACITY"


class CaseAtCapacityError(ExhaustedError):
    """Too many commands at once on one case."""

    reason = "CASE_AT_CAPACITY"


class ClosingError(UnavailableError):
    """The process is about to end; another one, or the next, answers the same call."""

    reason = "CLOSING"


class TooLateError(Exception):
    """The caller's deadline passed before there was room; nothing was begun."""


class CallClass(Enum):
    """What a call is, for the share it has."""

    COMMAND = "command"
    QUERY = "query"
    QUESTION = "question"  # of another service


# The part of the room and of the queue that others cannot take from a class.
_KEPT: Final = {CallClass.COMMAND: 4, CallClass.QUERY: 8, CallClass.QUESTION: 8}


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants in: its class, whose call it is, and the case that a command is about."""

    call_class: CallClass
    caller: str
    case: str = ""


@dataclass(eq=False, slots=True)
class _Waiter:
    wish: Wish
    room: threading.Event = field(default_factory=threading.Event)


class _Places:
    """A number of places with shares: the same rules for those who run and those who wait."""

    def __init__(self, size: int, *, a_caller: int, a_case: int) -> None:
        self.size = size
        self.a_caller = max(1, a_caller)
        self.a_case = max(1, a_case)
        self._kept = {each: size // part for each, part in _KEPT.items()}
        self.taken = 0
        self._classes: Counter[CallClass] = Counter()
        self._callers: Counter[str] = Counter()
        self._cases: Counter[str] = Counter()

    def has_room_for(self, wish: Wish) -> bool:
        """Tell whether class, caller and case leave a place for one more."""
        return self._class_has(wish.call_class) and not self.is_too_many(wish)

    def is_too_many(self, wish: Wish) -> type[ExhaustedError] | None:
        """Return why this caller or this case may not have one more, whatever room there is."""
        if self.a_caller < self.size and self._callers[wish.caller] >= self.a_caller:
            return UnitAtCapacityError
        if wish.case and self._cases[wish.case] >= self.a_case:
            return CaseAtCapacityError
        return None

    def _class_has(self, wanted: CallClass) -> bool:
        free = self.size - self.taken
        if self._classes[wanted] < self._kept[wanted]:
            return free > 0
        kept_for_others = sum(
            max(0, kept - self._classes[each])
            for each, kept in self._kept.items()
            if each is not wanted
        )
        return free > kept_for_others

    def of(self, caller: str) -> int:
        return self._callers[caller]

    def take(self, wish: Wish) -> None:
        self._change(wish, 1)

    def give_back(self, wish: Wish) -> None:
        self._change(wish, -1)

    def _change(self, wish: Wish, by: int) -> None:
        self.taken += by
        self._classes[wish.call_class] += by
        for counter, key in ((self._callers, wish.caller), (self._cases, wish.case)):
            if key:
                counter[key] += by
                if not counter[key]:
                    del counter[key]  # so that it cannot grow


class Admission:
    """Lets calls in, lets them wait, or turns them away. Safe to share between threads."""

    def __init__(
        self,
        running: int,
        waiting: int,
        *,
        patience: float = 0.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.capacity = running + waiting
        self._patience = patience
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._running = _Places(running, a_caller=running // 2, a_case=CASE_AT_ONCE)
        self._queue = _Places(waiting, a_caller=waiting // 2, a_case=waiting // 4)
        self._waiters: list[_Waiter] = []
        self._was_empty_at = float("-inf")

    @contextmanager
    def room(self, wish: Wish, time_left: float | None) -> Iterator[None]:
        """Hold room for one call, or raise what says why there is none.

        Raises `TooLateError` once the caller's `time_left` is over: nobody
        would hear the answer.
        """
        try:
            self._enter(wish, time_left)
        except ExhaustedError as error:
            TURNED_AWAY.labels(wish.call_class.value, error.reason).inc()
            raise
        try:
            yield
        finally:
            self._leave(wish)

    def _enter(self, wish: Wish, time_left: float | None) -> None:
        with self._lock:
            if not self._waiters:
                self._was_empty_at = self._monotonic()
            if self._running.has_room_for(wish):
                self._running.take(wish)
                return
            waiter, limit = self._queue_up(wish), self._limit()
        with WAITING.labels(wish.call_class.value).track_inprogress():
            waiter.room.wait(limit if time_left is None else min(limit, time_left))
        with self._lock:
            if waiter.room.is_set():
                return
            self._waiters.remove(waiter)
            self._queue.give_back(wish)
        if time_left is not None and time_left <= limit:
            raise TooLateError
        raise self._refusal(wish, self._running)

    def _queue_up(self, wish: Wish) -> _Waiter:
        if not self._queue.has_room_for(wish):
            raise self._refusal(wish, self._queue)
        waiter = _Waiter(wish)
        self._queue.take(wish)
        self._waiters.append(waiter)
        return waiter

    @staticmethod
    def _refusal(wish: Wish, places: _Places) -> ExhaustedError:
        why = places.is_too_many(wish)
        if why is UnitAtCapacityError:
            return UnitAtCapacityError("The unit has too many calls", limit=str(places.a_caller))
        if why is CaseAtCapacityError:
            return CaseAtCapacityError("Too many commands on one case", case=wish.case)
        return ExhaustedError("Too many calls at once", call_class=wish.call_class.value)

    def _limit(self) -> float:
        stands = (
            self._queue.taken > self._running.size  # a shorter one is over soon in any case
            and self._monotonic() - self._was_empty_at > self._patience
        )
        return self._patience / STANDING if stands else self._patience

    def _leave(self, wish: Wish) -> None:
        with self._lock:
            self._running.give_back(wish)
            while (waiter := self._next()) is not None:
                self._waiters.remove(waiter)
                self._queue.give_back(waiter.wish)
                self._running.take(waiter.wish)
                waiter.room.set()

    def _next(self) -> _Waiter | None:
        """The first of those who may run now, of the caller with the fewest running."""
        may_run = (each for each in self._waiters if self._running.has_room_for(each.wish))
        return min(may_run, key=lambda each: self._running.of(each.wish.caller), default=None)


class Door:
    """Where calls come in from the network: counts them, and closes for the end of the process."""

    def __init__(self, *, knows_peers: bool = False) -> None:
        self.knows_peers = knows_peers  # by the certificates that they must show
        self._inside = 0
        self._is_closing = False
        self._changed = threading.Condition()

    def enter(self) -> None:
        """Count one call more; raise `ClosingError` once the door closes."""
        with self._changed:
            if self._is_closing:
                raise ClosingError("The process is about to end")
            self._inside += 1

    def leave(self) -> None:
        """Count one call less: its answer is on its way."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def close(self, patience: float) -> bool:
        """Let nobody in any more; tell whether all inside were done within `patience` seconds."""
        with self._changed:
            self._is_closing = True
            return self._changed.wait_for(lambda: not self._inside, timeout=patience)
