"""What the catalogue does with the events of other services."""

from __future__ import annotations

from collections.abc import Mapping

from liandong.metrics.v1 import metrics_events_pb2 as metrics
from sqlalchemy import Connection

from servicekit.calls import Call
from servicekit.messages import from_message
from servicekit.service import Resources, on_event
from servicekit.stream import Handler
from services.catalog.adapters.unit_of_work import SqlCatalogUnitOfWork
from services.catalog.handlers import items

__all__ = ["event_handlers"]


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that the catalogue takes in to what is done with it."""
    kit = resources.kit

    def new_uow(connection: Connection, call: Call) -> SqlCatalogUnitOfWork:
        return SqlCatalogUnitOfWork(kit, connection, call)

    def item_light_changed(message: metrics.ItemLightChanged, *, uow: SqlCatalogUnitOfWork) -> None:
        items.flag_item(from_message(message, items.ItemLightChanged), uow=uow)

    return {
        "metrics.item_light_changed.v1": on_event(
            kit.service, new_uow, metrics.ItemLightChanged, item_light_changed
        ),
    }
