"""The methods of intake for what happens before a department begins, or instead of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from liandong.intake.v1 import corrections_pb2, on_the_spot_pb2, refusals_pb2
from liandong.intake.v1 import intake_service_pb2 as pb

from services.intake import handlers
from services.intake.bootstrap import IntakeApp

__all__ = ["BeforeAcceptance"]


class BeforeAcceptance:
    """Refusals, withdrawals, corrections and the spot: a part of the servicer."""

    _app: IntakeApp

    def TellNotRequired(  # noqa: N802
        self, request: refusals_pb2.TellNotRequiredRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.TellNotRequired,
            handlers.tell_not_required,
            refusals_pb2.TellNotRequiredResponse,
            prepare=self._app.grounds.not_required,
        )

    def RefuseAcceptance(  # noqa: N802
        self, request: refusals_pb2.RefuseAcceptanceRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.RefuseAcceptance,
            handlers.refuse_acceptance,
            refusals_pb2.RefuseAcceptanceResponse,
            prepare=self._app.grounds.refusal,
        )

    def WithdrawCase(self, request: refusals_pb2.WithdrawCaseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.WithdrawCase,
            partial(handlers.withdraw_case, blobs=self._app.blobs),
            refusals_pb2.WithdrawCaseResponse,
        )

    def TerminateCase(self, request: refusals_pb2.TerminateCaseRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.TerminateCase,
            handlers.terminate_case,
            refusals_pb2.TerminateCaseResponse,
            prepare=self._app.grounds.termination,
        )

    def RejectCorrection(self, request: pb.RejectCorrectionRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.RejectCorrection,
            handlers.reject_correction,
            corrections_pb2.RejectCorrectionResponse,
        )

    def RemindCorrection(  # noqa: N802
        self, request: corrections_pb2.RemindCorrectionRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.RemindCorrection,
            handlers.remind_correction,
            corrections_pb2.RemindCorrectionResponse,
        )

    def ProposeFurtherNotice(  # noqa: N802
        self, request: pb.ProposeFurtherNoticeRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.ProposeFurtherNotice,
            handlers.propose_further_notice,
            corrections_pb2.ProposeFurtherNoticeResponse,
            prepare=self._app.grounds.powers,
        )

    def ApproveFurtherNotice(  # noqa: N802
        self, request: corrections_pb2.ApproveFurtherNoticeRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.ApproveFurtherNotice,
            handlers.approve_further_notice,
            corrections_pb2.ApproveFurtherNoticeResponse,
        )

    def DecideOnTheSpot(self, request: pb.DecideOnTheSpotRequest, context: Any) -> Any:  # noqa: N802
        return self._app.commands.run(
            context.call,
            request,
            handlers.DecideOnTheSpot,
            handlers.decide_on_the_spot,
            on_the_spot_pb2.DecideOnTheSpotResponse,
            prepare=self._app.grounds.letter,
        )

    def TurnIntoPromised(  # noqa: N802
        self, request: on_the_spot_pb2.TurnIntoPromisedRequest, context: Any
    ) -> Any:
        return self._app.commands.run(
            context.call,
            request,
            handlers.TurnIntoPromised,
            handlers.turn_into_promised,
            on_the_spot_pb2.TurnIntoPromisedResponse,
        )
