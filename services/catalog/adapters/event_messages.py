"""The events of the catalogue as messages."""

from __future__ import annotations

from liandong.catalog.v1 import catalog_events_pb2 as pb

from servicekit.kit import EventCodec
from services.catalog.domain import events

__all__ = ["CODEC"]

CODEC = EventCodec(
    {
        events.ItemVersionPublished: pb.ItemVersionPublished,
        events.UnitRegistered: pb.UnitRegistered,
        events.LetterSigned: pb.LetterSigned,
        events.CalendarYearImported: pb.CalendarYearImported,
        events.ItemFlagged: pb.ItemFlagged,
        events.WindowMerged: pb.WindowMerged,
    }
)
