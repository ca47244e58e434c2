"""Every way delivery can refuse a request."""

from __future__ import annotations

from servicekit.errors import NotFoundError, RuleViolationError

__all__ = ["OfferAlreadyAnsweredError", "OfferUnknownError"]


class OfferUnknownError(NotFoundError):
    """No courier was offered for this case, or not within the caller's reach."""

    reason = "OFFER_UNKNOWN"


class OfferAlreadyAnsweredError(RuleViolationError):
    """The applicant has answered the offer before."""

    reason = "OFFER_ALREADY_ANSWERED"
    rule = "R2.9"
