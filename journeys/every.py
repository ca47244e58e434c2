"""All journeys, in the order of their legal time."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from journeys.recorder import Journey

__all__ = ["MODULES", "all_journeys", "journey"]

# The number of each journey in the plan of tests, and its module.
MODULES: Final[Mapping[str, str]] = {
    "1": "food_licence",
    "2": "fully_online",
    "3": "from_a_village",
    "4": "silence",
    "5": "refusals",
    "7": "two_authorities",
    "8": "on_the_spot",
    "9": "wrong_counter",
    "10": "life",
    "6": "clocks",
}


def journey(number: str) -> Journey:
    """Return the journey of that number."""
    found: Journey = importlib.import_module(f"journeys.{MODULES[number]}").JOURNEY
    return found


def all_journeys() -> tuple[Journey, ...]:
    """Return all journeys, in the order in which they can be driven on one district."""
    return tuple(journey(number) for number in MODULES)
