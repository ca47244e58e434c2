"""Journeys: courses of a case, driven through gRPC only, as clerk, official or citizen.

The same journeys are the demonstration, the integration tests and what the
checker rules on. `journeys.every` has them all.
"""
