"""The offer of free courier for a case (寄递服务告知)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Self

from servicekit.events import Aggregate, Event, Ownership
from services.delivery.domain import rules
from services.delivery.domain.errors import OfferAlreadyAnsweredError, OfferLapsedError
from services.delivery.domain.events import CourierOfferAnswered, CourierOffered

__all__ = ["CourierOffer", "OfferState"]


class OfferState(Enum):
    """How an offer stands."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"


@dataclass(eq=False)
class CourierOffer(Aggregate):
    """Courier as it was offered to the applicant of one case, free of charge."""

    case_number: str
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    carrier: str
    citizen_price_fen: int
    payer_account: str
    offered_at: datetime
    state: OfferState = OfferState.OPEN
    answered_at: datetime | None = None
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def make(
        cls,
        *,
        case_number: str,
        applicant: str,
        window_unit: str,
        unit_path: str,
        authority: str,
        at: datetime,
    ) -> Self:
        """Offer the postal enterprise at no charge, at the district's expense.

        Source: R2.7, R2.8, R2.9; 邮政法 第五十五条.
        """
        offer = cls(
            case_number=case_number,
            applicant=applicant,
            window_unit=window_unit,
            unit_path=unit_path,
            authority=authority,
            carrier=rules.POSTAL_ENTERPRISE,
            citizen_price_fen=rules.citizen_price_fen(),
            payer_account=rules.PAYER_ACCOUNT,
            offered_at=at,
        )
        offer.happened(
            CourierOffered(
                case_number=case_number,
                carrier=offer.carrier,
                citizen_price_fen=offer.citizen_price_fen,
            )
        )
        return offer

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

    def answer(self, *, by_courier: bool, at: datetime) -> None:
        """Record what the applicant chose. The offer is answered once.

        Source: R2.9.
        """
        if self.state is OfferState.LAPSED:
            raise OfferLapsedError("The case ended", case=self.case_number)
        if self.state is not OfferState.OPEN:
            raise OfferAlreadyAnsweredError("The offer was answered", case=self.case_number)
        self.state = OfferState.TAKEN if by_courier else OfferState.DECLINED
        self.answered_at = at
        self.happened(CourierOfferAnswered(case_number=self.case_number, by_courier=by_courier))

    def lapse(self) -> None:
        """Close an offer that nobody needs to answer any more: the case ended without a result."""
        if self.state is OfferState.OPEN:
            self.state = OfferState.LAPSED

    def move(self, window_unit: str, unit_path: str) -> None:
        """Let another window answer for the case.

        Source: R1.3; readings 4.
        """
        self.window_unit = window_unit
        self.unit_path = unit_path
