from __future__ import annotations

import pytest

from journeys.every import all_journeys
from simulator.errands import quiet
from simulator.schedule import Simulator

SCHEDULES = 15
SCHEDULES_OF_EACH = 2


@pytest.fixture(scope="session")
def simulator():
    with quiet(), Simulator() as opened:
        yield opened


@pytest.fixture(scope="session")
def outcomes(simulator):
    """What became of the first schedules of journey 1, with nothing planted."""
    return {seed: simulator.run(seed) for seed in range(1, SCHEDULES + 1)}


@pytest.fixture(scope="session")
def of_all_journeys(simulator):
    """What became of some schedules of every other journey, no two of one seed."""
    return {
        (journey.id, seed): simulator.run(seed, journey=journey)
        for journey in all_journeys()
        if journey.id != "1"
        for seed in range(int(journey.id), 10 * SCHEDULES_OF_EACH + 1, 10)
    }
