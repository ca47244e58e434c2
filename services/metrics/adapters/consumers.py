"""What metrics does with the events of other services, one by one or in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection

from servicekit.batch_streams import BatchHandler
from servicekit.service import Resources, event_call
from servicekit.stream import Handler
from services.metrics import handlers
from services.metrics.adapters.event_messages import COUNTED
from services.metrics.adapters.projection import LIVE, project
from services.metrics.adapters.unit_of_work import SqlMetricsUnitOfWork

__all__ = ["batch_handler", "event_handlers"]


def batch_handler(resources: Resources) -> BatchHandler:
    """Return what brings many events, in order within each stream, into the live tables.

    The lights are turned in the same transaction, in the order of their
    items, after the cases were locked in theirs.
    """
    kit = resources.kit

    def take(connection: Connection, envelopes: Sequence[Envelope]) -> None:
        turned = project(connection, LIVE, envelopes)
        for each in sorted(turned, key=lambda one: (one.facts.item_code, one.facts.case_number)):
            call = event_call(kit.service, each.envelope)
            with SqlMetricsUnitOfWork(kit, connection, call) as uow:
                handlers.show_light(each.facts, uow=uow)
                uow.commit()

    return take


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that metrics counts to what is done with it."""
    take = batch_handler(resources)

    def handle(connection: Connection, envelope: Envelope) -> None:
        take(connection, [envelope])

    return dict.fromkeys(COUNTED, handle)
