"""What delivery knows of a case: whose it is, and what may be fetched for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from servicekit.events import Aggregate, Event, Ownership
from services.delivery.domain.errors import CaseEndedError, PickupNotOfferedError

__all__ = ["ParcelFile"]


@dataclass(eq=False)
class ParcelFile(Aggregate):
    """A case as far as its parcels go. Nothing personal is in it."""

    case_number: str
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    courier_inbound: bool
    pickups: int = 0
    ended_at: datetime | None = None
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @property
    def stream_id(self) -> str:
        return self.case_number

    @property
    def ownership(self) -> Ownership:
        return Ownership(
            person=self.applicant,
            unit=self.window_unit,
            unit_path=self.unit_path,
            authority=self.authority,
        )

    def next_pickup(self) -> int:
        """Return the ordinal of a new pickup, or refuse it.

        Source: R2.7.
        """
        if not self.courier_inbound:
            raise PickupNotOfferedError("Nothing is fetched here", case=self.case_number)
        if self.ended_at is not None:
            raise CaseEndedError("The case ended", case=self.case_number)
        self.pickups += 1
        return self.pickups

    def end(self, at: datetime) -> None:
        """Close the file; the first end stays."""
        if self.ended_at is None:
            self.ended_at = at

    def move(self, window_unit: str, unit_path: str) -> None:
        """Let another window answer for the case.

        Source: R1.3; readings 4.
        """
        self.window_unit = window_unit
        self.unit_path = unit_path
