"""A clock that is stepped back and forth over midnight in Beijing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Final

from chaos.faults.base import again_and_again
from chaos.ground import Ground
from chaos.timeline import midnight_after
from servicekit.clock import steer

__all__ = ["clock_stepped"]

STEP: Final = timedelta(seconds=2)
BETWEEN_STEPS_S: Final = (0.3, 0.9)
LOOK_S: Final = 0.1


@contextmanager
def clock_stepped(ground: Ground, random: Random) -> Iterator[None]:
    """Wait for the next midnight and step the clock 2 s forth and back around it.

    The journeys wait meanwhile for what comes after midnight; clerks go on.
    """
    timeline = ground.timeline
    timeline.join()  # first: from here on time stands, or the midnight would be one that is past
    while (now := timeline.now) is None:
        timeline.leave()
        time.sleep(LOOK_S)
        timeline.join()
    midnight = midnight_after(now)
    try:
        timeline.reach(midnight - STEP / 4)
        side = [1]

        def step() -> None:
            steer(timeline.control, midnight + side[0] * STEP / 2)
            side[0] = -side[0]
            ground.counts["clock stepped"] += 1

        with again_and_again(ground, random, step, BETWEEN_STEPS_S):
            yield
        timeline.reach(midnight + STEP)
    finally:
        timeline.leave()
