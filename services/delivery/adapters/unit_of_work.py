"""The SQLAlchemy unit of work of delivery."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, Engine, insert, select, update

from servicekit.calls import Call
from servicekit.clock import civil_day
from servicekit.database import insert_for
from servicekit.jobs import enqueue
from servicekit.kit import Kit
from servicekit.sealed import SealedText
from servicekit.unit_of_work import Repository, UnitOfWork
from services.delivery.adapters import orm
from services.delivery.adapters.tariffs import tariff_book
from services.delivery.domain.errors import (
    CaseUnknownError,
    LabelNoLongerKeptError,
    LabelNotReadyError,
    OfferUnknownError,
    ShipmentUnknownError,
)
from services.delivery.domain.offer import CourierOffer
from services.delivery.domain.parcel_file import ParcelFile
from services.delivery.domain.shipment import Shipment
from services.delivery.domain.tariff import Tariff
from services.delivery.ports import LedgerLine

__all__ = ["SqlDeliveryUnitOfWork"]

# Longer than the calm after which 快递100 gives a parcel up.
_TRIED_FOR = timedelta(days=7)
_FIELD = "delivery.shipment_label.pdf"


class SqlShipments(Repository[Shipment]):
    """The shipments by their identity, their case and their waybill."""

    def of_case(self, case_number: str) -> Sequence[Shipment]:
        keys = select(orm.shipment.c.shipment).where(orm.shipment.c.case_number == case_number)
        ordered = keys.order_by(orm.shipment.c.created_at, orm.shipment.c.shipment)
        found = (self.find(key) for key in self._uow.connection.execute(ordered).scalars().all())
        return [each for each in found if each is not None]

    def of_waybill(self, waybill: str) -> Shipment | None:
        key = self._uow.connection.execute(
            select(orm.shipment.c.shipment).where(orm.shipment.c.waybill == waybill)
        ).scalar_one_or_none()
        return None if key is None else self.find(key)


class SqlLedger:
    """What the finance account owes, a line for each parcel that was ordered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, line: LedgerLine) -> None:
        self._connection.execute(insert(orm.ledger_line).values(**asdict(line)))

    def void(self, shipment: str, at: datetime) -> None:
        lines = orm.ledger_line
        open_line = (lines.c.shipment == shipment) & lines.c.voided_at.is_(None)
        self._connection.execute(update(lines).where(open_line).values(voided_at=at))


class SqlLabels:
    """The labels, sealed at rest (个人信息保护法 第五十一条)."""

    def __init__(self, connection: Connection, sealed: SealedText) -> None:
        self._connection = connection
        self._sealed = sealed

    def keep(self, shipment: str, pdf: bytes) -> None:
        sealed = self._sealed.seal(base64.b64encode(pdf).decode(), field=_FIELD)
        self._connection.execute(
            insert(orm.shipment_label).values(shipment=shipment, pdf_sealed=sealed, prints=0)
        )

    def print(self, shipment: str, *, case: str) -> tuple[bytes, int]:
        labels = orm.shipment_label
        row = self._connection.execute(
            select(labels).where(labels.c.shipment == shipment).with_for_update()
        ).one_or_none()
        if row is None:
            raise LabelNotReadyError("There is no label yet", case=case)
        if row.pdf_sealed is None:
            raise LabelNoLongerKeptError("The label was erased", case=case)
        count = row.prints + 1
        self._connection.execute(
            update(labels).where(labels.c.shipment == shipment).values(prints=count)
        )
        return base64.b64decode(self._sealed.unseal(row.pdf_sealed, field=_FIELD)), count

    def erase(self, shipment: str) -> None:
        labels = orm.shipment_label
        self._connection.execute(
            update(labels).where(labels.c.shipment == shipment).values(pdf_sealed=None)
        )


class SqlCallbacks:
    """Which callbacks were taken in, by what they said."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def keep(self, digest: str, shipment: str) -> bool:
        row = insert_for(self._connection)(orm.carrier_callback).values(
            digest=digest, shipment=shipment, received_at=self._at
        )
        kept = row.on_conflict_do_nothing().returning(orm.carrier_callback.c.digest)
        return self._connection.execute(kept).first() is not None


class SqlDeliveryUnitOfWork(UnitOfWork):
    """Saves offers, shipments, events and audit in one transaction, so none can exist alone."""

    offers: Repository[CourierOffer]
    files: Repository[ParcelFile]
    shipments: SqlShipments
    ledger: SqlLedger
    labels: SqlLabels
    callbacks: SqlCallbacks

    def __init__(self, kit: Kit, bind: Engine | Connection, call: Call, sealed: SealedText) -> None:
        super().__init__(kit, bind, call)
        self._sealed = sealed

    def __enter__(self) -> Self:
        super().__enter__()
        self.offers = Repository(self, CourierOffer, OfferUnknownError)
        self.files = Repository(self, ParcelFile, CaseUnknownError)
        self.shipments = SqlShipments(self, Shipment, ShipmentUnknownError)
        self.ledger = SqlLedger(self.connection)
        self.labels = SqlLabels(self.connection, self._sealed)
        self.callbacks = SqlCallbacks(self.connection, self.call.at)
        return self

    @property
    def tariffs(self) -> Sequence[Tariff]:
        return tariff_book().tariffs

    @property
    def today(self) -> date:
        return civil_day(self.call.at)

    def ask(self, kind: str, key: str, **payload: Any) -> None:
        enqueue(
            self.connection,
            self.kit.tables.job,
            key=key,
            kind=kind,
            payload=payload,
            within=_TRIED_FOR,
            traceparent=self.call.traceparent,
        )
