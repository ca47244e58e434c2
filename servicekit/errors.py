"""The one exception family that may leave a handler.

Every refusal has a kind (which becomes a gRPC status in `grpc_errors`), a
reason a machine can read, the id of the rule it applies, and facts that fill
the Chinese sentence a person reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "ConflictError",
    "DomainError",
    "ExhaustedError",
    "FieldViolation",
    "InvalidRequestError",
    "NotFoundError",
    "PermissionDeniedError",
    "RuleViolationError",
    "UnauthenticatedError",
    "UnavailableError",
]


class DomainError(Exception):
    """A request that is refused, with a reason a machine can read.

    `rule` names the rule or clause that refuses ("R4.7"); it is empty where
    only the machinery refuses. A `violation` is a refusal that supervision
    must hear of: it is kept, audited and published although the command
    itself is rolled back.
    """

    reason: ClassVar[str] = "DOMAIN_ERROR"
    rule: ClassVar[str] = ""
    violation: ClassVar[bool] = False

    def __init__(self, message: str, **facts: str) -> None:
        super().__init__(message)
        self.facts: dict[str, str] = facts


class NotFoundError(DomainError):
    """The thing named in the request does not exist, or not for this caller."""

    reason = "NOT_FOUND"


class ConflictError(DomainError):
    """The thing changed since the caller last saw it."""

    reason = "STALE_REVISION"


class RuleViolationError(DomainError):
    """The request breaks a rule that holds in the present state."""


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field of a request that is malformed; `path` as in the proto."""

    path: str
    description: str


class InvalidRequestError(DomainError):
    """The request is malformed, whatever the state of the system."""

    reason = "MALFORMED_REQUEST"

    def __init__(
        self, message: str, *, fields: Sequence[FieldViolation] = (), **facts: str
    ) -> None:
        super().__init__(message, **facts)
        self.fields = tuple(fields)


class PermissionDeniedError(DomainError):
    """The caller's post does not allow what was asked; each has a reason of its own."""


class UnauthenticatedError(DomainError):
    """Nobody knows who is calling."""

    reason = "TOKEN_MISSING"


class ExhaustedError(DomainError):
    """The system is at capacity; nothing was done, and the call may be repeated."""

    reason = "AT_CAPACITY"


class UnavailableError(DomainError):
    """Something the request needs is away; nothing was done, and it may be repeated."""

    reason = "DEPENDENCY_AWAY"
