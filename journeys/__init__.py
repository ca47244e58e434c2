"""Journeys: courses of a case, driven through gRPC only, as clerk, official or citizen.

The same journeys are the demonstration, the integration tests and what the
checker rules on.
"""

from journeys.food_licence import JOURNEY as FOOD_LICENCE

__all__ = ["ALL"]

ALL = (FOOD_LICENCE,)
