"""What a carrier reports of a parcel, and what it means.

Only instants and codes are kept: the carrier's own words name persons,
telephones and doors.

Source: 个人信息保护法 第六条; 快递100 接口.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

__all__ = [
    "LOST",
    "ShipmentState",
    "Signer",
    "Track",
    "in_order",
    "is_decisive",
    "is_ended",
    "next_state",
    "signer_of",
    "state_of",
]

# What our adapters write for a tracking that the carrier gave up (快递100: abort).
LOST: Final = "abort"


class ShipmentState(Enum):
    """How far a shipment is; the order of the members is their rank."""

    CREATED = "CREATED"
    ACCEPTED = "ACCEPTED"
    PICKUP_PENDING = "PICKUP_PENDING"
    PICKED = "PICKED"
    IN_TRANSIT = "IN_TRANSIT"
    ARRIVED = "ARRIVED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    EXCEPTION = "EXCEPTION"
    DAMAGED = "DAMAGED"
    REFUSED = "REFUSED"
    RETURNING = "RETURNING"
    SIGNED = "SIGNED"
    RETURNED = "RETURNED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class Signer(Enum):
    """Who signed for a parcel."""

    ADDRESSEE = "ADDRESSEE"
    OTHER = "OTHER"
    LOCKER = "LOCKER"


_RANK: Final = {state: rank for rank, state in enumerate(ShipmentState)}
_ENDED: Final = frozenset(
    {
        ShipmentState.SIGNED,
        ShipmentState.RETURNED,
        ShipmentState.LOST,
        ShipmentState.CANCELLED,
    }
)
_DECISIVE: Final = _ENDED | {ShipmentState.REFUSED}
# Codes of 快递100, basic and advanced.
_STATES: Final = {
    "101": ShipmentState.ACCEPTED,
    "102": ShipmentState.PICKUP_PENDING,
    "1": ShipmentState.PICKED,
    "103": ShipmentState.PICKED,
    "0": ShipmentState.IN_TRANSIT,
    "7": ShipmentState.IN_TRANSIT,
    "1002": ShipmentState.IN_TRANSIT,
    "1003": ShipmentState.IN_TRANSIT,
    "1001": ShipmentState.ARRIVED,
    "5": ShipmentState.OUT_FOR_DELIVERY,
    "501": ShipmentState.OUT_FOR_DELIVERY,
    "2": ShipmentState.EXCEPTION,
    "209": ShipmentState.DAMAGED,
    "14": ShipmentState.REFUSED,
    "6": ShipmentState.RETURNING,
    "3": ShipmentState.SIGNED,
    "301": ShipmentState.SIGNED,
    "302": ShipmentState.SIGNED,
    "303": ShipmentState.SIGNED,
    "304": ShipmentState.SIGNED,
    "4": ShipmentState.RETURNED,
    "401": ShipmentState.CANCELLED,
    LOST: ShipmentState.LOST,
}
_SIGNERS: Final = {"301": Signer.ADDRESSEE, "304": Signer.LOCKER}


@dataclass(frozen=True, slots=True)
class Track:
    """Something the carrier reported: when, and its code."""

    at: datetime
    code: str


def state_of(code: str) -> ShipmentState | None:
    """Return what a code means; None for one that we do not know."""
    if code in _STATES:
        return _STATES[code]
    is_trouble = code.isdigit() and len(code) == len("201") and code.startswith("2")
    return ShipmentState.EXCEPTION if is_trouble else None


def signer_of(code: str) -> Signer:
    """Return who signed. Where the carrier does not say that it was the addressee, it was not.

    Source: readings 9.
    """
    return _SIGNERS.get(code, Signer.OTHER)


def is_ended(state: ShipmentState) -> bool:
    """Tell whether nothing more is expected of a shipment."""
    return state in _ENDED


def is_decisive(state: ShipmentState) -> bool:
    """Tell whether the law attaches something to the state: the carrier is asked again first.

    Source: 快递100 接口.
    """
    return state in _DECISIVE


def in_order(tracks: frozenset[Track]) -> tuple[Track, ...]:
    """Return known tracks as they happened: by time, then by rank.

    Source: 快递100 接口.
    """
    known = ((each.at, state_of(each.code), each.code) for each in tracks)
    kept = sorted((at, _RANK[state], code) for at, state, code in known if state is not None)
    return tuple(Track(at, code) for at, _rank, code in kept)


def next_state(now: ShipmentState, reported: ShipmentState) -> ShipmentState:
    """Return the state after a report. What has ended stays, but for a corrected signature.

    A parcel that was reported as signed for and then as back with its sender
    was not signed for by anybody else.

    Source: 快递100 接口.
    """
    if now is ShipmentState.SIGNED and reported is ShipmentState.RETURNED:
        return reported
    return now if is_ended(now) else reported
