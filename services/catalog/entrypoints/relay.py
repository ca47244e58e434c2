"""Publishes the events of the catalogue."""

from __future__ import annotations

from servicekit.roles.relay import run_relay
from services import graph
from services.catalog.bootstrap import DEFINITION
from services.catalog.config import CatalogSettings

__all__ = ["main"]


def main() -> None:
    settings = CatalogSettings.load(DEFINITION.name)
    run_relay(DEFINITION, settings, graph.CONSUMERS[DEFINITION.name])
