"""One legal time for many who act at once: it moves when everybody waits for it.

A district has one legal time, and each journey moves it as it goes. Here whoever asks for an
instant waits until nobody is in the middle of anything; then time moves to the earliest instant
that is asked for, and those who asked for it go on. So any number of journeys share a district,
and none of them sees time pass that it did not ask for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servicekit.clock import CHINA_STANDARD_TIME, steer

__all__ = ["Timeline", "TimelineClosedError", "midnight_after"]


class TimelineClosedError(Exception):
    """The round is over: nobody waits for an instant any more."""


@dataclass(slots=True)
class Timeline:
    """The legal time of one district, by the control file `control`."""

    control: Path
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _active: int = 0
    _asked: dict[int, datetime] = field(default_factory=dict)
    _now: datetime | None = None
    _closed: bool = False

    def join(self) -> None:
        """Take part: from now on time does not move while this one is in the middle of something.

        All who shall begin together join before the first of them asks for an instant.
        """
        with self._lock:
            self._active += 1

    def leave(self) -> None:
        with self._lock:
            self._active -= 1
            self._lock.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()

    def reach(self, instant: datetime) -> None:
        """Return when legal time is `instant`, or has been for somebody else."""
        me = threading.get_ident()
        with self._lock:
            self._asked[me] = instant
            self._lock.notify_all()  # with this one everybody may be waiting
            try:
                while not self._has_come(instant):
                    if self._closed:
                        raise TimelineClosedError(str(instant))
                    if self._is_next(instant):
                        self._move(instant)
                    else:
                        self._lock.wait()
            finally:
                del self._asked[me]
                self._lock.notify_all()

    @property
    def now(self) -> datetime | None:
        """The instant that was reached last; None before the first."""
        with self._lock:
            return self._now

    @property
    def taking_part(self) -> int:
        """How many have joined and not left."""
        with self._lock:
            return self._active

    def _has_come(self, instant: datetime) -> bool:
        return self._now is not None and instant <= self._now

    def _is_next(self, instant: datetime) -> bool:
        return len(self._asked) >= self._active and instant == min(self._asked.values())

    def _move(self, instant: datetime) -> None:
        steer(self.control, instant)
        self._now = instant
        self._lock.notify_all()


def midnight_after(instant: datetime) -> datetime:
    """Return the first midnight in Beijing after `instant`."""
    day = instant.astimezone(CHINA_STANDARD_TIME).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)
