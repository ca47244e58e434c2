"""What the handlers of delivery need from the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from servicekit.calls import Call
from services.delivery.domain.offer import CourierOffer
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.rules import Direction
from services.delivery.domain.shipment import Shipment
from services.delivery.domain.tariff import Tariff, Zone
from services.delivery.domain.tracks import Track

__all__ = [
    "Applicants",
    "Callbacks",
    "Carrier",
    "CarrierOrder",
    "DeliveryUnitOfWork",
    "Files",
    "Labels",
    "Ledger",
    "LedgerLine",
    "Offers",
    "Party",
    "Shipments",
]


@dataclass(frozen=True, slots=True)
class Party:
    """Sender or receiver of a parcel: what a waybill may say of a person, and no more.

    Source: 快递暂行条例 第二十二条.
    """

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class CarrierOrder:
    """An order at the carrier; `number` names it, however often it is placed."""

    number: str
    carrier: str
    sender: Party
    receiver: Party
    pieces: int
    is_letter: bool
    ordered_at: datetime


class Carrier(Protocol):
    """A carrier's interface. Every call has a timeout; the jobs alone make one."""

    def order(self, order: CarrierOrder) -> str:
        """Place an order; return its waybill, the same one for the same number."""

    def tracks(self, carrier: str, waybill: str) -> tuple[Track, ...]:
        """Ask what happened to a parcel."""

    def cancel(self, number: str, at: datetime) -> bool:
        """Cancel an order; tell whether the carrier agrees."""


class Applicants(Protocol):
    """Whoever knows the applicants: intake, which keeps who asked and what for."""

    def addressee(self, case_number: str, purpose: str) -> Party: ...


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What the finance account owes for one parcel, in fen."""

    shipment: str
    case_number: str
    direction: Direction
    waybill: str
    authority: str
    payer_account: str
    tariff: str
    zone: Zone
    grams: int
    amount_fen: int
    charged_at: datetime


class Offers(Protocol):
    """The offers, each within the caller's reach."""

    def get(self, key: str) -> CourierOffer: ...
    def find(self, key: str) -> CourierOffer | None: ...
    def add(self, aggregate: CourierOffer) -> None: ...


class Files(Protocol):
    """The files of the cases, each within the caller's reach."""

    def get(self, key: str) -> ParcelFile: ...
    def find(self, key: str) -> ParcelFile | None: ...
    def add(self, aggregate: ParcelFile) -> None: ...


class Shipments(Protocol):
    """The shipments, each within the caller's reach."""

    def get(self, key: str) -> Shipment: ...
    def add(self, aggregate: Shipment) -> None: ...
    def of_case(self, case_number: str) -> Sequence[Shipment]:
        """Return those of a case in the order of their making, locked, whoever asks."""

    def of_waybill(self, waybill: str) -> Shipment | None:
        """Return the one with that waybill, locked, whoever asks."""


class Ledger(Protocol):
    """What the finance account owes."""

    def add(self, line: LedgerLine) -> None: ...
    def void(self, shipment: str, at: datetime) -> None: ...


class Labels(Protocol):
    """The labels, sealed while their parcels are under way and erased afterwards."""

    def keep(self, shipment: str, pdf: bytes) -> None: ...
    def print(self, shipment: str, *, case: str) -> tuple[bytes, int]:
        """Count a print; return the label and the count, or refuse."""

    def erase(self, shipment: str) -> None: ...


class Callbacks(Protocol):
    """Which callbacks were taken in."""

    def keep(self, digest: str, shipment: str) -> bool:
        """Remember a callback; tell whether it is new."""


class DeliveryUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def offers(self) -> Offers: ...
    @property
    def files(self) -> Files: ...
    @property
    def shipments(self) -> Shipments: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def callbacks(self) -> Callbacks: ...
    @property
    def tariffs(self) -> Sequence[Tariff]: ...
    @property
    def today(self) -> date:
        """The civil day of the call."""

    def ask(self, kind: str, key: str, **payload: Any) -> None:
        """Have a job done after the commit; asking twice under one key is asking once."""

    def note(self, **facts: Any) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
