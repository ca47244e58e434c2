"""Where the paper of a case is, and the head's waiver of it."""

from __future__ import annotations

from datetime import datetime

from services.review.domain import act_rules
from services.review.domain.act_errors import NothingToWaiveError, WaivedByOtherError
from services.review.domain.acts import BundleWaiver
from services.review.domain.events import BundleWaived
from services.review.domain.facts import Actor, BundleState
from services.review.domain.review_case import ReviewCase

__all__ = ["handed_over", "lost", "overdue", "received", "waive"]


def handed_over(review: ReviewCase, at: datetime) -> None:
    """Note that the paper left the window (R4.5)."""
    review.bundle = BundleState.ON_ITS_WAY
    review.handed_over_at = review.handed_over_at or at


def received(review: ReviewCase) -> None:
    """Note that the department signed for the paper (R4.5)."""
    review.bundle = BundleState.RECEIVED


def overdue(review: ReviewCase) -> None:
    """Note that the paper was under way for more than a working day; no clock stops."""
    if review.bundle is BundleState.ON_ITS_WAY:
        review.bundle_overdue = True


def lost(review: ReviewCase) -> None:
    """Note that the paper was lost on its way to the department.

    A bag that is lost on its way back is nothing to the review any more.
    """
    if review.bundle is BundleState.ON_ITS_WAY:
        review.bundle = BundleState.LOST


def waive(review: ReviewCase, actor: Actor, at: datetime, *, reason: str) -> None:
    """Waive the paper that does not come; the electronic file decides.

    Source: readings 13.
    """
    review.require_department(actor)
    if not act_rules.is_department_head(actor, review.authority):
        raise WaivedByOtherError("Only the head waives it", case=review.case_number)
    review.require_open(at)
    review.require_not_front(actor.person)
    if not review.awaits_bundle:
        raise NothingToWaiveError("No paper is awaited", case=review.case_number)
    review.waiver = BundleWaiver(waived_by=actor.person, reason=reason, waive_time=at)
    review.happened(
        BundleWaived(
            case_number=review.case_number,
            authority=review.authority,
            waived_by=actor.person,
            reason=reason,
        )
    )
