from __future__ import annotations

import logging

import pytest

from simulator.schedule import Simulator


@pytest.fixture(scope="session")
def simulator():
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with Simulator() as opened:
        yield opened
    logging.disable(before)
