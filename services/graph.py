"""Who listens to whom and who asks whom: the edges of the system, in one place.

Queues, network policies and documents are made from this; a service that is
not named here hears nothing and may ask nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ASKS", "CONSUMERS", "SERVICES", "sources_of"]

SERVICES: Final = ("catalog", "intake", "review", "delivery", "metrics")

# Source of events to the services that take them in.
CONSUMERS: Final[Mapping[str, tuple[str, ...]]] = {
    "catalog": ("intake", "review", "metrics"),
    "intake": ("review", "delivery", "metrics"),
    "review": ("intake", "metrics"),
    "delivery": ("intake", "metrics"),
    "metrics": ("intake", "catalog"),
}

# Who asks whom by gRPC, with the role that asks.
ASKS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("intake", "api"): ("catalog",),
    ("intake", "jobs"): ("review", "catalog"),
    ("review", "api"): ("catalog",),
    ("delivery", "jobs"): ("intake",),
}


def sources_of(consumer: str) -> tuple[str, ...]:
    """Return the services whose events `consumer` takes in."""
    return tuple(source for source, consumers in CONSUMERS.items() if consumer in consumers)
