"""What the catalogue does outside its transactions: nothing of its own so far."""

from __future__ import annotations

from collections.abc import Mapping

from servicekit.jobs import JobHandler, Sweep
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.catalog.bootstrap import DEFINITION, event_handlers
from services.catalog.config import CatalogSettings

__all__ = ["job_handlers", "main", "sweeps"]


def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
    return {}


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    return ()


def main() -> None:
    settings = CatalogSettings.load(DEFINITION.name)
    run_jobs(DEFINITION, settings, job_handlers, sweeps, event_handlers)
