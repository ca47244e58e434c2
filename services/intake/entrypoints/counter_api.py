"""The gRPC face of what happens around the counter: carried requests, questions, the exchange."""

from __future__ import annotations

from functools import partial
from typing import Any

from liandong.intake.v1 import assistance_service_pb2 as carried
from liandong.intake.v1 import assistance_service_pb2_grpc as carried_grpc
from liandong.intake.v1 import enquiry_service_pb2 as asked
from liandong.intake.v1 import enquiry_service_pb2_grpc as asked_grpc
from liandong.intake.v1 import exchange_service_pb2 as exchange
from liandong.intake.v1 import exchange_service_pb2_grpc as exchange_grpc

from servicekit.grpc_server import Registrar
from servicekit.messages import to_message
from services.intake import handlers
from services.intake.bootstrap import IntakeApp
from services.intake.domain.assistance import AssistanceState

__all__ = ["AssistanceServicer", "EnquiryServicer", "ExchangeServicer", "add_services"]


class AssistanceServicer(carried_grpc.AssistanceServiceServicer):
    """Implements liandong.intake.v1.AssistanceService."""

    def __init__(self, app: IntakeApp) -> None:
        self._app = app

    def TakeAssistance(self, request: carried.TakeAssistanceRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.TakeAssistance,
            partial(handlers.take_assistance, blobs=self._app.blobs),
            carried.TakeAssistanceResponse,
            prepare=self._app.assistance_ground,
        )

    def PassOnAssistance(self, request: carried.PassOnAssistanceRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.PassOnAssistance,
            handlers.pass_on_assistance,
            carried.PassOnAssistanceResponse,
            prepare=self._app.windows_for_assistance,
        )

    def AcknowledgeAssistance(  # noqa: N802
        self, request: carried.AcknowledgeAssistanceRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.AcknowledgeAssistance,
            handlers.acknowledge_assistance,
            carried.AcknowledgeAssistanceResponse,
        )

    def GetAssistance(self, request: carried.GetAssistanceRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view = self._app.counter.assistance(context.call, connection, request.assistance)
        return carried.GetAssistanceResponse(assistance=to_message(view, carried.Assistance))

    def ListAssistances(self, request: carried.ListAssistancesRequest, context: Any) -> Any:  # noqa: N802
        name = carried.AssistanceState.Name(request.state).removeprefix("ASSISTANCE_STATE_")
        with self._app.read_engine.connect() as connection:
            page = self._app.counter.assistances(
                context.call,
                connection,
                AssistanceState.__members__.get(name),
                request.page_size,
                request.page_token,
            )
        return carried.ListAssistancesResponse(
            assistances=[to_message(view, carried.Assistance) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def ReadAssistanceSlip(  # noqa: N802
        self, request: carried.ReadAssistanceSlipRequest, context: Any
    ) -> Any:
        with self._app.read_engine.connect() as connection:
            piece = self._app.counter.slip(
                context.call, connection, request.assistance, request.offset
            )
        return to_message(piece, carried.ReadAssistanceSlipResponse)


class EnquiryServicer(asked_grpc.EnquiryServiceServicer):
    """Implements liandong.intake.v1.EnquiryService."""

    def __init__(self, app: IntakeApp) -> None:
        self._app = app

    def RegisterEnquiry(self, request: asked.RegisterEnquiryRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.RegisterEnquiry,
            handlers.register_enquiry,
            asked.RegisterEnquiryResponse,
            prepare=self._app.enquiry_number,
        )

    def HandOverEnquiry(self, request: asked.HandOverEnquiryRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.HandOverEnquiry,
            handlers.hand_over_enquiry,
            asked.HandOverEnquiryResponse,
            prepare=self._app.unit_name,
        )

    def AcknowledgeEnquiry(self, request: asked.AcknowledgeEnquiryRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.AcknowledgeEnquiry,
            handlers.acknowledge_enquiry,
            asked.AcknowledgeEnquiryResponse,
        )

    def AnswerEnquiry(self, request: asked.AnswerEnquiryRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.AnswerEnquiry,
            handlers.answer_enquiry,
            asked.AnswerEnquiryResponse,
        )

    def GetEnquiry(self, request: asked.GetEnquiryRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view = self._app.counter.enquiry(context.call, connection, request.enquiry)
        return asked.GetEnquiryResponse(enquiry=to_message(view, asked.Enquiry))

    def ListEnquiries(self, request: asked.ListEnquiriesRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = self._app.counter.enquiries(
                context.call,
                connection,
                request.page_size,
                request.page_token,
                answered=request.include_answered,
            )
        return asked.ListEnquiriesResponse(
            enquiries=[to_message(view, asked.Enquiry) for view in page.items],
            next_page_token=page.next_page_token,
        )


class ExchangeServicer(exchange_grpc.ExchangeServiceServicer):
    """Implements liandong.intake.v1.ExchangeService."""

    def __init__(self, app: IntakeApp) -> None:
        self._app = app

    def ImportApplication(self, request: exchange.ImportApplicationRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.ImportApplication,
            partial(handlers.import_application, blobs=self._app.blobs),
            exchange.ImportApplicationResponse,
            prepare=self._app.import_ground,
        )


def add_services(app: IntakeApp, registrar: Registrar) -> None:
    """Put the services of this module behind the guard."""
    carried_grpc.add_AssistanceServiceServicer_to_server(AssistanceServicer(app), registrar)  # type: ignore[arg-type]
    asked_grpc.add_EnquiryServiceServicer_to_server(EnquiryServicer(app), registrar)  # type: ignore[arg-type]
    exchange_grpc.add_ExchangeServiceServicer_to_server(ExchangeServicer(app), registrar)  # type: ignore[arg-type]
