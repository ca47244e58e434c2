"""Publishes the events of metrics."""

from __future__ import annotations

from servicekit.roles.relay import run_relay
from services import graph
from services.metrics.bootstrap import DEFINITION
from services.metrics.config import MetricsSettings

__all__ = ["main"]


def main() -> None:
    settings = MetricsSettings.load(DEFINITION.name)
    run_relay(DEFINITION, settings, graph.CONSUMERS[DEFINITION.name])
