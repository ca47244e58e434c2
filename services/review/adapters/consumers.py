"""What review does with the events of other services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import Connection

from servicekit.calls import Call
from servicekit.messages import from_message
from servicekit.service import Resources, on_event
from servicekit.stream import Handler
from services.review import handlers
from services.review.adapters.unit_of_work import SqlReviewUnitOfWork
from services.review.domain.facts import Acceptance

__all__ = ["event_handlers"]


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that review takes in to what is done with it."""
    kit = resources.kit

    def new_uow(connection: Connection, call: Call) -> SqlReviewUnitOfWork:
        return SqlReviewUnitOfWork(kit, connection, call)

    def taking(
        message_type: type[Message], fact_type: type[Any], use: Callable[..., None]
    ) -> Handler:
        def apply(message: Message, *, uow: SqlReviewUnitOfWork) -> None:
            use(from_message(message, fact_type), uow=uow)

        return on_event(kit.service, new_uow, message_type, apply)

    return {
        "intake.case_accepted.v1": taking(intake.CaseAccepted, Acceptance, handlers.open_review),
        "intake.bundle_handed_over.v1": taking(
            intake.BundleHandedOver, handlers.BundleMoved, handlers.note_bundle_handed_over
        ),
        "intake.bundle_received.v1": taking(
            intake.BundleReceived, handlers.BundleMoved, handlers.note_bundle_received
        ),
        "intake.bundle_overdue.v1": taking(
            intake.BundleOverdue, handlers.BundleMoved, handlers.note_bundle_overdue
        ),
        "intake.bundle_lost.v1": taking(
            intake.BundleLost, handlers.BundleMoved, handlers.note_bundle_lost
        ),
        "intake.process_notice_given.v1": taking(
            intake.ProcessNoticeGiven,
            handlers.ProcessNoticeGiven,
            handlers.note_process_notice_given,
        ),
        "intake.explanation_given.v1": taking(
            intake.ExplanationGiven, handlers.ExplanationGiven, handlers.note_explanation_given
        ),
        "intake.case_withdrawn.v1": taking(
            intake.CaseWithdrawn, handlers.CaseWithdrawn, handlers.note_case_withdrawn
        ),
        "intake.case_terminated.v1": taking(
            intake.CaseTerminated, handlers.CaseTerminated, handlers.note_case_terminated
        ),
        "catalog.calendar_year_imported.v1": taking(
            catalog.CalendarYearImported,
            handlers.CalendarYearImported,
            handlers.import_calendar_year,
        ),
    }
