"""What delivery does outside its transactions: it orders, asks and cancels at the carrier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, select

from servicekit.errors import UnavailableError
from servicekit.jobs import Job, JobHandler, Sweep, enqueue
from servicekit.observing import counting
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.delivery import handlers
from services.delivery.adapters import figures
from services.delivery.adapters.carrier import CarrierClient, http_post
from services.delivery.adapters.clients import IntakeClient, channel_to
from services.delivery.adapters.labels import label_pdf
from services.delivery.adapters.orm import carrier_callback, tables
from services.delivery.adapters.orm import shipment as shipments
from services.delivery.adapters.tariffs import tariff_book
from services.delivery.bootstrap import DEFINITION, UnitsOfWork, event_handlers
from services.delivery.config import DeliverySettings
from services.delivery.domain.errors import ShipmentUnknownError
from services.delivery.domain.rules import Direction
from services.delivery.domain.tracks import ShipmentState, is_ended
from services.delivery.handlers import CANCEL, CONFIRM, ORDER
from services.delivery.ports import Applicants, Carrier, CarrierOrder, Party

__all__ = ["handling", "main", "sweeps"]

PURPOSE: Final = "寄递下单：收寄件人姓名、电话、地址"
# Callbacks may be lost for good: the carrier repeats each three times only.
ASKED_EVERY: Final = timedelta(hours=6)
# Longer than any carrier repeats; what a callback told is kept with the parcel.
CALLBACKS_KEPT: Final = timedelta(days=90)
FORGOTTEN_AT_A_TIME: Final = 500  # rows


@dataclass(frozen=True, slots=True)
class Carriage:
    """Does what the carrier has to be reached for; each result is stored idempotently."""

    resources: Resources
    units_of_work: UnitsOfWork
    carrier: Carrier | None
    applicants: Applicants
    centre: Party

    def order(self, job: Job) -> None:
        """Place the order of a shipment, draw its label, store both."""
        row = self._row(job)
        if row.state is not ShipmentState.CREATED or row.waybill is not None:
            return  # done before, or cancelled before anybody ordered
        citizen = self.applicants.addressee(row.case_number, PURPOSE)
        out = row.direction is Direction.OUTBOUND
        order = CarrierOrder(
            number=row.shipment,
            carrier=row.carrier,
            sender=self.centre if out else citizen,
            receiver=citizen if out else self.centre,
            pieces=row.pieces,
            is_letter=out,
            ordered_at=row.created_at,
        )
        waybill = self._carrier.order(order)
        fact = handlers.Ordered(
            shipment=row.shipment,
            waybill=waybill,
            zone=tariff_book().zone_of(citizen.address),
            label=label_pdf(order, waybill),
        )
        with self.units_of_work.of_the_service(ORDER, job.key) as uow:
            handlers.mark_ordered(fact, uow=uow)
            uow.commit()

    def confirm(self, job: Job) -> None:
        """Ask the carrier what happened; its answer is believed."""
        row = self._row(job)
        reported = self._carrier.tracks(row.carrier, row.waybill)
        with self.units_of_work.of_the_service(CONFIRM, job.key) as uow:
            handlers.take_answer(row.shipment, reported, uow=uow)
            uow.commit()

    def cancel(self, job: Job) -> None:
        """Cancel the order of a shipment at the carrier."""
        row = self._row(job)
        agreed = self._carrier.cancel(row.shipment, self.resources.clock.now())
        with self.units_of_work.of_the_service(CANCEL, job.key) as uow:
            handlers.mark_cancelled(row.shipment, agreed=agreed, uow=uow)
            uow.commit()

    @property
    def _carrier(self) -> Carrier:
        if self.carrier is None:
            raise UnavailableError("No carrier is configured: CARRIER_URL", peer="carrier")
        return self.carrier

    def _row(self, job: Job) -> Row[Any]:
        key = job.payload["shipment"]
        with self.resources.read_engine.connect() as connection:
            row = connection.execute(
                select(shipments).where(shipments.c.shipment == key)
            ).one_or_none()
        if row is None:
            raise ShipmentUnknownError("A job about an unknown shipment", case=key)
        return row


def handling(
    channels: Mapping[str, Any],
) -> Callable[[Resources], Mapping[str, JobHandler]]:
    """Return what gives the jobs of delivery, given a channel to intake.

    `channels["carrier"]`, where there is one, is a `Carrier` and takes the
    place of the one that the settings name.
    """

    def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
        settings = settings_of(resources)
        carriage = Carriage(
            resources=resources,
            units_of_work=UnitsOfWork(resources),
            carrier=channels.get("carrier") or configured_carrier(settings),
            applicants=IntakeClient(channels["intake"]),
            centre=Party(settings.centre_name, settings.centre_phone, settings.centre_address),
        )
        return {ORDER: carriage.order, CONFIRM: carriage.confirm, CANCEL: carriage.cancel}

    return job_handlers


def settings_of(resources: Resources) -> DeliverySettings:
    settings = resources.settings
    if not isinstance(settings, DeliverySettings):
        raise TypeError("delivery needs its own settings")
    return settings


def configured_carrier(settings: DeliverySettings) -> Carrier | None:
    """Return the carrier that the settings name; None for none."""
    if settings.carrier_url is None or settings.carrier_key is None:
        return None
    return CarrierClient(
        http_post(settings.carrier_url, settings.carrier_timeout_s),
        customer=settings.carrier_customer,
        key=settings.carrier_key.get_secret_value(),
    )


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    """Return what is looked after: parcels under way of which a callback may have been lost."""

    def ask_again() -> None:
        under_way = [each for each in ShipmentState if not is_ended(each)]
        slot = int(resources.clock.now().timestamp() // ASKED_EVERY.total_seconds())
        query = select(shipments.c.shipment).where(
            shipments.c.waybill.is_not(None), shipments.c.state.in_(under_way)
        )
        with resources.read_engine.connect() as connection:
            found = connection.execute(query).scalars().all()
        if not found:
            return
        with resources.engine.begin() as connection:
            for identity in found:
                enqueue(
                    connection,
                    tables.job,
                    key=f"confirm:{identity}:{slot}",
                    kind=CONFIRM,
                    payload={"shipment": identity},
                )

    def forget_callbacks() -> None:
        forgotten = FORGOTTEN_AT_A_TIME
        while forgotten == FORGOTTEN_AT_A_TIME:  # short transactions, until nothing old is left
            forgotten = _forget_callbacks(resources)

    return (
        counting(DEFINITION.name, resources, figures.count),
        Sweep("ask_carrier_again", timedelta(hours=1), ask_again),
        Sweep("forget_callbacks", timedelta(hours=6), forget_callbacks),
    )


def _forget_callbacks(resources: Resources) -> int:
    """Delete digests of callbacks that nobody replays any more; return how many.

    A replay that comes later tells nothing new: the tracks of the parcel are kept.
    """
    old = (
        select(carrier_callback.c.digest)
        .join(shipments, shipments.c.shipment == carrier_callback.c.shipment)
        .where(
            shipments.c.ended_at.is_not(None),
            carrier_callback.c.received_at < resources.clock.now() - CALLBACKS_KEPT,
        )
        .limit(FORGOTTEN_AT_A_TIME)
    )
    with resources.engine.begin() as connection:
        digests = connection.scalars(old).all()
        connection.execute(delete(carrier_callback).where(carrier_callback.c.digest.in_(digests)))
    return len(digests)


def main() -> None:
    settings = DeliverySettings.load(DEFINITION.name)
    channels = {"intake": channel_to("intake", settings.intake_target, settings)}
    run_jobs(DEFINITION, settings, handling(channels), sweeps, event_handlers)
