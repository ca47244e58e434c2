"""A parcel of a case (寄递件): the result on its way out, or originals on their way in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Self

from servicekit.events import Aggregate, Event, Ownership
from services.delivery.domain import rules, tracks
from services.delivery.domain.errors import AlreadyPickedUpError, WaybillTakenError
from services.delivery.domain.events import (
    ShipmentCreated,
    ShipmentFailed,
    ShipmentOrdered,
    ShipmentPickedUp,
    ShipmentSigned,
)
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.rules import Content, Direction
from services.delivery.domain.tracks import ShipmentState, Signer, Track
from services.delivery.domain.waybills import require_waybill

__all__ = ["Cancelling", "Shipment"]

_WITH_US: Final = frozenset(
    {ShipmentState.CREATED, ShipmentState.ACCEPTED, ShipmentState.PICKUP_PENDING}
)
_FAILURES: Final = {
    ShipmentState.REFUSED: "REFUSED",
    ShipmentState.RETURNED: "RETURNED",
    ShipmentState.LOST: "LOST",
    ShipmentState.CANCELLED: "CANCELLED",
}


class Cancelling(Enum):
    """How a cancellation stands."""

    NOT_ASKED = "NOT_ASKED"
    ASKED = "ASKED"
    TOO_LATE = "TOO_LATE"


@dataclass(eq=False)
class Shipment(Aggregate):
    """One parcel, from the wish for it to its end; free for the citizen, paid by finance."""

    shipment: str
    case_number: str
    direction: Direction
    content: Content
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    carrier: str
    pieces: int
    citizen_price_fen: int
    payer_account: str
    created_at: datetime
    state: ShipmentState = ShipmentState.CREATED
    waybill: str | None = None
    ordered_at: datetime | None = None
    picked_up_at: datetime | None = None
    refused_at: datetime | None = None
    signed_at: datetime | None = None
    ended_at: datetime | None = None
    signer: Signer | None = None
    cancelling: Cancelling = Cancelling.NOT_ASKED
    tracks: tuple[Track, ...] = ()
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def send(
        cls, file: ParcelFile, *, attempt: int, carrier: str, pieces: int, at: datetime
    ) -> Self:
        """Send the result of a case to its applicant: the postal enterprise, or nobody.

        Source: R2.7, R2.8; 邮政法 第五十五条.
        """
        return cls._make(
            file,
            attempt,
            Direction.OUTBOUND,
            Content.OFFICIAL_DOCUMENT,
            carrier=carrier,
            pieces=pieces,
            at=at,
        )

    @classmethod
    def fetch(
        cls, file: ParcelFile, *, content: Content, carrier: str, pieces: int, at: datetime
    ) -> Self:
        """Fetch originals of a case from its applicant.

        Source: R2.7, R2.8; 邮政法 第五十五条.
        """
        ordinal = file.next_pickup()
        return cls._make(
            file, ordinal, Direction.INBOUND, content, carrier=carrier, pieces=pieces, at=at
        )

    @classmethod
    def _make(
        cls,
        file: ParcelFile,
        ordinal: int,
        direction: Direction,
        content: Content,
        *,
        carrier: str,
        pieces: int,
        at: datetime,
    ) -> Self:
        rules.require_may_carry(carrier, direction, content)
        shipment = cls(
            shipment=f"{file.case_number}-{direction.short}-{ordinal}",
            case_number=file.case_number,
            direction=direction,
            content=content,
            applicant=file.applicant,
            window_unit=file.window_unit,
            unit_path=file.unit_path,
            authority=file.authority,
            carrier=carrier,
            pieces=pieces,
            citizen_price_fen=rules.citizen_price_fen(),
            payer_account=rules.PAYER_ACCOUNT,
            created_at=at,
        )
        shipment.happened(
            ShipmentCreated(
                case_number=shipment.case_number,
                shipment=shipment.shipment,
                direction=direction.short,
                carrier=carrier,
                citizen_price_fen=shipment.citizen_price_fen,
                payer_account=shipment.payer_account,
            )
        )
        return shipment

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

    @property
    def is_ended(self) -> bool:
        return tracks.is_ended(self.state)

    def move(self, window_unit: str, unit_path: str) -> None:
        """Let another window answer for it.

        Source: R1.3; readings 4.
        """
        self.window_unit = window_unit
        self.unit_path = unit_path

    def order(self, waybill: str, at: datetime) -> bool:
        """Record that the carrier took the order; tell whether that was news.

        The order may have been cancelled meanwhile: then only the number is
        kept, so that it can be cancelled at the carrier.
        """
        require_waybill(self.carrier, waybill)
        if self.waybill == waybill:
            return False
        if self.waybill is not None:
            raise WaybillTakenError("The order has a waybill", case=self.case_number)
        self.waybill = waybill
        self.ordered_at = at
        if self.state is ShipmentState.CANCELLED:
            self.cancelling = Cancelling.ASKED
            return True
        self.state = ShipmentState.ACCEPTED
        self.happened(
            ShipmentOrdered(case_number=self.case_number, shipment=self.shipment, waybill=waybill)
        )
        return True

    def cancel(self, at: datetime) -> None:
        """Cancel what is not picked up; what the carrier has an order for, it must cancel first."""
        if self.state not in _WITH_US:
            raise AlreadyPickedUpError("It is under way", case=self.case_number)
        if self.state is ShipmentState.CREATED:
            self._end(ShipmentState.CANCELLED, at)
        else:
            self.cancelling = Cancelling.ASKED

    def cancelled(self, *, agreed: bool, at: datetime) -> None:
        """Record the carrier's word on a cancellation."""
        self.cancelling = Cancelling.NOT_ASKED if agreed else Cancelling.TOO_LATE
        if agreed and not self.is_ended:
            self._end(ShipmentState.CANCELLED, at)

    def report(self, reported: Iterable[Track], *, confirmed: bool) -> bool:
        """Take in what the carrier reports; tell whether it must be asked before more is believed.

        The reports may come twice and in any order. What the law attaches
        something to is believed only from the carrier's own answer.

        Source: 快递100 接口; readings 9.
        """
        news = frozenset(reported) - frozenset(self.tracks)
        decisive = {each for each in news if _is_decisive(each)}
        believed = news if confirmed else news - decisive
        self.tracks = tracks.in_order(frozenset(self.tracks) | believed)
        self._follow()
        return bool(decisive) and not confirmed and self.state is not ShipmentState.RETURNED

    def _follow(self) -> None:
        """Bring the state up to the tracks and tell what is new."""
        self._tell_pick_up()
        self._tell_refusal()
        state = self.state if self.is_ended else ShipmentState.ACCEPTED
        last: Track | None = None
        for each in self.tracks:
            moved = tracks.next_state(state, _state(each))
            if moved is not state:
                state, last = moved, each
        if last is None:
            return
        if tracks.is_ended(state):
            self._end(state, last.at, code=last.code)
        else:
            self.state = state

    def _tell_pick_up(self) -> None:
        carried = [each for each in self.tracks if _state(each) not in _WITH_US | _NOT_CARRIED]
        if self.picked_up_at is not None or not carried:
            return
        self.picked_up_at = carried[0].at
        self.happened(
            ShipmentPickedUp(
                case_number=self.case_number,
                shipment=self.shipment,
                pick_up_time=self.picked_up_at,
                direction=self.direction.short,
            )
        )

    def _tell_refusal(self) -> None:
        refused = [each for each in self.tracks if _state(each) is ShipmentState.REFUSED]
        if self.refused_at is None and refused and not self.is_ended:
            self.refused_at = refused[0].at
            self._fail(ShipmentState.REFUSED, self.refused_at)

    def _end(self, state: ShipmentState, at: datetime, *, code: str = "") -> None:
        self.state = state
        self.ended_at = at
        if state is not ShipmentState.SIGNED:
            self.signer = None
            self._fail(state, at)
            return
        self.signer = tracks.signer_of(code)
        self.signed_at = at
        self.happened(
            ShipmentSigned(
                case_number=self.case_number,
                shipment=self.shipment,
                direction=self.direction.short,
                signer=self.signer.name,
                sign_time=at,
                waybill=self.waybill or "",
            )
        )

    def _fail(self, state: ShipmentState, at: datetime) -> None:
        self.happened(
            ShipmentFailed(
                case_number=self.case_number,
                shipment=self.shipment,
                direction=self.direction.short,
                reason=_FAILURES[state],
                fail_time=at,
            )
        )


# States that say nothing about whether the carrier has the parcel.
_NOT_CARRIED: Final = frozenset(
    {ShipmentState.EXCEPTION, ShipmentState.CANCELLED, ShipmentState.LOST}
)


def _state(track: Track) -> ShipmentState:
    state = tracks.state_of(track.code)
    if state is None:
        raise ValueError(f"an unknown code was kept: {track.code}")
    return state


def _is_decisive(track: Track) -> bool:
    state = tracks.state_of(track.code)
    return state is not None and tracks.is_decisive(state)
