"""Every refusal of this service; each has a sentence in `texts/zh-CN/messages.toml`."""

from __future__ import annotations

from servicekit.errors import NotFoundError, PermissionDeniedError, RuleViolationError

__all__ = [
    "AlreadyRatedError",
    "CaseUnknownError",
    "NotCompletedError",
    "NotTheApplicantError",
    "RatioUnknownError",
]


class CaseUnknownError(NotFoundError):
    """Nothing is counted under this number, or not for this caller."""

    reason = "CASE_UNKNOWN"


class RatioUnknownError(NotFoundError):
    """No ratio has this name."""

    reason = "RATIO_UNKNOWN"


class NotCompletedError(RuleViolationError):
    """The result has not been served yet, so there is nothing to rate."""

    reason = "NOT_COMPLETED"
    rule = "国办发〔2019〕51号"


class AlreadyRatedError(RuleViolationError):
    """The case was rated; there is one rating per case (一事一评)."""

    reason = "ALREADY_RATED"
    rule = "国办发〔2019〕51号"


class NotTheApplicantError(PermissionDeniedError):
    """Somebody other than the applicant tried to rate; nobody rates for another."""

    reason = "NOT_THE_APPLICANT"
    rule = "国办发〔2019〕51号"
