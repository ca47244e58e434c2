"""Several stories at a time, as in every hall: each goes on when its instant has come."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

from journeys.world import World

__all__ = ["Story", "side_by_side"]

Story = Iterator[datetime]
"""Yields the instant at which it goes on; what it does then comes after the yield."""


def side_by_side(world: World, *stories: Story) -> None:
    """Drive the stories to their ends, whichever is due first; legal time never goes back."""
    due = [(next(story), place, story) for place, story in enumerate(stories)]
    heapq.heapify(due)
    while due:
        instant, place, story = heapq.heappop(due)
        world.at(instant)
        if (again := next(story, None)) is not None:
            heapq.heappush(due, (again, place, story))
