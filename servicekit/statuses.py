"""What a refusal looks like on the wire: a google.rpc.Status, built here and nowhere else.

No grpc here: workers store refusals too, and grpc and eventlet never meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from servicekit.errors import (
    ConflictError,
    DomainError,
    ExhaustedError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RuleViolationError,
    UnauthenticatedError,
    UnavailableError,
)

__all__ = ["CODES", "Say", "StoredRefusalError", "code_of", "to_status"]

ERROR_DOMAIN = "liandong"

CODES: Mapping[type[DomainError], int] = {
    NotFoundError: code_pb2.NOT_FOUND,
    ConflictError: code_pb2.ABORTED,
    RuleViolationError: code_pb2.FAILED_PRECONDITION,
    InvalidRequestError: code_pb2.INVALID_ARGUMENT,
    PermissionDeniedError: code_pb2.PERMISSION_DENIED,
    UnauthenticatedError: code_pb2.UNAUTHENTICATED,
    ExhaustedError: code_pb2.RESOURCE_EXHAUSTED,
    UnavailableError: code_pb2.UNAVAILABLE,
}

Say = Callable[[str, Mapping[str, str]], str]


def code_of(error: DomainError) -> int:
    """Return the code of the kind of `error`; one that is of no kind is a bug."""
    for kind in type(error).__mro__:
        if kind in CODES:
            return CODES[kind]
    raise TypeError(f"{type(error).__name__} is of no kind that has a code")


def to_status(error: DomainError, say: Say) -> status_pb2.Status:
    """Describe `error` to a caller: English for developers, Chinese for people.

    The rule id travels as `rule` in the metadata of ErrorInfo, beside the facts.
    """
    metadata = dict(error.facts)
    if error.rule:
        metadata["rule"] = error.rule
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN, metadata=metadata),
        error_details_pb2.LocalizedMessage(locale="zh-CN", message=say(error.reason, error.facts)),
    ]
    if isinstance(error, InvalidRequestError) and error.fields:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=violation.path, description=violation.description
                    )
                    for violation in error.fields
                ]
            )
        )
    status = status_pb2.Status(code=code_of(error), message=str(error))
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


class StoredRefusalError(Exception):
    """A refusal that was given before under the same request id, word for word."""

    def __init__(self, status: status_pb2.Status) -> None:
        super().__init__(status.message)
        self.status = status
