"""What other services may learn from delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from servicekit.events import Event

__all__ = ["CourierOfferAnswered", "CourierOffered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOffered(Event):
    """Free courier was offered for a case."""

    type: ClassVar[str] = "delivery.courier_offered.v1"
    case_number: str
    carrier: str
    citizen_price_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOfferAnswered(Event):
    """The applicant chose between courier and collection."""

    type: ClassVar[str] = "delivery.courier_offer_answered.v1"
    case_number: str
    by_courier: bool
