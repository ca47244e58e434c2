"""The gRPC face of intake: translate in, call one handler, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from liandong.intake.v1 import custody_pb2 as custody
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.intake.v1 import intake_service_pb2_grpc as pb_grpc

from servicekit.calls import Call
from servicekit.event_log import published_events
from servicekit.grpc_server import CallContext, Registrar
from servicekit.messages import fill, to_message
from servicekit.roles.api import Register, run_api
from servicekit.service import Resources
from services.intake import handlers
from services.intake.adapters.clients import CatalogClient, channel_to
from services.intake.adapters.orm import tables
from services.intake.bootstrap import DEFINITION, IntakeApp, build
from services.intake.config import IntakeSettings
from services.intake.domain.values import CaseState
from services.intake.entrypoints.after_acceptance import AfterAcceptance
from services.intake.entrypoints.before_acceptance import BeforeAcceptance
from services.intake.entrypoints.counter_api import add_services

__all__ = ["IntakeServicer", "main", "registering"]


class IntakeServicer(BeforeAcceptance, AfterAcceptance, pb_grpc.IntakeServiceServicer):
    """Implements liandong.intake.v1.IntakeService."""

    def __init__(self, app: IntakeApp) -> None:
        self._app = app

    def BeginUpload(self, request: pb.BeginUploadRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.BeginUpload,
            partial(handlers.begin_upload, uploads=self._app.blobs),
            pb.BeginUploadResponse,
        )

    def AppendUpload(self, request: pb.AppendUploadRequest, context: Any) -> Any:  # noqa: N802
        next_offset = self._app.blobs.append(request.upload, request.offset, request.chunk)
        return pb.AppendUploadResponse(next_offset=next_offset)

    def FinishUpload(self, request: pb.FinishUploadRequest, context: Any) -> Any:  # noqa: N802
        stored = self._app.blobs.finish(request.upload, request.sha256)
        return pb.FinishUploadResponse(sha256=stored.sha256)

    def ReceiveApplication(self, request: pb.ReceiveApplicationRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ReceiveApplication,
            partial(handlers.receive_application, blobs=self._app.blobs),
            pb.ReceiveApplicationResponse,
            prepare=self._app.ground,
        )

    def GiveOneTimeNotice(self, request: pb.GiveOneTimeNoticeRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.GiveOneTimeNotice,
            handlers.give_one_time_notice,
            pb.GiveOneTimeNoticeResponse,
            prepare=self._app.powers,
        )

    def SubmitCorrection(self, request: pb.SubmitCorrectionRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.SubmitCorrection,
            partial(handlers.submit_correction, blobs=self._app.blobs),
            pb.SubmitCorrectionResponse,
        )

    def AcceptCase(self, request: pb.AcceptCaseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.AcceptCase,
            handlers.accept_case,
            pb.AcceptCaseResponse,
            prepare=self._app.powers,
        )

    def SealDocument(self, request: pb.SealDocumentRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.SealDocument,
            partial(handlers.seal_document, seals=self._app.seals),
            pb.SealDocumentResponse,
            prepare=self._app.predecessors,
        )

    def HandOverBundle(self, request: pb.HandOverBundleRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.HandOverBundle,
            handlers.hand_over_bundle,
            pb.HandOverBundleResponse,
            prepare=self._app.predecessors,
        )

    def ReceiveBundle(self, request: pb.ReceiveBundleRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ReceiveBundle,
            handlers.receive_bundle,
            pb.ReceiveBundleResponse,
        )

    def ReturnResult(self, request: pb.ReturnResultRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ReturnResult,
            handlers.return_result,
            pb.ReturnResultResponse,
        )

    def TransferCase(self, request: custody.TransferCaseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.TransferCase,
            handlers.transfer_case,
            custody.TransferCaseResponse,
            prepare=self._app.windows_for_case,
        )

    def RegisterOriginals(self, request: custody.RegisterOriginalsRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.RegisterOriginals,
            handlers.register_originals,
            custody.RegisterOriginalsResponse,
            prepare=self._app.second_known,
        )

    def ReportBundleLost(self, request: custody.ReportBundleLostRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ReportBundleLost,
            handlers.report_bundle_lost,
            custody.ReportBundleLostResponse,
        )

    def GetCase(self, request: pb.GetCaseRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            view, *more = self._app.queries.case(_call(context), connection, request.case_number)
        message = to_message(view, pb.Case)
        for part in more:
            fill(message, part)
        return pb.GetCaseResponse(case=message)

    def ListCases(self, request: pb.ListCasesRequest, context: Any) -> Any:  # noqa: N802
        name = pb.CaseState.Name(request.state).removeprefix("CASE_STATE_")
        with self._app.read_engine.connect() as connection:
            page = self._app.queries.cases(
                _call(context),
                connection,
                CaseState.__members__.get(name),
                request.page_size,
                request.page_token,
            )
        return pb.ListCasesResponse(
            cases=[to_message(view, pb.CaseSummary) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def GetTimeline(self, request: pb.GetTimelineRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            entries = self._app.queries.timeline(_call(context), connection, request.case_number)
        return pb.GetTimelineResponse(
            entries=[to_message(entry, pb.TimelineEntry) for entry in entries]
        )

    def ListDocuments(self, request: pb.ListDocumentsRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            papers = self._app.queries.documents(_call(context), connection, request.case_number)
        return pb.ListDocumentsResponse(
            documents=[to_message(paper, pb.Document) for paper in papers]
        )

    def ReadDocument(self, request: pb.ReadDocumentRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            piece = self._app.queries.read_document(
                _call(context), connection, request.case_number, request.document, request.offset
            )
        return to_message(piece, pb.ReadDocumentResponse)

    def GetProgress(self, request: pb.GetProgressRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            progress = self._app.queries.progress(
                _call(context), connection, request.case_number, request.query_code
            )
        return to_message(progress, pb.GetProgressResponse)

    def RevealApplicant(self, request: pb.RevealApplicantRequest, context: Any) -> Any:  # noqa: N802
        with self._app.units_of_work(self._app.engine, _call(context)) as uow:
            applicant = handlers.reveal_applicant(request.case_number, request.purpose, uow=uow)
        return pb.RevealApplicantResponse(applicant=to_message(applicant, pb.Applicant))

    def ReadEvents(self, request: pb.ReadEventsRequest, context: Any) -> Any:  # noqa: N802
        return pb.ReadEventsResponse(
            events=published_events(
                self._app.read_engine, tables.outbox, request.after_position, request.page_size
            )
        )


def _call(context: CallContext) -> Call:
    return context.call


def registering(channels: Mapping[str, Any]) -> Register:
    """Return what puts the methods of intake behind the guard, given a channel to catalog."""

    def register(resources: Resources, registrar: Registrar) -> None:
        app = build(resources, CatalogClient(channels["catalog"]))
        pb_grpc.add_IntakeServiceServicer_to_server(IntakeServicer(app), registrar)  # type: ignore[arg-type]
        add_services(app, registrar)

    return register


def main() -> None:
    settings = IntakeSettings.load(DEFINITION.name)
    catalog = channel_to("catalog", settings.catalog_target, settings)
    run_api(DEFINITION, settings, registering({"catalog": catalog}))
