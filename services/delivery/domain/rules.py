"""The rules of delivery. Each function states one clause and cites it."""

from __future__ import annotations

from enum import Enum
from typing import Final

from services.delivery.domain.errors import CourierNotFreeError, NotThePostalEnterpriseError

__all__ = [
    "CITIZEN_PRICE_FEN",
    "PAYER_ACCOUNT",
    "POSTAL_ENTERPRISE",
    "Content",
    "Direction",
    "citizen_price_fen",
    "courier_must_be_offered",
    "may_carry",
    "require_free",
    "require_may_carry",
]

POSTAL_ENTERPRISE: Final = "EMS"
CITIZEN_PRICE_FEN: Final = 0
PAYER_ACCOUNT: Final = "370306-FINANCE"


class Direction(Enum):
    """Which way a parcel goes, seen from the centre."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"

    @property
    def short(self) -> str:
        """As it stands in the identity of a shipment: "IN", "OUT"."""
        return self.name.removesuffix("BOUND")


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


def require_may_carry(carrier: str, direction: Direction, content: Content) -> None:
    """Refuse a carrier that may not carry the parcel; a fine of up to 200,000 yuan is its price.

    Source: 邮政法 第五十五条, 第七十二条.
    """
    if not may_carry(carrier, direction, content):
        raise NotThePostalEnterpriseError("Only the postal enterprise may", carrier=carrier)


def require_free(fee_fen: int, *, case: str) -> None:
    """Refuse a request that would make the citizen pay for courier, either way.

    Source: R2.7.
    """
    if fee_fen != citizen_price_fen():
        raise CourierNotFreeError("Courier is free", case=case, fee=str(fee_fen))


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
