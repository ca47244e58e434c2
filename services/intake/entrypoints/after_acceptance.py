"""The methods of intake after acceptance: notices on the way, service, the register."""

from __future__ import annotations

from functools import partial
from typing import Any

from liandong.intake.v1 import intake_service_pb2 as pb

from servicekit.calls import Call
from servicekit.grpc_server import CallContext
from servicekit.messages import to_message
from services.intake import handlers
from services.intake.bootstrap import IntakeApp

__all__ = ["AfterAcceptance"]


class AfterAcceptance:
    """What liandong.intake.v1.IntakeService does once a department has the case."""

    _app: IntakeApp

    def GiveProcessNotice(self, request: pb.GiveProcessNoticeRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.GiveProcessNotice,
            handlers.give_process_notice,
            pb.GiveProcessNoticeResponse,
        )

    def GiveExplanation(self, request: pb.GiveExplanationRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.GiveExplanation,
            partial(handlers.give_explanation, blobs=self._app.blobs),
            pb.GiveExplanationResponse,
        )

    def ReceiveResult(self, request: pb.ReceiveResultRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ReceiveResult,
            handlers.receive_result,
            pb.ReceiveResultResponse,
            prepare=self._app.held,
        )

    def HandOut(self, request: pb.HandOutRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.HandOut,
            handlers.hand_out,
            pb.HandOutResponse,
            prepare=self._app.held,
        )

    def DispatchResult(self, request: pb.DispatchResultRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.DispatchResult,
            handlers.dispatch_result,
            pb.DispatchResultResponse,
            prepare=self._app.held,
        )

    def ConfirmService(self, request: pb.ConfirmServiceRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ConfirmService,
            handlers.confirm_service,
            pb.ConfirmServiceResponse,
            prepare=self._app.held,
        )

    def ServeOtherwise(self, request: pb.ServeOtherwiseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.ServeOtherwise,
            handlers.serve_otherwise,
            pb.ServeOtherwiseResponse,
            prepare=self._app.held,
        )

    def VoidDocument(self, request: pb.VoidDocumentRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            _call(context),
            request,
            handlers.VoidDocument,
            handlers.void_document,
            pb.VoidDocumentResponse,
        )

    def ListDocumentRegister(self, request: pb.ListDocumentRegisterRequest, context: Any) -> Any:  # noqa: N802
        with self._app.read_engine.connect() as connection:
            page = self._app.register.entries(
                _call(context),
                connection,
                (request.authority, request.kind, request.year),
                request.page_size,
                request.page_token,
            )
        return pb.ListDocumentRegisterResponse(
            entries=[to_message(entry, pb.RegisterEntry) for entry in page.items],
            next_page_token=page.next_page_token,
        )

    def ReadMaterial(self, request: pb.ReadMaterialRequest, context: Any) -> Any:  # noqa: N802
        with self._app.units_of_work(self._app.engine, _call(context)) as uow:
            handlers.read_material(request.case_number, request.sha256, request.offset, uow=uow)
        piece = self._app.register.piece(request.sha256, request.offset)
        return to_message(piece, pb.ReadMaterialResponse)


def _call(context: CallContext) -> Call:
    return context.call
