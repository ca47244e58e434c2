"""The worker process: takes events in, under eventlet.

The entry point of the process must call `eventlet.monkey_patch()` before
anything else is imported; grpc must not be imported at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from servicekit.config import ServiceSettings
from servicekit.service import Resources, ServiceDefinition, open_resources
from servicekit.stream import Handler, Outcome, Streams
from servicekit.telemetry import set_up_logging, set_up_tracing
from servicekit.worker import run_worker

__all__ = ["RingingStreams", "run_event_worker"]


class RingingStreams(Streams):
    """Rings for the relay after an event was applied, since its handler may have published.

    The handler itself could only ring before the commit, and the relay would
    look too early.
    """

    def __init__(self, *args: Any, ring: Callable[[], None], **more: Any) -> None:
        super().__init__(*args, **more)
        self._ring = ring

    def take(self, body: bytes) -> Outcome:
        outcome = super().take(body)
        if outcome is Outcome.APPLIED:
            self._ring()
        return outcome


def run_event_worker(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    handlers: Callable[[Resources], Mapping[str, Handler]],
) -> None:
    """Take the events of the service's sources until SIGTERM."""
    from servicekit.doorbell import DatabaseRinger  # noqa: PLC0415 -- its thread must be green

    set_up_logging(definition.name, "worker", settings.log_level)
    set_up_tracing(definition.name, "worker", settings.otlp_endpoint, settings.trace_ratio)
    if settings.amqp_url is None:
        raise SystemExit("a worker needs a broker: AMQP_URL")
    ringer = DatabaseRinger(settings.database("psycopg2"))

    def streams(pool_size: int) -> Streams:
        resources = open_resources(
            definition, settings, driver="psycopg2", pool_size=pool_size, ring=ringer.ring
        )
        return RingingStreams(
            resources.engine, definition.name, handlers(resources), ring=ringer.ring
        )

    run_worker(
        definition.name,
        definition.sources,
        streams,
        settings.amqp_url.get_secret_value(),
        max_workers=settings.max_workers,
        health_port=settings.metrics_port or None,
    )
    ringer.close()
