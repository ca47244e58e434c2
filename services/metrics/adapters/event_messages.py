"""The events of metrics as messages, and the events of others as what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from google.protobuf.message import Message
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.common.v1.violation_events_pb2 import ViolationRecorded
from liandong.delivery.v1 import delivery_events_pb2 as delivery
from liandong.intake.v1 import intake_events_pb2 as intake
from liandong.metrics.v1 import metrics_events_pb2 as pb
from liandong.review.v1 import review_events_pb2 as review

from servicekit.kit import EventCodec
from servicekit.messages import from_message
from services.metrics.domain import events, incoming
from services.metrics.domain.incoming import Incoming

__all__ = ["CODEC", "COUNTED", "counted"]

CODEC = EventCodec(
    {
        events.CaseRated: pb.CaseRated,
        events.ItemLightChanged: pb.ItemLightChanged,
    }
)

# Every event that is counted; any other type only advances its stream.
COUNTED: Final[Mapping[str, tuple[type[Message], type[Incoming]]]] = {
    "intake.case_received.v1": (intake.CaseReceived, incoming.CaseReceived),
    "intake.one_time_notice_given.v1": (intake.OneTimeNoticeGiven, incoming.OneTimeNoticeGiven),
    "intake.correction_submitted.v1": (intake.CorrectionSubmitted, incoming.CorrectionSubmitted),
    "intake.case_accepted.v1": (intake.CaseAccepted, incoming.CaseAccepted),
    "intake.case_transferred.v1": (intake.CaseTransferred, incoming.CaseTransferred),
    "intake.further_notice_given.v1": (intake.FurtherNoticeGiven, incoming.FurtherNoticeGiven),
    "intake.decided_on_the_spot.v1": (intake.DecidedOnTheSpot, incoming.DecidedOnTheSpot),
    "intake.case_not_required.v1": (intake.CaseNotRequired, incoming.CaseNotRequired),
    "intake.acceptance_refused.v1": (intake.AcceptanceRefused, incoming.AcceptanceRefused),
    "intake.case_withdrawn.v1": (intake.CaseWithdrawn, incoming.CaseWithdrawn),
    "intake.case_terminated.v1": (intake.CaseTerminated, incoming.CaseTerminated),
    "intake.filing_recorded.v1": (intake.FilingRecorded, incoming.FilingRecorded),
    "intake.result_dispatched.v1": (intake.ResultDispatched, incoming.ResultDispatched),
    "intake.service_left_open.v1": (intake.ServiceLeftOpen, incoming.ServiceLeftOpen),
    "intake.result_served.v1": (intake.ResultServed, incoming.ResultServed),
    "intake.competence_alarmed.v1": (intake.CompetenceAlarmed, incoming.CompetenceAlarmed),
    "intake.bundle_overdue.v1": (intake.BundleOverdue, incoming.BundleOverdue),
    "intake.assistance_overdue.v1": (intake.AssistanceOverdue, incoming.AssistanceOverdue),
    "intake.correction_unconfirmed.v1": (
        intake.CorrectionUnconfirmed,
        incoming.CorrectionUnconfirmed,
    ),
    "intake.visit_recorded.v1": (intake.VisitRecorded, incoming.VisitRecorded),
    "intake.result_handed_out.v1": (intake.ResultHandedOut, incoming.ResultHandedOut),
    "intake.document_voided.v1": (intake.DocumentVoided, incoming.DocumentVoided),
    "intake.violation_recorded.v1": (ViolationRecorded, incoming.ViolationRecorded),
    "review.review_opened.v1": (review.ReviewOpened, incoming.ReviewOpened),
    "review.dates_recomputed.v1": (review.DatesRecomputed, incoming.DatesRecomputed),
    "review.decision_made.v1": (review.DecisionMade, incoming.DecisionMade),
    "review.explanation_requested.v1": (
        review.ExplanationRequested,
        incoming.ExplanationRequested,
    ),
    "review.light_changed.v1": (review.LightChanged, incoming.LightChanged),
    "review.violation_recorded.v1": (ViolationRecorded, incoming.ViolationRecorded),
    "delivery.courier_offered.v1": (delivery.CourierOffered, incoming.CourierOffered),
    "delivery.courier_offer_answered.v1": (
        delivery.CourierOfferAnswered,
        incoming.CourierOfferAnswered,
    ),
    "delivery.shipment_created.v1": (delivery.ShipmentCreated, incoming.ShipmentCreated),
    "delivery.shipment_signed.v1": (delivery.ShipmentSigned, incoming.ShipmentSigned),
    "delivery.shipment_failed.v1": (delivery.ShipmentFailed, incoming.ShipmentFailed),
    "delivery.violation_recorded.v1": (ViolationRecorded, incoming.ViolationRecorded),
    "catalog.item_version_published.v1": (
        catalog.ItemVersionPublished,
        incoming.ItemVersionPublished,
    ),
    "catalog.unit_registered.v1": (catalog.UnitRegistered, incoming.UnitRegistered),
    "catalog.calendar_year_imported.v1": (
        catalog.CalendarYearImported,
        incoming.CalendarYearImported,
    ),
    "catalog.violation_recorded.v1": (ViolationRecorded, incoming.ViolationRecorded),
}


def counted(envelope: Envelope) -> Incoming | None:
    """Return what is counted of an event, None for a type that is not counted."""
    pair = COUNTED.get(envelope.type)
    if pair is None:
        return None
    message_type, kind = pair
    return from_message(message_type.FromString(envelope.payload), kind)
