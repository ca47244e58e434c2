"""Publishes the events of intake."""

from __future__ import annotations

from servicekit.roles.relay import run_relay
from services import graph
from services.intake.bootstrap import DEFINITION
from services.intake.config import IntakeSettings

__all__ = ["main"]


def main() -> None:
    settings = IntakeSettings.load(DEFINITION.name)
    run_relay(DEFINITION, settings, graph.CONSUMERS[DEFINITION.name])
