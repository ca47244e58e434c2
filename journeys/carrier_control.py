"""What a journey does to a parcel on its way: the couriers of a district under test."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ["CarrierControl"]


class CarrierControl(Protocol):
    """Moves parcels by their waybill; the carrier pushes what happened, when it happened.

    `at` is the instant by the carrier's clock, in legal time.
    """

    def pick_up(self, waybill: str, at: datetime) -> None:
        """Let the courier collect it (揽收)."""

    def arrive(self, waybill: str, at: datetime) -> None:
        """Let it be out for delivery at its destination (派件)."""

    def sign(self, waybill: str, at: datetime, by: str = "ADDRESSEE") -> None:
        """Let it be signed for (签收) by ADDRESSEE, OTHER or LOCKER."""

    def refuse(self, waybill: str, at: datetime) -> None:
        """Let the addressee refuse it (拒收)."""

    def return_to_sender(self, waybill: str, at: datetime) -> None:
        """Let it come back to who sent it (退回签收)."""

    def lose(self, waybill: str, at: datetime) -> None:
        """Let it be lost (疑难)."""

    def push_again(self, waybill: str) -> int:
        """Push everything about it once more, unchanged; return how many callbacks that were."""

    def push_forged(self, waybill: str) -> int:
        """Push with a wrong signature; return the HTTP status that was answered."""
