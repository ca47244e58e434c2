"""What every use case of review begins with: the task, the caller, the revision they saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from servicekit.calls import Call
from servicekit.unit_of_work import check_revision
from services.review.domain.facts import Actor
from services.review.domain.review_case import ReviewCase
from services.review.ports import ReviewUnitOfWork

__all__ = ["OnTask", "ReviewChanged", "actor", "load"]


class OnTask(Protocol):
    """A command on a case at a revision; `authority` says whose task, where it is not obvious."""

    @property
    def case_number(self) -> str: ...
    @property
    def revision(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ReviewChanged:
    """The case after a command."""

    case_number: str
    revision: int


def load(command: OnTask, uow: ReviewUnitOfWork, authority: str = "") -> ReviewCase:
    """Return the task that the command is about, at the revision its caller saw."""
    review = uow.reviews.task(command.case_number, authority)
    check_revision(review, command.revision)
    return review


def actor(call: Call) -> Actor:
    caller = call.caller
    return Actor(caller.person, caller.post_kind, caller.authority, caller.roles)
