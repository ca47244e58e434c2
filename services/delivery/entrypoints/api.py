"""The gRPC face of delivery: translate in, call one handler, translate out."""

from __future__ import annotations

from typing import Any

from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc

from servicekit.calls import Call
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import to_message
from servicekit.roles.api import run_api
from servicekit.service import Resources
from services.delivery import handlers
from services.delivery.adapters import queries, shipment_views
from services.delivery.adapters.orm import tables
from services.delivery.bootstrap import DEFINITION, DeliveryApp, build
from services.delivery.config import DeliverySettings
from services.delivery.entrypoints.callbacks import listen

__all__ = ["DeliveryServicer", "listen", "main", "register"]


class DeliveryServicer(pb_grpc.DeliveryServiceServicer):
    """Implements liandong.delivery.v1.DeliveryService."""

    def __init__(self, app: DeliveryApp) -> None:
        self._app = app

    def GetCourierOffer(self, request: pb.GetCourierOfferRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            view = queries.get_courier_offer(call, connection, request.case_number)
        return pb.GetCourierOfferResponse(offer=to_message(view, pb.CourierOffer))

    def ListCourierOffers(self, request: pb.ListCourierOffersRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = queries.list_courier_offers(
                call, connection, request.page_size, request.page_token
            )
        return pb.ListCourierOffersResponse(
            offers=[to_message(view, pb.CourierOffer) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def AnswerCourierOffer(self, request: pb.AnswerCourierOfferRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.AnswerCourierOffer,
            handlers.answer_courier_offer,
            pb.AnswerCourierOfferResponse,
        )

    def RequestPickup(self, request: pb.RequestPickupRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.RequestPickup,
            handlers.request_pickup,
            pb.RequestPickupResponse,
        )

    def GetShipment(self, request: pb.GetShipmentRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view = shipment_views.get_shipment(_call(context), connection, request.shipment)
        return pb.GetShipmentResponse(shipment=to_message(view, pb.Shipment))

    def ListShipments(self, request: pb.ListShipmentsRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = shipment_views.list_shipments(
                _call(context),
                connection,
                request.page_size,
                request.page_token,
                request.case_number,
            )
        return pb.ListShipmentsResponse(
            shipments=[to_message(view, pb.Shipment) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def GetLabel(self, request: pb.GetLabelRequest, context: Any) -> Any:  # noqa: N802
        with self._app.units_of_work(self._app.engine, _call(context)) as uow:
            printed = handlers.print_label(request.shipment, request.purpose, uow=uow)
        return to_message(printed, pb.GetLabelResponse)

    def CancelShipment(self, request: pb.CancelShipmentRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.CancelShipment,
            handlers.cancel_shipment,
            pb.CancelShipmentResponse,
        )

    def ReadEvents(self, request: pb.ReadEventsRequest, context: Any) -> Any:  # noqa: N802
        return pb.ReadEventsResponse(
            events=published_events(
                self._app.read_engine, tables.outbox, request.after_position, request.page_size
            )
        )


def _call(context: CallContext) -> Call:
    return context.call


def register(resources: Resources, registrar: Registrar) -> None:
    """Put the methods of delivery behind the guard."""
    pb_grpc.add_DeliveryServiceServicer_to_server(DeliveryServicer(build(resources)), registrar)  # type: ignore[arg-type]


def main() -> None:
    run_api(DEFINITION, DeliverySettings.load(DEFINITION.name), register, beside=listen)
