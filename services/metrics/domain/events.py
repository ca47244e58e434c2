"""What this service tells the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from servicekit.events import Event

__all__ = ["CaseRated", "ItemLightChanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRated(Event):
    """A case was rated (好差评).

    Source: 国办发〔2019〕51号.
    """

    type: ClassVar[str] = "metrics.case_rated.v1"
    case_number: str
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLightChanged(Event):
    """The light of an item under 最多跑一次 changed.

    Source: R2.5.
    """

    type: ClassVar[str] = "metrics.item_light_changed.v1"
    item_code: str
    red: bool
    case_number: str
    visits: int
    visits_by_courier: int
