"""Column types of review, and the value objects that are kept in several columns."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Dialect, Enum, Integer, Table, Text
from sqlalchemy.types import TypeDecorator

from servicekit.database import UTCDateTime
from services.review.domain.acts import (
    ExtensionApprover,
    ExtensionTerms,
    ProcedureTerms,
    SpecialProcedureKind,
)
from services.review.domain.clocks import Clock, SourcedLimit
from workdays import Due, ExcludedPeriod, Start, Unit

__all__ = [
    "ExtensionTermsText",
    "Names",
    "Periods",
    "ProcedureTermsText",
    "clock_columns",
    "clock_of",
    "clock_values",
    "columns_of_clock",
]

_PARTS = (
    "amount",
    "unit",
    "start",
    "source",
    "started_at",
    "due_on",
    "due_provisional",
    "excluded",
)


class Names(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Periods(TypeDecorator[tuple[ExcludedPeriod, ...]]):
    """Excluded periods as a JSON array of [after, until]."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[ExcludedPeriod, ...] | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        return json.dumps([[each.after.isoformat(), each.until.isoformat()] for each in value])

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[ExcludedPeriod, ...] | None:
        if value is None:
            return None
        return tuple(
            ExcludedPeriod(date.fromisoformat(after), date.fromisoformat(until))
            for after, until in json.loads(value)
        )


class ExtensionTermsText(TypeDecorator[ExtensionTerms]):
    """How the limit may be extended, as a JSON object; empty where it may not."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: ExtensionTerms | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(asdict(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> ExtensionTerms | None:
        if value is None:
            return None
        found = json.loads(value)
        found["unit"] = Unit(found["unit"])
        found["approver"] = ExtensionApprover(found["approver"])
        return ExtensionTerms(**found)


class ProcedureTermsText(TypeDecorator[tuple[ProcedureTerms, ...]]):
    """The procedures whose time would not count, as a JSON array of objects."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[ProcedureTerms, ...] | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        return json.dumps([asdict(each) for each in value], ensure_ascii=False)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[ProcedureTerms, ...] | None:
        if value is None:
            return None
        return tuple(
            ProcedureTerms(**{**each, "kind": SpecialProcedureKind(each["kind"])})
            for each in json.loads(value)
        )


def clock_columns(prefix: str, name: str, *, nullable: bool) -> tuple[Column[Any], ...]:
    """Return the columns that hold one clock; all of them empty where there is none."""
    types: tuple[tuple[Any, str], ...] = (
        (Integer, "时限数值"),
        (Enum(Unit, native_enum=False, length=20), "时限单位"),
        (Enum(Start, native_enum=False, length=20), "时限起算"),
        (Text, "时限依据"),
        (UTCDateTime, "起算时间"),
        (Date, "届满日"),
        (Boolean, "届满日是否暂定"),
        (Periods, "不计入的期间"),
    )
    return tuple(
        Column(f"{prefix}_{part}", kind, nullable=nullable, comment=f"{name}{comment}")
        for part, (kind, comment) in zip(_PARTS, types, strict=True)
    )


def columns_of_clock(table: Table, prefix: str) -> tuple[Column[Any], ...]:
    """Return the columns of `clock_columns`, in the order of `clock_of`."""
    return tuple(table.c[f"{prefix}_{part}"] for part in _PARTS)


def clock_of(*row: Any) -> Clock | None:
    """Return the clock that the columns of one hold, in their order."""
    amount, unit, start, source, started_at, due_on, due_provisional, excluded = row
    if amount is None:
        return None
    return Clock(
        limit=SourcedLimit(amount, unit, start, source),
        started_at=started_at,
        due=Due(due_on, due_provisional),
        excluded=excluded,
    )


def clock_values(clock: Clock) -> tuple[object, ...]:
    """Return what a row holds of a clock, in the order of `clock_of`."""
    limit, last = clock.limit, clock.due
    return (
        limit.amount,
        limit.unit,
        limit.start,
        limit.source,
        clock.started_at,
        last.on,
        last.provisional,
        clock.excluded,
    )
