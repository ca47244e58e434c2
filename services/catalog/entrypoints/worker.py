"""Takes in the events the catalogue listens to. Runs under eventlet; never imports grpc."""

from __future__ import annotations

from servicekit.roles.worker import run_event_worker
from services.catalog.bootstrap import DEFINITION, event_handlers
from services.catalog.config import CatalogSettings

__all__ = ["main"]


def main() -> None:
    run_event_worker(DEFINITION, CatalogSettings.load(DEFINITION.name), event_handlers)
