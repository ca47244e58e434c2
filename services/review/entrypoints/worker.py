"""Takes in the events review listens to. Runs under eventlet; never imports grpc."""

from __future__ import annotations

from servicekit.roles.worker import run_event_worker
from services.review.bootstrap import DEFINITION, event_handlers
from services.review.config import ReviewSettings

__all__ = ["main"]


def main() -> None:
    run_event_worker(DEFINITION, ReviewSettings.load(DEFINITION.name), event_handlers)
