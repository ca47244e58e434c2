"""The plan: what strikes when follows from the seed, and leaves no pair out."""

from __future__ import annotations

import pytest

from chaos.faults import FAULTS
from chaos.plan import LONG, coverage, planned
from journeys.every import MODULES

ALL = 60


def strikes_of(plans):
    return [strike for plan in plans for strike in plan.strikes]


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_sixty_rounds_strike_every_fault_alone_and_every_pair_together(seed):
    strikes = strikes_of(planned(seed, ALL))
    by_fault, by_pair = coverage(strikes)
    assert set(by_pair.values()) == {1}
    assert min(by_fault.values()) >= 5
    assert {strike[0] for strike in strikes if len(strike) == 1} == set(FAULTS)


def test_no_round_has_more_than_two_strikes_or_two_of_the_longest():
    for plan in planned(5, ALL):
        assert 1 <= len(plan.strikes) <= 2
        assert sum(bool(LONG.intersection(strike)) for strike in plan.strikes) <= 1


def test_the_same_seed_is_the_same_plan_and_a_longer_run_begins_with_the_shorter():
    assert planned(3, 70)[:20] == planned(3, 20)
    assert planned(3, 20) != planned(4, 20)
    assert planned(3, 70)[60:] != planned(3, 10)


def test_a_round_has_the_same_dice_whether_or_not_others_went_before():
    whole, alone = planned(3, 20)[-1], planned(3, 20)[-1]
    assert [whole.random.random() for _ in range(3)] == [alone.random.random() for _ in range(3)]
    assert planned(3, 19)[-1].random.random() != alone.random.random()


def test_the_journeys_go_round_in_the_order_of_legal_time():
    assert [plan.journey for plan in planned(1, 10)] == list(MODULES)


def test_chosen_faults_are_struck_in_every_round():
    plans = planned(1, 5, ("kill-api", "kill-worker"))
    assert all(plan.strikes for plan in plans)
    assert set(strikes_of(plans)) >= {("kill-api",), ("kill-api", "kill-worker")}


def test_the_clock_is_stepped_while_a_journey_still_has_a_midnight_before_it():
    stepped = [plan for plan in planned(5, ALL) if "clock-steps" in str(plan.strikes)]
    assert len(stepped) >= 8
    assert all("clock-steps" in plan.strikes[0] for plan in stepped)
