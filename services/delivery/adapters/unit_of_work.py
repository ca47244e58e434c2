"""The SQLAlchemy unit of work of delivery."""

from __future__ import annotations

from typing import Self

from servicekit.unit_of_work import Repository, UnitOfWork
from services.delivery.domain.errors import OfferUnknownError
from services.delivery.domain.offer import CourierOffer

__all__ = ["SqlDeliveryUnitOfWork"]


class SqlDeliveryUnitOfWork(UnitOfWork):
    """Saves offers, events and audit in one transaction, so none can exist alone."""

    offers: Repository[CourierOffer]

    def __enter__(self) -> Self:
        super().__enter__()
        self.offers = Repository(self, CourierOffer, OfferUnknownError)
        return self
