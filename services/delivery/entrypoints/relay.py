"""Publishes the events of delivery."""

from __future__ import annotations

from servicekit.roles.relay import run_relay
from services import graph
from services.delivery.bootstrap import DEFINITION
from services.delivery.config import DeliverySettings

__all__ = ["main"]


def main() -> None:
    settings = DeliverySettings.load(DEFINITION.name)
    run_relay(DEFINITION, settings, graph.CONSUMERS[DEFINITION.name])
