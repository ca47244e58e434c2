"""The gRPC face of review: translate in, call one handler, translate out."""

from __future__ import annotations

from typing import Any

from liandong.review.v1 import review_service_pb2 as pb
from liandong.review.v1 import review_service_pb2_grpc as pb_grpc

from servicekit.calls import Call
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import to_message
from servicekit.roles.api import run_api
from servicekit.service import Resources
from services.review import handlers
from services.review.adapters import queries
from services.review.adapters.orm import tables
from services.review.bootstrap import DEFINITION, ReviewApp, build
from services.review.config import ReviewSettings

__all__ = ["ReviewServicer", "main", "register"]


class ReviewServicer(pb_grpc.ReviewServiceServicer):
    """Implements liandong.review.v1.ReviewService."""

    def __init__(self, app: ReviewApp) -> None:
        self._app = app

    def GetReviewCase(self, request: pb.GetReviewCaseRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            view = queries.get_review_case(call, connection, request.case_number)
        return pb.GetReviewCaseResponse(review=to_message(view, pb.ReviewCase))

    def ListWork(self, request: pb.ListWorkRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            page = queries.list_work(call, connection, request.page_size, request.page_token)
        return pb.ListWorkResponse(
            items=[to_message(item, pb.WorkItem) for item in page.items],
            next_page_token=page.next_page_token,
        )

    def RecordSiteCheck(self, request: pb.RecordSiteCheckRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.RecordSiteCheck,
            handlers.record_site_check,
            pb.RecordSiteCheckResponse,
        )

    def SubmitOpinion(self, request: pb.SubmitOpinionRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.SubmitOpinion,
            handlers.submit_opinion,
            pb.SubmitOpinionResponse,
        )

    def Decide(self, request: pb.DecideRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context), request, handlers.Decide, handlers.decide, pb.DecideResponse
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
    """Put the methods of review behind the guard."""
    pb_grpc.add_ReviewServiceServicer_to_server(ReviewServicer(build(resources)), registrar)  # type: ignore[arg-type]


def main() -> None:
    run_api(DEFINITION, ReviewSettings.load(DEFINITION.name), register)
