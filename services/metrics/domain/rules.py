"""The rules of the plan that are computed, one clause per function."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.metrics.domain.facts import ONLINE, CaseFacts

__all__ = [
    "MOST_VISITS",
    "is_fully_online",
    "is_overdue",
    "kept_to_one_visit",
    "took_too_many_visits",
    "visits_by_courier",
]

MOST_VISITS: Final = 1  # visits to a hall; 最多跑一次, R2.5


def is_fully_online(facts: CaseFacts) -> bool:
    """Tell whether a decided case went fully online (全程网办).

    From the submission to the decision nobody came to a hall; to collect the
    result, or to send originals by courier, does not break it. A case that a
    village post carried took no visit, but was not applied for online.

    Source: R2.1; readings 22.
    """
    return (
        facts.decided_at is not None
        and facts.channel == ONLINE
        and facts.visits_before_decision == 0
    )


def took_too_many_visits(facts: CaseFacts) -> bool:
    """Tell whether a completed case (办结: decided) took more than one visit.

    Once true it stays true, whatever else is told of the case.

    Source: R2.5; readings 19, 22.
    """
    return facts.known and facts.decided_at is not None and facts.visits > MOST_VISITS


def kept_to_one_visit(facts: CaseFacts) -> bool:
    """Tell whether a case is over and took at most one visit.

    Only with the service of the result are its visits final; before, a
    collection may still follow.

    Source: R2.5; readings 22.
    """
    return (
        facts.decided_at is not None and facts.served_at is not None and facts.visits <= MOST_VISITS
    )


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
        and facts.decided_at is None
        and due_on is not None
        and due_on < on
    )
