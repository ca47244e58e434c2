"""What the catalogue declares of an item, and its light under 最多跑一次."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.metrics.domain import rules
from services.metrics.domain.events import ItemLightChanged
from services.metrics.domain.facts import CaseFacts
from workdays import Limit

__all__ = ["ON_THE_SPOT", "PERMIT", "PROMISED", "WINDOW", "DeclaredItem", "in_force", "light_of"]

PERMIT: Final = "01"  # 行政许可, GB/T 39046 A.1
PROMISED: Final = "PROMISED"  # how an item is handled: 承诺件, GB/T 39046 A.6
ON_THE_SPOT: Final = "ON_THE_SPOT"  # 即办件
WINDOW: Final = "WINDOW"  # kind of unit: a comprehensive window (综合窗口)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredItem:
    """One published version of an item, as far as it is counted."""

    item_version: str
    item_code: str
    name: str = ""
    authority: str = ""
    item_type: str = PERMIT
    admitted: bool = True
    declared_visits: int = 0
    declared_fully_online: bool = False
    excluded_from_online: bool = False
    courier_offered: bool = False
    in_force_from: date = date.min
    in_force_until: date | None = None
    handling: str = PROMISED
    statutory_limit: Limit | None = None
    promised_limit: Limit | None = None
    result_physical: bool = False

    @property
    def has_comparable_limits(self) -> bool:
        """True if it is a promised item whose promise and law are counted in one unit.

        Source: domain.md 2.6.
        """
        statutory, promised = self.statutory_limit, self.promised_limit
        return (
            self.handling == PROMISED
            and statutory is not None
            and promised is not None
            and statutory.unit == promised.unit
        )

    @property
    def number(self) -> int:
        """Place among the versions of the item, from its identity `<item_code>@<number>`."""
        return version_number(self.item_version)


def version_number(item_version: str) -> int:
    """Return the number in `<item_code>@<number>`, 0 where there is none."""
    digits = item_version.rpartition("@")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def in_force(versions: Iterable[DeclaredItem], on: date) -> list[DeclaredItem]:
    """Return the version of each item that is in force on a day, by code of the item.

    It is the one that came into force last; of two on one day, the later
    published. An item whose last version has ended is in force no more.
    """
    latest: dict[str, DeclaredItem] = {}
    for version in versions:
        if version.in_force_from > on:
            continue
        rival = latest.get(version.item_code)
        if rival is None or (rival.in_force_from, rival.number) < (
            version.in_force_from,
            version.number,
        ):
            latest[version.item_code] = version
    return [
        version
        for _, version in sorted(latest.items())
        if version.in_force_until is None or on < version.in_force_until
    ]


def light_of(facts: CaseFacts) -> ItemLightChanged | None:
    """Return the red light that `facts` show for their item, or None while they show none.

    The first such case turns the item red, and it stays red until it is
    explained; later cases change nothing.

    Source: R2.5.
    """
    if not rules.took_too_many_visits(facts):
        return None
    return ItemLightChanged(
        item_code=facts.item_code,
        red=True,
        case_number=facts.case_number,
        visits=facts.visits,
        visits_by_courier=rules.visits_by_courier(facts),
    )
