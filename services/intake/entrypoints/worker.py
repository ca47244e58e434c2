"""Takes in the events intake listens to. Runs under eventlet; never imports grpc."""

from __future__ import annotations

from servicekit.roles.worker import run_event_worker
from services.intake.bootstrap import DEFINITION, event_handlers
from services.intake.config import IntakeSettings

__all__ = ["main"]


def main() -> None:
    run_event_worker(DEFINITION, IntakeSettings.load(DEFINITION.name), event_handlers)
