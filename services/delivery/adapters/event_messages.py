"""The events of delivery as messages."""

from __future__ import annotations

from liandong.delivery.v1 import delivery_events_pb2 as pb

from servicekit.kit import EventCodec
from services.delivery.domain import events

__all__ = ["CODEC"]

CODEC = EventCodec(
    {
        events.CourierOffered: pb.CourierOffered,
        events.CourierOfferAnswered: pb.CourierOfferAnswered,
        events.ShipmentCreated: pb.ShipmentCreated,
        events.ShipmentOrdered: pb.ShipmentOrdered,
        events.ShipmentPickedUp: pb.ShipmentPickedUp,
        events.ShipmentSigned: pb.ShipmentSigned,
        events.ShipmentFailed: pb.ShipmentFailed,
    }
)
