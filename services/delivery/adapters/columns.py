"""Column types of delivery: values of the domain as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from services.delivery.domain.tracks import Track

__all__ = ["TracksColumn"]


class TracksColumn(TypeDecorator[tuple[Track, ...]]):
    """What the carrier reported, as a JSON list of pairs: instant in UTC, code."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Track, ...] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps([(each.at.astimezone(UTC).isoformat(), each.code) for each in value])

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Track, ...] | None:
        if value is None:
            return None
        return tuple(Track(datetime.fromisoformat(at), code) for at, code in json.loads(value))
