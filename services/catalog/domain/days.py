"""From an instant to the day it falls on in China."""

from __future__ import annotations

from datetime import date, datetime

from workdays import CHINA_STANDARD_TIME

__all__ = ["civil_day"]


def civil_day(instant: datetime) -> date:
    """Return the day on which `instant` falls in China."""
    return instant.astimezone(CHINA_STANDARD_TIME).date()
