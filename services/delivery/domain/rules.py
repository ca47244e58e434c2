"""The rules of delivery. Each function states one clause and cites it."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = [
    "CITIZEN_PRICE_FEN",
    "PAYER_ACCOUNT",
    "POSTAL_ENTERPRISE",
    "Content",
    "Direction",
    "citizen_price_fen",
    "courier_must_be_offered",
    "may_carry",
]

POSTAL_ENTERPRISE: Final = "EMS"
CITIZEN_PRICE_FEN: Final = 0
PAYER_ACCOUNT: Final = "370306-FINANCE"


class Direction(Enum):
    """Which way a parcel goes, seen from the centre."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class Content(Enum):
    """What a parcel contains, as far as the law distinguishes."""

    OFFICIAL_DOCUMENT = "OFFICIAL_DOCUMENT"
    APPLICATION_MATERIAL = "APPLICATION_MATERIAL"


def may_carry(carrier: str, direction: Direction, content: Content) -> bool:
    """Tell whether `carrier` may carry the parcel.

    Couriers other than the postal enterprise may not carry documents of
    state organs; decisions and certificates are such documents.

    Source: 邮政法 第五十五条.
    """
    if direction is Direction.OUTBOUND or content is Content.OFFICIAL_DOCUMENT:
        return carrier == POSTAL_ENTERPRISE
    return True


def citizen_price_fen() -> int:
    """Return what the citizen pays for courier: nothing, both ways.

    Source: R2.7; R2.8 (the district's finance pays).
    """
    return CITIZEN_PRICE_FEN


def courier_must_be_offered(*, courier_offered: bool) -> bool:
    """Tell whether a case needs an offer of free courier.

    The catalogue says for each version whether its result is on paper and
    offered by courier; an item without one needs a reason there.

    Source: R2.9.
    """
    return courier_offered
