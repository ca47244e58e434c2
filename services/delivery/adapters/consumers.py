"""What delivery does with the events of other services."""

from __future__ import annotations

from collections.abc import Mapping

from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import Connection

from servicekit.calls import Call
from servicekit.messages import from_message
from servicekit.service import Resources, on_event
from servicekit.stream import Handler
from services.delivery import handlers
from services.delivery.adapters.unit_of_work import SqlDeliveryUnitOfWork

__all__ = ["event_handlers"]


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that delivery takes in to what is done with it."""
    kit = resources.kit

    def new_uow(connection: Connection, call: Call) -> SqlDeliveryUnitOfWork:
        return SqlDeliveryUnitOfWork(kit, connection, call)

    def case_received(message: intake.CaseReceived, *, uow: SqlDeliveryUnitOfWork) -> None:
        handlers.offer_courier(from_message(message, handlers.CaseReceived), uow=uow)

    return {
        "intake.case_received.v1": on_event(
            kit.service, new_uow, intake.CaseReceived, case_received
        ),
    }
