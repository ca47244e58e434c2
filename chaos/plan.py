"""Which faults strike in which round: each alone, each pair together, from one seed.

There are more pairs than rounds, so a round has several strikes, one after the other; a strike
is one fault or two at a time. With all fifteen faults, every fault has struck alone and every
pair together after 60 rounds; further rounds begin a new cycle in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Final

from chaos.faults import FAULTS
from journeys.every import MODULES

__all__ = ["LONG", "STRIKES", "RoundPlan", "Strike", "coverage", "planned"]

Strike = tuple[str, ...]

STRIKES: Final = 2  # in one round
# What takes half a minute by itself is not struck twice in one round, if it can be helped.
LONG: Final = frozenset({"rolling-restart", "kill-rabbitmq"})
MIDNIGHT: Final = "clock-steps"


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """One round: its number from 1, the journey that goes on meanwhile, and its strikes."""

    number: int
    seed: int
    journey: str
    strikes: tuple[Strike, ...]

    @property
    def random(self) -> Random:
        """Dice of this round alone, so that it can be repeated without those before it."""
        return Random(f"{self.seed} round {self.number}")  # noqa: S311 - it must be repeatable


def planned(
    seed: int, rounds: int, faults: Sequence[str] = tuple(FAULTS), strikes_each: int = STRIKES
) -> list[RoundPlan]:
    """Return the first `rounds` rounds of that seed."""
    found: list[RoundPlan] = []
    journeys = tuple(MODULES)
    while len(found) < rounds:
        random = Random(f"{seed} from {len(found)}")  # noqa: S311 - it must be repeatable
        for strikes in _cycle(random, faults, strikes_each):
            number = len(found) + 1
            found.append(RoundPlan(number, seed, journeys[(number - 1) % len(journeys)], strikes))
    return found[:rounds]


def _cycle(random: Random, faults: Sequence[str], strikes_each: int) -> list[tuple[Strike, ...]]:
    """Deal all strikes into the rounds of one cycle, the long ones as far apart as can be."""
    strikes: list[Strike] = [(name,) for name in faults]
    strikes += combinations(faults, 2)
    random.shuffle(strikes)
    strikes.sort(key=lambda strike: not LONG.intersection(strike))  # stable: the long ones first
    rounds = -(-len(strikes) // strikes_each)
    hands: list[list[Strike]] = [[] for _ in range(rounds)]
    for place, strike in enumerate(strikes):
        hands[place % rounds].append(strike)
    for hand in hands:
        random.shuffle(hand)
        # A journey has its midnights before it: on its last day there is none to come.
        hand.sort(key=lambda strike: MIDNIGHT not in strike)
    random.shuffle(hands)
    return [tuple(hand) for hand in hands]


def coverage(strikes: Sequence[Strike]) -> tuple[dict[str, int], dict[Strike, int]]:
    """Return how often each fault struck, alone or not, and each pair (in the order of names)."""
    by_fault = dict.fromkeys(FAULTS, 0)
    by_pair = dict.fromkeys(combinations(FAULTS, 2), 0)
    order = {name: place for place, name in enumerate(FAULTS)}
    for strike in strikes:
        for name in by_fault.keys() & {*strike}:  # what is done once is none of these
            by_fault[name] += 1
        if len(strike) > 1:
            pair = tuple(sorted(strike, key=order.__getitem__))
            by_pair[pair[0], pair[1]] += 1
    return by_fault, {(*pair,): times for pair, times in by_pair.items()}
