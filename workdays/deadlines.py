"""The end of a period: the day, the instant, and whether it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

CHINA_STANDARD_TIME: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """The last day of a period.

    `provisional` (暂定): the day rests on a year whose notice is not published, and is to
    be computed again when it is.
    """

    on: date
    provisional: bool = False

    @property
    def at(self) -> datetime:
        """The instant before which an act sent electronically is in time."""
        return deadline_instant(self.on)


@dataclass(frozen=True, slots=True, order=True)
class DueInstant:
    """The instant before which an act is in time."""

    at: datetime
    provisional: bool = False


def deadline_instant(day: date) -> datetime:
    """Return 24:00 of `day` in China, in UTC: an act is in time if it is strictly earlier.

    Channels that never close have the whole day; an office has its own closing hour.

    Source: 民法典 第二百零三条第二款.
    """
    midnight = datetime.combine(day, time.min, CHINA_STANDARD_TIME) + timedelta(days=1)
    return midnight.astimezone(UTC)
