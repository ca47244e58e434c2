"""What metrics looks after outside its transactions: it counts for those who watch."""

from __future__ import annotations

from collections.abc import Mapping

from servicekit.jobs import JobHandler, Sweep
from servicekit.observing import counting
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.metrics.adapters import figures
from services.metrics.bootstrap import DEFINITION, event_handlers
from services.metrics.config import MetricsSettings

__all__ = ["job_handlers", "main", "sweeps"]


def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
    return {}


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    """Return what is looked after: the figures that are counted for those who watch."""
    return (counting(DEFINITION.name, resources, figures.count),)


def main() -> None:
    settings = MetricsSettings.load(DEFINITION.name)
    run_jobs(DEFINITION, settings, job_handlers, sweeps, event_handlers)
