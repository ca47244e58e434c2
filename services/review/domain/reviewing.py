"""The review of the substance: checks on the site, and the opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from servicekit.errors import FieldViolation
from services.review.domain import rules
from services.review.domain.errors import (
    CallerNotACheckerError,
    CheckerFromElsewhereError,
    CheckInFutureError,
    OpinionAlreadyGivenError,
    SiteCheckByOneError,
    SiteCheckMissingError,
)
from services.review.domain.events import OpinionSubmitted, SiteCheckRecorded
from services.review.domain.facts import Actor, Opinion, Post, ReviewState, SiteCheck
from services.review.domain.review_case import LONGEST_IDENTITY, ReviewCase

__all__ = ["record_site_check", "submit_opinion"]


def record_site_check(
    review: ReviewCase,
    check: SiteCheck,
    actor: Actor,
    at: datetime,
    *,
    posts: Mapping[str, Post | None],
) -> None:
    """Keep the record of a check on the site. No clock stops for it.

    `posts` are those that the checkers hold; the caller's is in the call.

    Source: 行政许可法 第三十四条第三款; domain.md 1.4.
    """
    review.require_department(actor)
    review.require_well_formed("checkers", check.checkers, LONGEST_IDENTITY)
    review.require_open(at)
    review.require_not_front(actor.person, *check.checkers)
    _require_checkers(review, actor.person, check.checkers, posts)
    if check.check_time > at:
        raise CheckInFutureError(
            "The check is later than now",
            fields=[FieldViolation("check_time", "must not be after now")],
            case=review.case_number,
        )
    checkers = tuple(sorted(frozenset(check.checkers)))
    review.site_checks.append(replace(check, checkers=checkers))
    review.happened(
        SiteCheckRecorded(
            case_number=review.case_number,
            checkers=checkers,
            complies=check.complies,
        )
    )


def _require_checkers(
    review: ReviewCase,
    recorder: str,
    checkers: tuple[str, ...],
    posts: Mapping[str, Post | None],
) -> None:
    if not rules.checked_by_enough(checkers):
        raise SiteCheckByOneError("Two persons must check", case=review.case_number)
    if not rules.may_be_recorded_by(recorder, checkers):
        raise CallerNotACheckerError("The caller did not check", case=review.case_number)
    for checker in checkers:
        held = posts.get(checker)
        if checker != recorder and not rules.belongs_to_the_department(held, review.authority):
            raise CheckerFromElsewhereError(
                "Only the authority's own staff checks", case=review.case_number
            )


def submit_opinion(
    review: ReviewCase, actor: Actor, at: datetime, *, proposes_grant: bool, text: str
) -> None:
    """Give the opinion of the review (审核).

    Source: 行政许可法 第三十四条; R4.1, R4.6; readings 1, 2.
    """
    review.require_department(actor)
    review.require_open(at)
    review.require_not_front(actor.person)
    if review.opinion is not None:
        raise OpinionAlreadyGivenError("The opinion is given", case=review.case_number)
    if rules.lacks_site_check(review.site_check_required, len(review.site_checks)):
        raise SiteCheckMissingError("Two persons must check first", case=review.case_number)
    review.opinion = Opinion(
        reviewer=actor.person, submit_time=at, proposes_grant=proposes_grant, text=text
    )
    if review.state is ReviewState.IN_REVIEW:
        review.state = ReviewState.DECISION_PENDING
    review.happened(
        OpinionSubmitted(
            case_number=review.case_number,
            reviewer=actor.person,
            proposes_grant=proposes_grant,
        )
    )
