"""What delivery does outside its transactions. Shipments are not among it yet."""

from __future__ import annotations

from collections.abc import Mapping

from servicekit.jobs import JobHandler, Sweep
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.delivery.bootstrap import DEFINITION, event_handlers
from services.delivery.config import DeliverySettings

__all__ = ["job_handlers", "main", "sweeps"]


def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
    return {}


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    return ()


def main() -> None:
    settings = DeliverySettings.load(DEFINITION.name)
    run_jobs(DEFINITION, settings, job_handlers, sweeps, event_handlers)
