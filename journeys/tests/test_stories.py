"""Several stories at a time: each in its own order, all in the order of time."""

from __future__ import annotations

import pytest

from journeys.course import china
from journeys.errors import JourneyError
from journeys.stories import side_by_side
from journeys.world import World


@pytest.fixture
def moved():
    return []


@pytest.fixture
def world(moved):
    return World(channels={}, issuer=None, clock=moved.append)


def story(told, name, *hours):
    for hour in hours:
        yield china(12, 3, hour)
        told.append(f"{name}{hour}")


def test_whichever_story_is_due_first_goes_on(world, moved):
    told = []
    side_by_side(world, story(told, "a", 9, 15), story(told, "b", 10, 11), story(told, "c", 12))
    assert told == ["a9", "b10", "b11", "c12", "a15"]
    assert moved == sorted(moved)


def test_at_one_instant_the_story_that_was_named_first_goes_first(world):
    told = []
    side_by_side(world, story(told, "a", 9), story(told, "b", 9))
    assert told == ["a9", "b9"]


def test_legal_time_does_not_go_back(world, moved):
    world.at(china(12, 3, 10))
    world.at(china(12, 3, 10))
    with pytest.raises(JourneyError, match="does not go back"):
        world.at(china(12, 3, 9))
    assert len(moved) == 2
