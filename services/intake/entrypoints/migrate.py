"""Brings the database of intake and its queues up to date."""

from __future__ import annotations

from servicekit.roles.migrate import run_migrate
from services import graph
from services.intake.bootstrap import DEFINITION
from services.intake.config import IntakeSettings

__all__ = ["main"]


def main() -> None:
    run_migrate(DEFINITION, IntakeSettings.load(DEFINITION.name), graph.CONSUMERS)
