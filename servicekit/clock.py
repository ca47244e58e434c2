"""Time, as the law counts it: instants in UTC, days in China Standard Time.

This is the only module that reads the machine's clock for legal time.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

__all__ = [
    "CHINA_STANDARD_TIME",
    "Clock",
    "FixedClock",
    "SteeredClock",
    "SystemClock",
    "civil_day",
    "steer",
]

CHINA_STANDARD_TIME = timezone(timedelta(hours=8), "CST")


def civil_day(instant: datetime) -> date:
    """Return the day on which `instant` falls in China."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime is not an instant")
    return instant.astimezone(CHINA_STANDARD_TIME).date()


class Clock(Protocol):
    """Tells legal time. Stamped once, where a command enters, and then stored."""

    def now(self) -> datetime: ...
    def today(self) -> date: ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return civil_day(self.now())


class FixedClock(SystemClock):
    """Stands at `instant` until it is moved; for tests and the simulator."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


class SteeredClock(SystemClock):
    """Runs ahead of the machine's time by what a control file says.

    The file holds `{"offset_seconds": 3600.0}`. It is read again at every
    call, so that all processes of a test district move together. A
    production configuration refuses to use it (`config.py`).
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        # No cache by modification time: two changes within one tick of the file
        # system would look like one.
        control = json.loads(self._path.read_text(encoding="utf-8"))
        return datetime.now(UTC) + timedelta(seconds=float(control["offset_seconds"]))


def steer(path: Path, to: datetime) -> None:
    """Make every `SteeredClock` on `path` show `to` from now on."""
    offset = (to - datetime.now(UTC)).total_seconds()
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"offset_seconds": offset}), encoding="utf-8")
    fresh.replace(path)
