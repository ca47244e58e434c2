"""The clock is stepped over midnight while everybody else waits for what comes after it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace

from chaos.faults.clock import clock_stepped
from chaos.timeline import Timeline
from servicekit.clock import SteeredClock, steer

EVENING = datetime(2026, 9, 21, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 21, 16, 0, tzinfo=UTC)
MORNING = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
STEPS = 4
SLACK = timedelta(seconds=30)  # a busy machine lets time pass between a step and a look


def test_time_goes_back_and_forth_at_midnight_and_then_the_journey_goes_on(tmp_path):
    control = tmp_path / "clock.json"
    steer(control, EVENING)
    timeline, clock = Timeline(control), SteeredClock(control)
    ground = SimpleNamespace(timeline=timeline, counts=Counter(), findings=[])

    def journey():
        timeline.reach(EVENING)
        while timeline.taking_part < 2:  # until the fault has joined
            time.sleep(0.01)
        timeline.reach(MORNING)
        timeline.leave()

    timeline.join()
    thread = threading.Thread(target=journey, daemon=True)
    thread.start()
    seen = []
    with clock_stepped(ground, Random(1)):
        while ground.counts["clock stepped"] < STEPS:
            seen.append(clock.now())
            time.sleep(0.01)
        assert thread.is_alive(), "the journey waits for what comes after midnight"
    thread.join(20)
    assert not thread.is_alive()
    assert all(abs(instant - MIDNIGHT) < SLACK for instant in seen)
    assert any(later < earlier for earlier, later in pairwise(seen))
    assert clock.now() >= MORNING
    assert not ground.findings
