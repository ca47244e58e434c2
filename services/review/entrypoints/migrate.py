"""Brings the database of review and its queues up to date."""

from __future__ import annotations

from servicekit.roles.migrate import run_migrate
from services import graph
from services.review.bootstrap import DEFINITION
from services.review.config import ReviewSettings

__all__ = ["main"]


def main() -> None:
    run_migrate(DEFINITION, ReviewSettings.load(DEFINITION.name), graph.CONSUMERS)
