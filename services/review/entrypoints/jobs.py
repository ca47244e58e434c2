"""What review does outside its transactions: nothing of its own yet."""

from __future__ import annotations

from collections.abc import Mapping

from servicekit.jobs import JobHandler, Sweep
from servicekit.roles.jobs import run_jobs
from servicekit.service import Resources
from services.review.bootstrap import DEFINITION, event_handlers
from services.review.config import ReviewSettings

__all__ = ["job_handlers", "main", "sweeps"]


def job_handlers(resources: Resources) -> Mapping[str, JobHandler]:
    return {}


def sweeps(resources: Resources) -> tuple[Sweep, ...]:
    return ()


def main() -> None:
    settings = ReviewSettings.load(DEFINITION.name)
    run_jobs(DEFINITION, settings, job_handlers, sweeps, event_handlers)
