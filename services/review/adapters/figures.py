"""What review counts for those who watch: open tasks by authority and by the light they show."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from servicekit.figures import Figure, Values
from services.review.adapters.calendars import read_calendar
from services.review.adapters.columns import clock_of, columns_of_clock
from services.review.adapters.orm import review_case
from services.review.domain import rules

__all__ = ["OF_REVIEW", "TASKS", "count"]

TASKS: Final = Figure(
    "liandong_review_tasks",
    "Open tasks of an authority by light: GREEN, YELLOW, RED (past the promise), "
    "PAST_LAW (past the last day of the law), SUSPENDED.",
    ("authority", "light"),
)
OF_REVIEW: Final = (TASKS,)

_c = review_case.c
_PROMISE = columns_of_clock(review_case, "promise")
_STATUTORY = columns_of_clock(review_case, "statutory")


def count(connection: Connection, at: datetime) -> dict[Figure, Values]:
    """Return the figures of review at an instant, in one statement.

    Tasks with the same clocks show the same light, so it is computed once for
    each pair of clocks: there are as many as days, not as cases.

    Source: R1.5; domain.md 1.9; readings 18.
    """
    calendar = read_calendar(connection)
    clocks = (*_PROMISE, *_STATUTORY)
    open_tasks = (
        select(_c.authority, *clocks, func.count())
        .where(_c.decided_at.is_(None), _c.ended_at.is_(None))
        .group_by(_c.authority, *clocks)
    )
    lights: Counter[tuple[str, ...]] = Counter()
    for authority, *values, number in connection.execute(open_tasks):
        promise, statutory = (
            clock_of(*values[: len(_PROMISE)]),
            clock_of(*values[len(_PROMISE) :]),
        )
        if promise is None:
            raise TypeError(f"an open task of {authority} has no promise")
        light = rules.shown_light(promise, statutory, at, calendar)
        lights[authority, light.value] += number
    return {TASKS: dict(lights)}
