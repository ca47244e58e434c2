"""Training records (培训记录): for which items a person was trained, and until when that counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.catalog.domain.errors import (
    PeriodEmptyError,
    TrainingNotHeldYetError,
    TrainingWithoutItemsError,
)

__all__ = ["TrainingRecord", "items_taught", "require_held", "require_items"]


@dataclass(eq=False, kw_only=True)
class TrainingRecord:
    """A training that took place; it never changes, another one is recorded beside it.

    `item_codes` are those that were taught, one by one: an item that the catalogue gets later was
    not. A new version of the rules ends no record by itself; `until_date` does.

    Source: R4.9.
    """

    training: str
    person: str
    number: int
    rules_version: str
    trained_on: date
    until_date: date | None
    item_codes: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime

    def covers(self, day: date) -> bool:
        """Tell whether the person counts as trained on `day`."""
        return self.trained_on <= day and (self.until_date is None or day < self.until_date)


def require_held(trained_on: date, until_date: date | None, today: date) -> None:
    """Refuse to record a training that has not taken place, or that never counted.

    Source: R4.9.
    """
    if trained_on > today:
        raise TrainingNotHeldYetError("not held yet", day=trained_on.isoformat())
    if until_date is not None and until_date <= trained_on:
        raise PeriodEmptyError("the training counts until a day before it was held")


def items_taught(records: Iterable[TrainingRecord], day: date) -> frozenset[str]:
    """Return the items for which somebody who has these records counts as trained on `day`.

    Source: R4.9.
    """
    return frozenset(code for each in records if each.covers(day) for code in each.item_codes)


def require_items(item_codes: Iterable[str]) -> tuple[str, ...]:
    """Return the items of a training once each, by code; there is at least one.

    Source: R4.9.
    """
    found = tuple(sorted(frozenset(item_codes)))
    if not found:
        raise TrainingWithoutItemsError("trained for nothing")
    return found
