"""The five services as parts of the same shape; the only place that knows all of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from servicekit.config import ServiceSettings
from servicekit.jobs import JobHandler, Sweep
from servicekit.roles.api import Register
from servicekit.service import Resources, ServiceDefinition
from servicekit.stream import Handler
from services import graph

__all__ = ["Part", "part_of", "parts"]

Channels = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One service, ready to be given resources and channels to the services it asks."""

    definition: ServiceDefinition
    settings: type[ServiceSettings]
    register: Callable[[Channels], Register]
    event_handlers: Callable[[Resources], Mapping[str, Handler]]
    job_handlers: Callable[[Channels, Resources], Mapping[str, JobHandler]]
    sweeps: Callable[[Resources], tuple[Sweep, ...]]
    listen: Callable[[Resources], Callable[[], None]]


def part_of(name: str) -> Part:
    """Return the service `name`; importing it is what makes it part of this process."""
    bootstrap = importlib.import_module(f"services.{name}.bootstrap")
    api = importlib.import_module(f"services.{name}.entrypoints.api")
    jobs = importlib.import_module(f"services.{name}.entrypoints.jobs")
    config = importlib.import_module(f"services.{name}.config")
    return Part(
        definition=bootstrap.DEFINITION,
        settings=getattr(config, f"{name.capitalize()}Settings"),
        register=getattr(api, "registering", lambda _channels: api.register),
        event_handlers=bootstrap.event_handlers,
        job_handlers=lambda channels, resources: _job_handlers(jobs, channels)(resources),
        sweeps=jobs.sweeps,
        listen=getattr(api, "listen", _hear_nothing),
    )


def _hear_nothing(_resources: Resources) -> Callable[[], None]:
    return lambda: None


def _job_handlers(jobs: Any, channels: Channels) -> Any:
    return jobs.handling(channels) if hasattr(jobs, "handling") else jobs.job_handlers


def parts() -> dict[str, Part]:
    return {name: part_of(name) for name in graph.SERVICES}
