"""Column types of intake: values of the domain as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from services.intake.domain.values import ItemMaterial, ItemTerms, Limit, Necessity
from workdays import Start, Unit

__all__ = ["FactsColumn", "PersonsColumn", "TermsColumn"]


class PersonsColumn(TypeDecorator[tuple[str, ...]]):
    """Opaque identities, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class FactsColumn(TypeDecorator[Mapping[str, str]]):
    """The facts of a timeline entry, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else dict(json.loads(value))


class TermsColumn(TypeDecorator[ItemTerms]):
    """The version of an item as it was when the case was received, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: ItemTerms | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(asdict(value), ensure_ascii=False, sort_keys=True, default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> ItemTerms | None:
        return None if value is None else _terms(json.loads(value))


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return value.name
    raise TypeError(f"{value!r} has no place in a version")


def _terms(raw: dict[str, Any]) -> ItemTerms:
    raw["statutory_limit"] = _limit(raw["statutory_limit"])
    raw["promised_limit"] = _limit(raw["promised_limit"])
    raw["legal_bases"] = tuple(raw["legal_bases"])
    raw["materials"] = tuple(
        ItemMaterial(**{**each, "necessity": Necessity[each["necessity"]]})
        for each in raw["materials"]
    )
    return ItemTerms(**raw)


def _limit(raw: dict[str, Any] | None) -> Any:
    if raw is None:
        return None
    return Limit(raw["amount"], Unit[raw["unit"]], Start[raw["start"]], raw["source"])
