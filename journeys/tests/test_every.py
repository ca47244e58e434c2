"""The list of all journeys."""

from __future__ import annotations

from journeys.every import MODULES, all_journeys, journey


def test_every_journey_of_the_plan_is_there():
    assert sorted(MODULES, key=int) == [str(number) for number in range(1, 11)]
    assert [each.id for each in all_journeys()] == list(MODULES)


def test_a_journey_has_the_number_it_is_asked_for_by_and_a_title_of_its_own():
    assert all(journey(number).id == number for number in MODULES)
    assert len({each.title for each in all_journeys()}) == len(MODULES)
