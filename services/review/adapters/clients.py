"""The service review asks: catalog, for the posts of those who checked on the site."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.catalog.v1 import catalog_service_pb2_grpc as catalog_grpc

from servicekit.client import TracedChannel, connect
from servicekit.errors import UnavailableError
from servicekit.grpc_errors import refusal_of
from services.review.config import ReviewSettings
from services.review.domain.facts import Post

__all__ = ["CatalogClient", "channel_to"]

log = logging.getLogger(__name__)

_AWAY = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED"}
# What is wrong is the token of this service, so nothing the caller did: they may try again.
_NOT_LET_IN = {"UNAUTHENTICATED", "PERMISSION_DENIED"}


class CatalogClient:
    """Asks the catalogue which post a person holds, and who reviews an authority."""

    def __init__(self, channel: Any) -> None:
        self._stub = catalog_grpc.CatalogServiceStub(channel)

    def post_of(self, person: str) -> Post | None:
        """Return the post in force; None for somebody who has none, or whom nobody knows."""
        request = catalog.ResolveAssignmentRequest(person=person)
        try:
            held = self._stub.ResolveAssignment(request).assignment
        except grpc.RpcError as error:
            _require_answer("catalog", error)
            if refusal_of(error).code in {"NOT_FOUND", "INVALID_ARGUMENT"}:
                return None
            raise
        return Post(held.post_kind, held.authority)

    def remedies_known(self, authority: str, at: datetime) -> bool:
        """Tell whether the record of the authority names who reviews what it decides that day."""
        instant = Timestamp()
        instant.FromDatetime(at)
        request = catalog.FindAuthorityRequest(name_or_code=authority, at_time=instant)
        try:
            found = self._stub.FindAuthority(request)
        except grpc.RpcError as error:
            _require_answer("catalog", error)
            raise
        return bool(found.review_body and found.court)


def _require_answer(peer: str, error: grpc.RpcError) -> None:
    """Say that a service is away, or does not let this one in: a token expired or is refused."""
    refusal = refusal_of(error)
    if refusal.code in _NOT_LET_IN:
        log.error(
            "service_token_refused",
            extra={"peer": peer, "code": refusal.code, "reason": refusal.reason},
        )
    if refusal.code in _AWAY | _NOT_LET_IN:
        raise UnavailableError("A service is away", peer=peer) from error


def channel_to(peer: str, target: str | None, settings: ReviewSettings) -> TracedChannel:
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
