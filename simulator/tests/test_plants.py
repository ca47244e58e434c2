from __future__ import annotations

import pytest

from journeys.every import journey
from simulator.plants import PLANTS

TRIES = 15  # schedules within which each planted fault must be caught

# Each planted fault, the seed to begin with, and one of what must be found of it.
CAUGHT = {
    "ack-before-commit": (1, "STREAM_BEHIND"),
    "answer-forgotten": (1, "COMMAND_DOUBLED"),
    "audit-altered": (1, "AUDIT_ROW_CHANGED"),
    "audit-missing": (1, "COMMAND_NOT_AUDITED"),
    "blob-missing": (1, "FILE_MISSING"),
    "held-forgotten": (1, "EVENT_HELD"),
    "job-twice": (1, "LAW_ISSUE_NOT_TOLD_ONCE"),
    "marked-before-confirm": (1, "STREAM_BEHIND"),
    "no-commuting": (1, "FACTS_DIFFER"),
    "no-stream-check": (1, "EVENT_APPLIED_TWICE"),
    "number-outside": (2, "NUMBER_SERIES_BROKEN"),
    "outbox-outside": (2, "EVENT_MISSING"),
    "seq-skips": (1, "OUTBOX_SEQ_BROKEN"),
    "violation-forgotten": (1, "VIOLATION_LOST"),
}

# Those that need another journey than the first: the journey, and what must be found.
CAUGHT_ELSEWHERE = {
    "callback-applied-twice": ("2", "MILESTONE_NOT_TOLD_ONCE"),
    "excluded-before-notice": ("6", "LAW_DUE_DAY_WRONG"),
}


def test_every_planted_fault_is_tried():
    assert CAUGHT.keys() | CAUGHT_ELSEWHERE.keys() == PLANTS.keys()


@pytest.mark.parametrize("name", sorted(CAUGHT_ELSEWHERE))
def test_a_planted_fault_is_caught_in_the_journey_that_meets_it(simulator, of_all_journeys, name):
    number, expected = CAUGHT_ELSEWHERE[name]
    clean = {seed: outcome for (each, seed), outcome in of_all_journeys.items() if each == number}
    assert clean
    for seed, without in clean.items():
        found = simulator.run(seed, plant=PLANTS[name], journey=journey(number))
        assert without.ok
        if any(finding.startswith(expected) for finding in found.findings):
            return
    pytest.fail(f"{name} was not caught")


@pytest.mark.parametrize("name", sorted(CAUGHT))
def test_a_planted_fault_is_caught_in_schedules_that_are_clean_without_it(
    simulator, outcomes, name
):
    first, expected = CAUGHT[name]
    for place in range(TRIES):
        seed = (first - 1 + place) % len(outcomes) + 1
        found = simulator.run(seed, plant=PLANTS[name])
        assert outcomes[seed].ok
        if any(finding.startswith(expected) for finding in found.findings):
            return
    pytest.fail(f"{name} was not caught")
