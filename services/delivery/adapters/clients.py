"""The service delivery asks: intake, from its jobs."""

from __future__ import annotations

import logging
from typing import Any, Final

import grpc
from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.intake.v1 import intake_service_pb2_grpc as intake_grpc

from servicekit.client import TracedChannel, connect
from servicekit.errors import UnavailableError
from servicekit.grpc_errors import refusal_of
from services.delivery.config import DeliverySettings
from services.delivery.ports import Party

__all__ = ["IntakeClient", "channel_to"]

log = logging.getLogger(__name__)

_AWAY: Final = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED"}
# What is wrong is the token of this service; whoever rotates it lets the job go on.
_NOT_LET_IN: Final = {"UNAUTHENTICATED", "PERMISSION_DENIED"}


class IntakeClient:
    """Asks intake who a parcel is for; intake keeps who asked, and what for."""

    def __init__(self, channel: Any) -> None:
        self._stub = intake_grpc.IntakeServiceStub(channel)

    def addressee(self, case_number: str, purpose: str) -> Party:
        """Return what a waybill may say of the applicant, and forget the rest."""
        request = intake.RevealApplicantRequest(case_number=case_number, purpose=purpose)
        try:
            applicant = self._stub.RevealApplicant(request).applicant
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            if refusal.code in _NOT_LET_IN:
                log.error(  # noqa: TRY400 -- the refusal is known, its trace tells nothing more
                    "service_token_refused", extra={"code": refusal.code}
                )
            if refusal.code in _AWAY | _NOT_LET_IN:
                raise UnavailableError("A service is away", peer="intake") from error
            raise
        return Party(applicant.name, applicant.phone, applicant.address)


def channel_to(peer: str, target: str | None, settings: DeliverySettings) -> TracedChannel:
    """Return a channel with this service's own token; refuse to start without either.

    The token is read for each call: whoever rotates it writes the file anew.
    """
    token = settings.service_token
    if target is None or token is None:
        raise ValueError(f"{peer.upper()}_TARGET and SERVICE_TOKEN are needed")
    return TracedChannel(
        connect(target, settings.tls),
        lambda: token.read_text(encoding="utf-8").strip(),
        timeout=settings.call_timeout_s,
        peer=peer,
    )
