"""Brings the database of metrics and its queues up to date."""

from __future__ import annotations

from servicekit.roles.migrate import run_migrate
from services import graph
from services.metrics.bootstrap import DEFINITION
from services.metrics.config import MetricsSettings

__all__ = ["main"]


def main() -> None:
    run_migrate(DEFINITION, MetricsSettings.load(DEFINITION.name), graph.CONSUMERS)
