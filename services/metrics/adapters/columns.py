"""Columns that hold more than one value."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from services.metrics.domain.facts import AuthorityFacts, Parcel

__all__ = ["AuthoritiesColumn", "CodesColumn", "ParcelsColumn"]


class AuthoritiesColumn(TypeDecorator[tuple[AuthorityFacts, ...]]):
    """The authorities of a case, as a JSON list by code: equal facts are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[AuthorityFacts, ...] | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        return json.dumps([asdict(each) for each in value], sort_keys=True, default=_plain)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[AuthorityFacts, ...] | None:
        return None if value is None else tuple(_authority(each) for each in json.loads(value))


class CodesColumn(TypeDecorator[tuple[str, ...]]):
    """Codes in order, as a JSON list: equal codes are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class ParcelsColumn(TypeDecorator[tuple[Parcel, ...]]):
    """The parcels of a case, as a JSON list of pairs by shipment."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Parcel, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[Parcel, ...] | None:
        return None if value is None else tuple(Parcel(*each) for each in json.loads(value))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place among the facts of an authority")


def _authority(raw: dict[str, Any]) -> AuthorityFacts:
    decided_at = raw.pop("decided_at")
    return AuthorityFacts(
        **raw | {"promise_due_on": date.fromisoformat(raw["promise_due_on"])},
        decided_at=None if decided_at is None else datetime.fromisoformat(decided_at),
    )
