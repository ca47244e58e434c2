"""What the handlers of delivery need from the outside world."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from servicekit.calls import Call
from services.delivery.domain.offer import CourierOffer

__all__ = ["DeliveryUnitOfWork", "Offers"]


class Offers(Protocol):
    """The offers, each within the caller's reach."""

    def get(self, key: str) -> CourierOffer: ...
    def find(self, key: str) -> CourierOffer | None: ...
    def add(self, aggregate: CourierOffer) -> None: ...


class DeliveryUnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` changes nothing."""

    call: Call

    @property
    def offers(self) -> Offers: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...
