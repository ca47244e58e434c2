"""The catalogue as the tests of review need it: it answers over a channel, as the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liandong.catalog.v1 import catalog_service_pb2 as catalog

from servicekit.client import LocalRpcError
from servicekit.errors import DomainError, InvalidRequestError, NotFoundError
from servicekit.statuses import to_status
from services.review.tests.builders import AUTHORITY

__all__ = ["FakeCatalog"]

ELSEWHERE = "370306000000-D02"
LONGEST = 60
POSTS = {
    "p-reviewer": ("DEPARTMENT", AUTHORITY),
    "p-colleague": ("DEPARTMENT", AUTHORITY),
    "p-decider": ("DEPARTMENT", AUTHORITY),
    "p-head": ("DEPARTMENT", AUTHORITY),
    "p-seconded": ("WINDOW", AUTHORITY),
    "p-clerk": ("DEPARTMENT", AUTHORITY),  # moved from the window since
    "p-window": ("WINDOW", ""),
    "p-d02-reviewer": ("DEPARTMENT", ELSEWHERE),
    "p-d02-colleague": ("DEPARTMENT", ELSEWHERE),
}


class AssignmentUnknownError(NotFoundError):
    """As the catalogue says it."""

    reason = "ASSIGNMENT_UNKNOWN"


class FakeCatalog:
    """Knows who holds which post; `failure` is what it refuses everything with."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: DomainError | None = None
        # The authorities whose record names nobody who reviews them.
        self.without_remedies: set[str] = set()

    def unary_unary(self, method: str, *_serializers: Any, **_options: Any) -> Callable[..., Any]:
        def call(request: Any, **_kwargs: Any) -> Any:
            if method.endswith("/FindAuthority"):
                return self._authority(request.name_or_code)
            if not method.endswith("/ResolveAssignment"):
                raise AssertionError(f"review does not ask {method}")
            return self._post(request.person)

        return call

    def _authority(self, code: str) -> catalog.FindAuthorityResponse:
        if self.failure is not None:
            raise refusal(self.failure)
        known = code not in self.without_remedies
        return catalog.FindAuthorityResponse(
            authority=code,
            review_body="周村区人民政府" if known else "",
            court="淄博市周村区人民法院",
        )

    def _post(self, person: str) -> catalog.ResolveAssignmentResponse:
        self.asked.append(person)
        if self.failure is not None:
            raise refusal(self.failure)
        if not person.strip() or len(person) > LONGEST:
            raise refusal(InvalidRequestError("malformed"))
        if person not in POSTS:
            raise refusal(AssignmentUnknownError("nobody"))
        post_kind, authority = POSTS[person]
        held = catalog.Assignment(person=person, post_kind=post_kind, authority=authority)
        return catalog.ResolveAssignmentResponse(assignment=held)


def refusal(error: DomainError) -> LocalRpcError:
    return LocalRpcError(to_status(error, lambda reason, _facts: reason))
