"""What is looked after without anybody asking."""

from __future__ import annotations

from services.review.domain import dates
from services.review.ports import ReviewUnitOfWork

__all__ = ["tell_light"]


def tell_light(task: str, *, uow: ReviewUnitOfWork) -> bool:
    """Record that a light changed; tell whether it had.

    Nobody decides upon a recorded light, so the revision that clerks name
    stays what they saw.

    Source: domain.md 1.9; R1.5.
    """
    review = uow.reviews.find(task)
    if review is None:
        return False
    changed = dates.light_to_tell(review, uow.call.at, uow.calendars.current())
    if changed is None:
        return False
    uow.tell(review, changed)
    return True
