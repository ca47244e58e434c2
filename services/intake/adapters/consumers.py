"""What intake does with the events of other services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.delivery.v1 import delivery_events_pb2 as delivery
from liandong.metrics.v1 import metrics_events_pb2 as metrics
from liandong.review.v1 import review_events_pb2 as review
from sqlalchemy import Connection

from servicekit.calls import Call
from servicekit.messages import from_message
from servicekit.service import on_event
from servicekit.stream import Handler
from services.intake import handlers
from services.intake.adapters.unit_of_work import SqlIntakeUnitOfWork

__all__ = ["handlers_of"]

NewUnitOfWork = Callable[[Connection, Call], SqlIntakeUnitOfWork]


def handlers_of(service: str, new_uow: NewUnitOfWork) -> Mapping[str, Handler]:
    """Map each event type that intake takes in to what is done with it."""

    def on(kind: type[Message], apply: Callable[..., None]) -> Handler:
        def handle(connection: Connection, envelope: Envelope) -> None:
            def applied(message: Any, *, uow: SqlIntakeUnitOfWork) -> None:
                apply(message, envelope.unit, uow=uow)

            on_event(service, new_uow, kind, applied)(connection, envelope)

        return handle

    return {
        "review.review_opened.v1": on(review.ReviewOpened, _told("REVIEW_OPENED")),
        "review.site_check_recorded.v1": on(review.SiteCheckRecorded, _site_check_recorded),
        "review.opinion_submitted.v1": on(review.OpinionSubmitted, _told("OPINION_SUBMITTED")),
        "review.decision_made.v1": on(review.DecisionMade, _decision_made),
        "review.special_procedure_planned.v1": on(
            review.SpecialProcedurePlanned,
            _with_unit(handlers.SpecialProcedurePlanned, handlers.special_procedure_planned),
        ),
        "review.limit_extended.v1": on(
            review.LimitExtended, _with_unit(handlers.LimitExtended, handlers.limit_extended)
        ),
        "review.explanation_requested.v1": on(
            review.ExplanationRequested,
            _with_unit(handlers.ExplanationRequested, handlers.explanation_requested),
        ),
        "review.dates_recomputed.v1": on(
            review.DatesRecomputed, _plain(handlers.DatesRecomputed, handlers.follow_dates)
        ),
        "delivery.shipment_signed.v1": on(
            delivery.ShipmentSigned, _plain(handlers.ShipmentSigned, handlers.shipment_signed)
        ),
        "delivery.shipment_failed.v1": on(
            delivery.ShipmentFailed, _plain(handlers.ShipmentFailed, handlers.shipment_failed)
        ),
        "delivery.courier_offer_answered.v1": on(
            delivery.CourierOfferAnswered, _courier_offer_answered
        ),
        "metrics.item_light_changed.v1": on(metrics.ItemLightChanged, _item_light_changed),
        "catalog.calendar_year_imported.v1": on(
            catalog.CalendarYearImported, _calendar_year_imported
        ),
        "catalog.window_merged.v1": on(catalog.WindowMerged, _window_merged),
    }


def _with_unit(kind: type[Any], apply: Callable[..., None]) -> Callable[..., None]:
    def take(message: Any, unit: str, *, uow: SqlIntakeUnitOfWork) -> None:
        apply(from_message(message, kind), unit, uow=uow)

    return take


def _plain(kind: type[Any], apply: Callable[..., None]) -> Callable[..., None]:
    def take(message: Any, _unit: str, *, uow: SqlIntakeUnitOfWork) -> None:
        apply(from_message(message, kind), uow=uow)

    return take


def _told(code: str) -> Callable[..., None]:
    def tell(message: Any, unit: str, *, uow: SqlIntakeUnitOfWork) -> None:
        handlers.tell_of_review(message.case_number, code, unit, uow=uow)

    return tell


def _site_check_recorded(
    message: review.SiteCheckRecorded, unit: str, *, uow: SqlIntakeUnitOfWork
) -> None:
    handlers.record_site_check(message.case_number, unit, uow=uow)


def _decision_made(message: review.DecisionMade, unit: str, *, uow: SqlIntakeUnitOfWork) -> None:
    handlers.record_decision(from_message(message, handlers.DecisionMade), unit, uow=uow)


def _courier_offer_answered(
    message: delivery.CourierOfferAnswered, unit: str, *, uow: SqlIntakeUnitOfWork
) -> None:
    handlers.choose_delivery(from_message(message, handlers.CourierOfferAnswered), unit, uow=uow)


def _item_light_changed(
    message: metrics.ItemLightChanged, _unit: str, *, uow: SqlIntakeUnitOfWork
) -> None:
    handlers.explain_light(from_message(message, handlers.ItemLightChanged), uow=uow)


def _calendar_year_imported(
    message: catalog.CalendarYearImported, _unit: str, *, uow: SqlIntakeUnitOfWork
) -> None:
    handlers.import_calendar_year(from_message(message, handlers.CalendarYearImported), uow=uow)


def _window_merged(message: catalog.WindowMerged, _unit: str, *, uow: SqlIntakeUnitOfWork) -> None:
    handlers.merge_window(from_message(message, handlers.WindowMerged), uow=uow)
