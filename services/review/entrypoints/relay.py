"""Publishes the events of review."""

from __future__ import annotations

from servicekit.roles.relay import run_relay
from services import graph
from services.review.bootstrap import DEFINITION
from services.review.config import ReviewSettings

__all__ = ["main"]


def main() -> None:
    settings = ReviewSettings.load(DEFINITION.name)
    run_relay(DEFINITION, settings, graph.CONSUMERS[DEFINITION.name])
