"""What happens in the catalogue. Field names are those of `catalog_events.proto`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from servicekit.events import Event
from services.catalog.domain.terms import ItemLimit

__all__ = [
    "CalendarYearImported",
    "ItemFlagged",
    "ItemVersionPublished",
    "LetterSigned",
    "UnitRegistered",
    "WindowMerged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersionPublished(Event):
    """A version of a service item was published (事项版本发布)."""

    type: ClassVar[str] = "catalog.item_version_published.v1"
    item_code: str
    item_version: str
    name: str
    authority: str
    item_type: str
    admitted: bool
    declared_visits: int
    declared_fully_online: bool
    excluded_from_online: bool
    courier_offered: bool
    in_force_from_date: date
    handling: str = ""
    statutory_limit: ItemLimit | None = None
    promised_limit: ItemLimit | None = None
    result_physical: bool = False
    in_force_until_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered(Event):
    """An organisational unit was registered or changed (组织机构)."""

    type: ClassVar[str] = "catalog.unit_registered.v1"
    unit: str
    name: str
    level: int
    kind: str
    unit_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSigned(Event):
    """A letter of authorisation was signed (授权书)."""

    type: ClassVar[str] = "catalog.letter_signed.v1"
    letter: str
    authority: str
    window_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYearImported(Event):
    """The official calendar of a year was imported (放假安排)."""

    type: ClassVar[str] = "catalog.calendar_year_imported.v1"
    year: int
    notice: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFlagged(Event):
    """An item was flagged for too many visits, or the flag was taken back (R2.5)."""

    type: ClassVar[str] = "catalog.item_flagged.v1"
    item_code: str
    red: bool
    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowMerged(Event):
    """A window was merged into another, which hands out its results from that day (readings 6)."""

    type: ClassVar[str] = "catalog.window_merged.v1"
    window_unit: str
    successor: str
    from_date: date
