"""The events of intake as messages."""

from __future__ import annotations

from liandong.intake.v1 import intake_events_pb2 as pb

from servicekit.kit import EventCodec
from services.intake.domain import events

__all__ = ["CODEC"]

CODEC = EventCodec(
    {
        events.CaseReceived: pb.CaseReceived,
        events.OneTimeNoticeGiven: pb.OneTimeNoticeGiven,
        events.CorrectionSubmitted: pb.CorrectionSubmitted,
        events.CaseAccepted: pb.CaseAccepted,
        events.BundleHandedOver: pb.BundleHandedOver,
        events.BundleReceived: pb.BundleReceived,
        events.DocumentIssued: pb.DocumentIssued,
        events.ResultReturned: pb.ResultReturned,
        events.ResultReceived: pb.ResultReceived,
        events.ResultHandedOut: pb.ResultHandedOut,
        events.VisitRecorded: pb.VisitRecorded,
    }
)
