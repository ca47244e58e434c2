"""The gRPC face of review: translate in, call one handler, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liandong.review.v1 import review_acts_pb2 as acts
from liandong.review.v1 import review_service_pb2 as pb
from liandong.review.v1 import review_service_pb2_grpc as pb_grpc

from servicekit.calls import Call
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import to_message
from servicekit.roles.api import Register, run_api
from servicekit.service import Resources
from services.review import handlers
from services.review.adapters import queries
from services.review.adapters.clients import CatalogClient, channel_to
from services.review.adapters.orm import tables
from services.review.bootstrap import DEFINITION, ReviewApp, build
from services.review.config import ReviewSettings
from services.review.domain.facts import DecisionOutcome, Post

__all__ = ["ReviewServicer", "main", "registering"]


class ReviewServicer(pb_grpc.ReviewServiceServicer):
    """Implements liandong.review.v1.ReviewService."""

    def __init__(self, app: ReviewApp) -> None:
        self._app = app

    def GetReviewCase(self, request: pb.GetReviewCaseRequest, context: Any) -> Any:  # noqa: N802
        call = _call(context)
        with self._app.read_engine.connect() as connection:
            view = queries.get_review_case(call, connection, request.case_number, request.authority)
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
            prepare=self._posts,
        )

    def _posts(self, command: handlers.RecordSiteCheck, call: Call) -> dict[str, Post | None]:
        """Return the posts of all who checked, but the caller's own, which the call tells."""
        others = frozenset(command.checkers) - {call.caller.person, ""}
        return {person: self._app.catalogue.post_of(person) for person in sorted(others)}

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
            _call(context),
            request,
            handlers.Decide,
            handlers.decide,
            pb.DecideResponse,
            prepare=self._remedies_known,
        )

    def _remedies_known(self, command: handlers.Decide, call: Call) -> bool:
        """Tell whether a denial could name who reviews it; a grant need not."""
        authority = command.authority or call.caller.authority
        if command.outcome is not DecisionOutcome.DENIED or not authority:
            return True
        return self._app.catalogue.remedies_known(authority, call.at)

    def PlanSpecialProcedure(self, request: acts.PlanSpecialProcedureRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.PlanSpecialProcedure,
            handlers.plan_special_procedure,
            acts.PlanSpecialProcedureResponse,
        )

    def EndSpecialProcedure(self, request: acts.EndSpecialProcedureRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.EndSpecialProcedure,
            handlers.end_special_procedure,
            acts.EndSpecialProcedureResponse,
        )

    def ExtendLimit(self, request: acts.ExtendLimitRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ExtendLimit,
            handlers.extend_limit,
            acts.ExtendLimitResponse,
        )

    def RequestExplanation(self, request: acts.RequestExplanationRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.RequestExplanation,
            handlers.request_explanation,
            acts.RequestExplanationResponse,
        )

    def AskAuthorities(self, request: acts.AskAuthoritiesRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.AskAuthorities,
            handlers.ask_authorities,
            acts.AskAuthoritiesResponse,
        )

    def AnswerConsultation(self, request: acts.AnswerConsultationRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.AnswerConsultation,
            handlers.answer_consultation,
            acts.AnswerConsultationResponse,
        )

    def WaiveBundle(self, request: acts.WaiveBundleRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.WaiveBundle,
            handlers.waive_bundle,
            acts.WaiveBundleResponse,
        )

    def ReadEvents(self, request: pb.ReadEventsRequest, context: Any) -> Any:  # noqa: N802
        return pb.ReadEventsResponse(
            events=published_events(
                self._app.read_engine, tables.outbox, request.after_position, request.page_size
            )
        )


def _call(context: CallContext) -> Call:
    return context.call


def registering(channels: Mapping[str, Any]) -> Register:
    """Return what puts the methods of review behind the guard, given a channel to catalog."""

    def register(resources: Resources, registrar: Registrar) -> None:
        app = build(resources, CatalogClient(channels["catalog"]))
        pb_grpc.add_ReviewServiceServicer_to_server(ReviewServicer(app), registrar)  # type: ignore[arg-type]

    return register


def main() -> None:
    settings = ReviewSettings.load(DEFINITION.name)
    catalog = channel_to("catalog", settings.catalog_target, settings)
    run_api(DEFINITION, settings, registering({"catalog": catalog}))
