"""Values as SQLite and PostgreSQL give them back, made alike."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

__all__ = ["as_json", "as_names", "as_object", "civil_day", "day", "flag", "instant", "octets"]


def instant(value: Any) -> datetime | None:
    """Return an instant in UTC; SQLite has text without a zone, which is UTC."""
    if value is None:
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime):
        raise TypeError(f"{value!r} is no instant")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def day(value: Any) -> date | None:
    if value is None:
        return None
    found = date.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, date):
        raise TypeError(f"{value!r} is no day")
    return found


def flag(value: Any) -> bool | None:
    return None if value is None else bool(value)


def octets(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def as_json(value: Any) -> Any:
    """Return what a JSON column holds, whether the driver decoded it or not."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def as_object(value: Any) -> dict[str, Any]:
    found = as_json(value)
    if not isinstance(found, dict):
        raise TypeError(f"{str(value)[:80]} is no JSON object")
    return found


def as_names(value: Any) -> tuple[str, ...]:
    found = as_json(value)
    if not isinstance(found, list):
        raise TypeError(f"{str(value)[:80]} is no JSON array")
    return tuple(str(name) for name in found)


def civil_day(at: datetime) -> date:
    """Return the day on which an instant falls in China, which has no summer time."""
    return datetime.fromtimestamp(at.timestamp() + 8 * 3600, UTC).date()
