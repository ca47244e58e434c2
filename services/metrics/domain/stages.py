"""How far a case is, in one word: what a watcher's gauge distinguishes.

`adapters/figures.py` says the same in SQL; a test holds the two together.
"""

from __future__ import annotations

from enum import StrEnum

from services.metrics.domain.facts import FILED, CaseFacts

__all__ = ["Stage", "stage_of"]


class Stage(StrEnum):
    """The stages of a case that was told of, each case in one of them."""

    RECEIVED = "RECEIVED"  # nobody answered yet
    NOTICED = "NOTICED"  # what is missing was told, once
    ACCEPTED = "ACCEPTED"  # under review
    DECIDED = "DECIDED"  # the result is on its way
    SERVED = "SERVED"
    FILED = "FILED"  # nothing was to be decided
    ENDED = "ENDED"  # refused, withdrawn, terminated


def stage_of(facts: CaseFacts) -> Stage:
    """Return the last stage that the facts show."""
    reached = (
        (facts.served_at is not None, Stage.SERVED),
        (facts.ended_as == FILED, Stage.FILED),
        (facts.decision_at is not None, Stage.DECIDED),
        (facts.ended_at is not None, Stage.ENDED),
        (facts.accepted_at is not None, Stage.ACCEPTED),
        (facts.notices > 0, Stage.NOTICED),
    )
    return next((stage for holds, stage in reached if holds), Stage.RECEIVED)
