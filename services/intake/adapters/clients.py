"""The services intake asks: catalog from its api and its jobs, review from its jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.catalog.v1 import catalog_service_pb2_grpc as catalog_grpc
from liandong.review.v1 import review_service_pb2 as review
from liandong.review.v1 import review_service_pb2_grpc as review_grpc

from servicekit.client import TracedChannel, connect
from servicekit.errors import DomainError, UnavailableError
from servicekit.grpc_errors import refusal_of
from servicekit.messages import from_message
from services.intake.config import IntakeSettings
from services.intake.domain.errors import (
    ItemNotInForceError,
    ItemUnknownError,
    WindowUnknownError,
)
from services.intake.domain.item_terms import Remedies
from services.intake.domain.refusal import CompetentAuthority
from services.intake.domain.values import ItemTerms, WindowPowers, WindowUnit
from services.intake.ports import Findings, Offer, SiteCheck

__all__ = ["CatalogClient", "ReviewClient", "channel_to"]

T = TypeVar("T")

log = logging.getLogger(__name__)

_AWAY = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED"}
# What is wrong is the token of this service, so nothing the caller did: they may try again.
_NOT_LET_IN = {"UNAUTHENTICATED", "PERMISSION_DENIED"}
_REFUSALS: dict[str, type[DomainError]] = {
    ItemUnknownError.reason: ItemUnknownError,
    ItemNotInForceError.reason: ItemNotInForceError,
    "UNIT_UNKNOWN": WindowUnknownError,
}


def _ask(peer: str, call: Callable[[], T], **facts: str) -> T:
    """Return the answer; what the other service refuses, intake refuses in its own words."""
    try:
        return call()
    except grpc.RpcError as error:
        refusal = refusal_of(error)
        _require_answer(peer, error)
        if refusal.reason in _REFUSALS:
            raise _REFUSALS[refusal.reason](f"{peer} refuses", **facts) from error
        raise


def _name(call: Callable[[], str]) -> str | None:
    """Return the name the catalogue knows, None where it knows nobody."""
    try:
        return call()
    except grpc.RpcError as error:
        _require_answer("catalog", error)
        if refusal_of(error).code == "NOT_FOUND":
            return None
        raise


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


class CatalogClient:
    """Asks the catalogue what may be applied for, what a window may do, and who is who."""

    def __init__(self, channel: Any) -> None:
        self._stub = catalog_grpc.CatalogServiceStub(channel)

    def item_in_force(self, item_code: str, on: date) -> ItemTerms:
        request = catalog.GetServiceItemRequest(item_code=item_code)
        request.on_date.year, request.on_date.month, request.on_date.day = on.timetuple()[:3]
        response = _ask("catalog", lambda: self._stub.GetServiceItem(request), item=item_code)
        return from_message(response.version, ItemTerms)

    def item(self, item_code: str, on: date) -> Offer:
        request = catalog.GetServiceItemRequest(item_code=item_code, include_ended=True)
        request.on_date.year, request.on_date.month, request.on_date.day = on.timetuple()[:3]
        response = _ask("catalog", lambda: self._stub.GetServiceItem(request), item=item_code)
        return Offer(from_message(response.version, ItemTerms), response.in_force)

    def competent_windows(self, item_code: str, at: datetime) -> tuple[WindowUnit, ...]:
        instant = Timestamp()
        instant.FromDatetime(at)
        request = catalog.FindCompetentWindowsRequest(item_code=item_code, at_time=instant)
        response = _ask("catalog", lambda: self._stub.FindCompetentWindows(request), item=item_code)
        return tuple(from_message(each, WindowUnit) for each in response.windows)

    def window_powers(self, window_unit: str, item_code: str, at: datetime) -> WindowPowers:
        instant = Timestamp()
        instant.FromDatetime(at)
        request = catalog.GetWindowPowersRequest(
            window_unit=window_unit, item_code=item_code, at_time=instant
        )
        response = _ask("catalog", lambda: self._stub.GetWindowPowers(request), window=window_unit)
        return from_message(response, WindowPowers)

    def find_authority(self, name_or_code: str, at: datetime) -> CompetentAuthority:
        instant = Timestamp()
        instant.FromDatetime(at)
        request = catalog.FindAuthorityRequest(name_or_code=name_or_code, at_time=instant)
        found = _ask("catalog", lambda: self._stub.FindAuthority(request), name=name_or_code)
        return CompetentAuthority(name=found.authority_name or name_or_code, served=found.served)

    def remedies(self, authority: str, at: datetime) -> Remedies:
        instant = Timestamp()
        instant.FromDatetime(at)
        request = catalog.FindAuthorityRequest(name_or_code=authority, at_time=instant)
        found = _ask("catalog", lambda: self._stub.FindAuthority(request), name=authority)
        return from_message(found, Remedies)

    def window(self, unit: str) -> WindowUnit:
        request = catalog.GetUnitRequest(unit=unit)
        response = _ask("catalog", lambda: self._stub.GetUnit(request), window=unit)
        return from_message(response.unit, WindowUnit)

    def person_name(self, person: str) -> str | None:
        request = catalog.GetPersonRequest(person=person)
        return _name(lambda: self._stub.GetPerson(request).person_name)

    def unit_name(self, unit: str) -> str | None:
        request = catalog.GetUnitRequest(unit=unit)
        return _name(lambda: self._stub.GetUnit(request).unit.name)


class ReviewClient:
    """Asks the review what a decision rests on; from the jobs only."""

    def __init__(self, channel: Any) -> None:
        self._stub = review_grpc.ReviewServiceStub(channel)

    def findings(self, case_number: str, authority: str) -> Findings:
        decision = self._review(case_number, authority).decision
        until = decision.valid_until_date
        return Findings(
            facts=decision.facts,
            reasons=decision.reasons,
            legal_bases=tuple(decision.legal_bases),
            content=decision.content,
            valid_until=date(until.year, until.month, until.day) if until.year else None,
            conditions=tuple(decision.conditions),
        )

    def site_checks(self, case_number: str, authority: str) -> tuple[SiteCheck, ...]:
        found = self._review(case_number, authority)
        return tuple(from_message(each, SiteCheck) for each in found.site_checks)

    def _review(self, case_number: str, authority: str) -> review.ReviewCase:
        request = review.GetReviewCaseRequest(case_number=case_number, authority=authority)
        response = _ask("review", lambda: self._stub.GetReviewCase(request), case=case_number)
        found: review.ReviewCase = response.review
        return found


def channel_to(peer: str, target: str | None, settings: IntakeSettings) -> TracedChannel:
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
