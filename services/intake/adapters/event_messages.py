"""The events of intake as messages."""

from __future__ import annotations

from liandong.intake.v1 import intake_events_pb2 as pb

from servicekit.kit import EventCodec
from services.intake.domain import (
    counter_events,
    events,
    post_acceptance_events,
    pre_acceptance_events,
)

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
        pre_acceptance_events.CaseNotRequired: pb.CaseNotRequired,
        pre_acceptance_events.AcceptanceRefused: pb.AcceptanceRefused,
        pre_acceptance_events.CaseWithdrawn: pb.CaseWithdrawn,
        pre_acceptance_events.CaseTerminated: pb.CaseTerminated,
        pre_acceptance_events.FilingRecorded: pb.FilingRecorded,
        pre_acceptance_events.DecidedOnTheSpot: pb.DecidedOnTheSpot,
        pre_acceptance_events.TurnedIntoPromised: pb.TurnedIntoPromised,
        pre_acceptance_events.CorrectionFoundWanting: pb.CorrectionFoundWanting,
        pre_acceptance_events.CorrectionReminded: pb.CorrectionReminded,
        pre_acceptance_events.FurtherNoticeGiven: pb.FurtherNoticeGiven,
        pre_acceptance_events.CorrectionUnconfirmed: pb.CorrectionUnconfirmed,
        counter_events.CompetenceAlarmed: pb.CompetenceAlarmed,
        counter_events.CaseTransferred: pb.CaseTransferred,
        counter_events.OriginalsReceived: pb.OriginalsReceived,
        counter_events.BundleOverdue: pb.BundleOverdue,
        counter_events.BundleLost: pb.BundleLost,
        counter_events.AssistanceTaken: pb.AssistanceTaken,
        counter_events.AssistanceOverdue: pb.AssistanceOverdue,
        counter_events.AssistancePassedOn: pb.AssistancePassedOn,
        counter_events.AssistanceReceived: pb.AssistanceReceived,
        counter_events.EnquiryRegistered: pb.EnquiryRegistered,
        counter_events.EnquiryHandedOver: pb.EnquiryHandedOver,
        counter_events.EnquiryAcknowledged: pb.EnquiryAcknowledged,
        counter_events.EnquiryAnswered: pb.EnquiryAnswered,
        post_acceptance_events.ProcessNoticeGiven: pb.ProcessNoticeGiven,
        post_acceptance_events.ExplanationGiven: pb.ExplanationGiven,
        post_acceptance_events.ResultDispatched: pb.ResultDispatched,
        post_acceptance_events.ServiceLeftOpen: pb.ServiceLeftOpen,
        post_acceptance_events.ResultAnnounced: pb.ResultAnnounced,
        post_acceptance_events.ResultServed: pb.ResultServed,
        post_acceptance_events.DocumentVoided: pb.DocumentVoided,
    }
)
