"""The rules of the plan that are computed, one clause per function."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.metrics.domain.facts import ONLINE, CaseFacts, civil_day
from workdays import WorkCalendar

__all__ = [
    "MOST_VISITS",
    "SERVICE_DAYS",
    "is_fully_online",
    "is_overdue",
    "kept_to_visits",
    "service_due_on",
    "took_too_many_visits",
    "visits_by_courier",
    "was_served_in_time",
]

MOST_VISITS: Final = 1  # visits to a hall; 最多跑一次, R2.5
SERVICE_DAYS: Final = 10  # working days; 行政许可法 第四十四条


def is_fully_online(facts: CaseFacts) -> bool:
    """Tell whether a completed case went fully online (全程网办).

    From the submission to the decision nobody came to a hall; to collect the
    result, or to send originals by courier, does not break it. A case that a
    village post carried took no visit, but was not applied for online.

    Source: R2.1; readings 22.
    """
    return (
        facts.completed_at is not None
        and facts.channel == ONLINE
        and facts.assistance == ""
        and facts.visits_before_decision == 0
    )


def took_too_many_visits(facts: CaseFacts) -> bool:
    """Tell whether a completed case (办结: decided) took more than one visit.

    Once true it stays true, whatever else is told of the case: not even a
    withdrawal that was there before the decision takes the visits back.

    Source: R2.5; readings 19, 22.
    """
    ever_completed = facts.decided_at or facts.completed_at
    return facts.known and ever_completed is not None and facts.visits > MOST_VISITS


def kept_to_visits(facts: CaseFacts, most: int) -> bool:
    """Tell whether a case is over and took at most so many visits.

    Only with the service of the result are its visits final; before, a
    collection may still follow.

    Source: R2.5; readings 22.
    """
    return facts.is_over and facts.visits <= most


def visits_by_courier(facts: CaseFacts) -> int:
    """Return the visits that were left if the result had been sent, free of charge.

    Source: R2.5, R2.7.
    """
    return facts.visits - facts.collection_visits


def is_overdue(facts: CaseFacts, on: date) -> bool:
    """Tell whether an accepted case is open on day `on` although its promise has run out.

    The last day belongs to the period until its end, so it is overdue only
    on the day after.

    Source: R1.5; readings 19.
    """
    due_on = facts.promise_due_on
    return (
        facts.accepted_at is not None
        and facts.completed_at is None
        and facts.ended_at is None
        and due_on is not None
        and due_on < on
    )


def service_due_on(decided_on: date, calendar: WorkCalendar) -> date:
    """Return the last day on which a granted permit may be served (颁发、送达).

    Source: 行政许可法 第四十四条, 第八十二条; readings 19.
    """
    return calendar.add(decided_on, SERVICE_DAYS).on


def was_served_in_time(served_at: datetime, decided_on: date, calendar: WorkCalendar) -> bool:
    """Tell whether a result was served within ten working days of the decision.

    Source: 行政许可法 第四十四条.
    """
    return civil_day(served_at) <= service_due_on(decided_on, calendar)
