"""Brings the database of delivery and its queues up to date."""

from __future__ import annotations

from servicekit.roles.migrate import run_migrate
from services import graph
from services.delivery.bootstrap import DEFINITION
from services.delivery.config import DeliverySettings

__all__ = ["main"]


def main() -> None:
    run_migrate(DEFINITION, DeliverySettings.load(DEFINITION.name), graph.CONSUMERS)
