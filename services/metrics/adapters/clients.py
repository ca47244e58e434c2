"""Reads the event logs of the other services, for a rebuild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.catalog.v1 import catalog_service_pb2_grpc as catalog_grpc
from liandong.common.v1.common_pb2 import PublishedEvent
from liandong.delivery.v1 import delivery_service_pb2 as delivery
from liandong.delivery.v1 import delivery_service_pb2_grpc as delivery_grpc
from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.intake.v1 import intake_service_pb2_grpc as intake_grpc
from liandong.review.v1 import review_service_pb2 as review
from liandong.review.v1 import review_service_pb2_grpc as review_grpc

from services.metrics.adapters.rebuild import ReadEvents

__all__ = ["event_logs"]

_LOGS: Final[Mapping[str, tuple[Any, Any]]] = {
    "catalog": (catalog_grpc.CatalogServiceStub, catalog.ReadEventsRequest),
    "intake": (intake_grpc.IntakeServiceStub, intake.ReadEventsRequest),
    "review": (review_grpc.ReviewServiceStub, review.ReadEventsRequest),
    "delivery": (delivery_grpc.DeliveryServiceStub, delivery.ReadEventsRequest),
}


def event_logs(channels: Mapping[str, Any]) -> ReadEvents:
    """Return the reader of the logs behind `channels`, by the names of the services.

    The channels carry the identity of metrics with its purpose; without both
    a log is not shown.
    """
    stubs = {source: _LOGS[source][0](channel) for source, channel in channels.items()}

    def read(source: str, after_position: int) -> Sequence[PublishedEvent]:
        request = _LOGS[source][1](after_position=after_position)
        return tuple(stubs[source].ReadEvents(request).events)

    return read
