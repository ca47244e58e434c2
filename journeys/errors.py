"""Why a journey ends early."""

from __future__ import annotations

from carrier.book import CarrierError
from servicekit.grpc_errors import Refusal

__all__ = ["FAILURES", "JourneyError", "RefusedError"]


class JourneyError(Exception):
    """The district did not do what the journey expects of it."""


class RefusedError(JourneyError):
    """A call that should have been answered was refused."""

    def __init__(self, what: str, refusal: Refusal) -> None:
        super().__init__(f"{what}: {refusal.code} {refusal.reason} {refusal.rule} {refusal.text}")
        self.refusal = refusal


# What ends one journey and no other: the district, or the carrier, did not do as expected.
FAILURES = (JourneyError, CarrierError)
