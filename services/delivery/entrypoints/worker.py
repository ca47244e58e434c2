"""Takes in the events delivery listens to. Runs under eventlet; never imports grpc."""

from __future__ import annotations

from servicekit.roles.worker import run_event_worker
from services.delivery.bootstrap import DEFINITION, event_handlers
from services.delivery.config import DeliverySettings

__all__ = ["main"]


def main() -> None:
    run_event_worker(DEFINITION, DeliverySettings.load(DEFINITION.name), event_handlers)
