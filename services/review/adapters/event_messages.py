"""The events of review as messages."""

from __future__ import annotations

from liandong.review.v1 import review_events_pb2 as pb

from servicekit.kit import EventCodec
from services.review.domain import events

__all__ = ["CODEC"]

CODEC = EventCodec(
    {
        events.ReviewOpened: pb.ReviewOpened,
        events.SiteCheckRecorded: pb.SiteCheckRecorded,
        events.OpinionSubmitted: pb.OpinionSubmitted,
        events.DecisionMade: pb.DecisionMade,
        events.DatesRecomputed: pb.DatesRecomputed,
        events.SpecialProcedurePlanned: pb.SpecialProcedurePlanned,
        events.SpecialProcedureEnded: pb.SpecialProcedureEnded,
        events.LimitExtended: pb.LimitExtended,
        events.ExplanationRequested: pb.ExplanationRequested,
        events.ConsultationRequested: pb.ConsultationRequested,
        events.ConsultationAnswered: pb.ConsultationAnswered,
        events.BundleWaived: pb.BundleWaived,
        events.LightChanged: pb.LightChanged,
    }
)
