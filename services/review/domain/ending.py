"""A case that ends otherwise than by a decision: withdrawn, or ended by a period of its law."""

from __future__ import annotations

from services.review.domain.facts import CaseEnd, ReviewState
from services.review.domain.review_case import ReviewCase

__all__ = ["note_end"]


def note_end(review: ReviewCase, end: CaseEnd) -> None:
    """Note the end of a case; of several the earliest counts.

    Between the end and a decision the earlier legal instant wins, whichever
    is heard of first; of the same instant the decision stands.

    Source: readings 8; domain.md 1.8.
    """
    if review.end is not None and review.end.end_time <= end.end_time:
        return
    review.end = end
    if review.decided is None:
        review.state = ReviewState.ENDED
