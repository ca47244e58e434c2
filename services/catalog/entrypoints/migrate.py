"""Brings the database of the catalogue and its queues up to date."""

from __future__ import annotations

from servicekit.roles.migrate import run_migrate
from services import graph
from services.catalog.bootstrap import DEFINITION
from services.catalog.config import CatalogSettings

__all__ = ["main"]


def main() -> None:
    run_migrate(DEFINITION, CatalogSettings.load(DEFINITION.name), graph.CONSUMERS)
