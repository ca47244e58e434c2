from __future__ import annotations

import pytest

from simulator.errands import quiet
from simulator.schedule import Simulator

SCHEDULES = 15


@pytest.fixture(scope="session")
def simulator():
    with quiet(), Simulator() as opened:
        yield opened


@pytest.fixture(scope="session")
def outcomes(simulator):
    """What became of the first schedules, with nothing planted."""
    return {seed: simulator.run(seed) for seed in range(1, SCHEDULES + 1)}
