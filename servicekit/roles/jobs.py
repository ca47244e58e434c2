"""The jobs process: what leaves the service, and what must be looked after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from servicekit import dead_letters, idempotency
from servicekit.audit_chain import AuditChain
from servicekit.audit_scrub import AuditScrub
from servicekit.audit_sealer import AuditSealer
from servicekit.clock import SystemClock
from servicekit.config import ServiceSettings
from servicekit.doorbell import DatabaseRinger
from servicekit.figures import BOARD
from servicekit.health import serve_health
from servicekit.jobs import JobHandler, JobRunner, Sweep
from servicekit.leases import Lease
from servicekit.observing import count_jobs
from servicekit.partitions import ensure_partitions
from servicekit.relay import observe_outbox
from servicekit.roles.relay import process_name
from servicekit.service import Resources, ServiceDefinition, open_resources
from servicekit.stream import Handler, Streams
from servicekit.telemetry import AUDIT_BROKEN, AUDIT_UNSEALED, set_up_logging, set_up_tracing

__all__ = ["job_runner", "run_jobs"]

EXPIRED_AT_A_TIME: Final = 1000

JobHandlers = Callable[[Resources], Mapping[str, JobHandler]]
Sweeps = Callable[[Resources], tuple[Sweep, ...]]
EventHandlers = Callable[[Resources], Mapping[str, Handler]]


def job_runner(
    definition: ServiceDefinition,
    resources: Resources,
    handlers: Mapping[str, JobHandler],
    sweeps: tuple[Sweep, ...],
    events: Mapping[str, Handler],
) -> JobRunner:
    """Return the runner of a service's jobs with its own sweeps and the kit's."""
    return JobRunner(
        resources.engine,
        definition.tables.job,
        definition.name,
        handlers,
        clock=SystemClock(),
        legal=resources.clock,
        sweeps=(*sweeps, *_kit_sweeps(definition, resources, events)),
        leased_for=timedelta(seconds=resources.settings.job_lease_s),
    )


def _kit_sweeps(
    definition: ServiceDefinition, resources: Resources, events: Mapping[str, Handler]
) -> tuple[Sweep, ...]:
    settings = resources.settings
    chain = AuditChain(
        definition.name, definition.tables.audit, resources.crypto, settings.checkpoints
    )
    lease = Lease(resources.engine, "audit-sealer", process_name("jobs"))
    sealer = AuditSealer(resources.engine, chain, clock=resources.clock, lease=lease)
    scrub = AuditScrub(resources.read_engine, chain)
    streams = Streams(resources.engine, definition.name, events)
    return (
        Sweep("seal_audit", timedelta(seconds=settings.audit_seal_s), sealer.sweep),
        Sweep("drain_streams", timedelta(seconds=5), partial(_drain, streams)),
        Sweep(
            "observe_queues",
            timedelta(seconds=min(15, settings.observe_s)),
            partial(_observe, definition, resources, sealer),
        ),
        Sweep(
            "scrub_audit", timedelta(seconds=settings.observe_s), partial(_scrub, definition, scrub)
        ),
        Sweep("expire_answers", timedelta(hours=1), partial(_expire_answers, resources)),
        Sweep("ensure_partitions", timedelta(hours=12), partial(_make_partitions, resources)),
    )


def _drain(streams: Streams) -> None:
    while streams.drain_more():  # bounded transactions, until nothing more can be applied
        continue


def _observe(definition: ServiceDefinition, resources: Resources, sealer: AuditSealer) -> None:
    """Count what waits, of this service and on its way out."""
    engine, tables, name = resources.engine, definition.tables, definition.name
    dead_letters.observe(engine, [name], SystemClock())
    age = sealer.unsealed_age(resources.clock.now())
    AUDIT_UNSEALED.labels(name).set(age.total_seconds())
    observe_outbox(engine, tables.outbox, name, SystemClock())
    with resources.read_engine.connect() as connection:
        jobs = count_jobs(connection, tables.job, name)
    BOARD.show(f"{name}-jobs", jobs)


def _scrub(definition: ServiceDefinition, scrub: AuditScrub) -> None:
    scrub.turn()
    AUDIT_BROKEN.labels(definition.name).set(scrub.broken)


def _expire_answers(resources: Resources) -> None:
    expired = EXPIRED_AT_A_TIME
    while expired == EXPIRED_AT_A_TIME:  # short transactions, until nothing old is left
        with resources.engine.begin() as connection:
            expired = idempotency.expire(connection, resources.clock.now(), limit=EXPIRED_AT_A_TIME)


def _make_partitions(resources: Resources) -> None:
    with resources.engine.begin() as connection:
        ensure_partitions(connection, SystemClock().today())


def run_jobs(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    handlers: JobHandlers,
    sweeps: Sweeps,
    events: EventHandlers,
) -> None:
    """Work until SIGTERM; a job that is being done is finished first."""
    set_up_logging(definition.name, "jobs", settings.log_level)
    set_up_tracing(definition.name, "jobs", settings.otlp_endpoint, settings.trace_ratio)
    stop, wake = threading.Event(), threading.Event()

    def asked(*_: object) -> None:
        stop.set()
        wake.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    ringer = DatabaseRinger(settings.database("psycopg"))
    resources = open_resources(definition, settings, pool_size=4, ring=ringer.ring)
    runner = job_runner(
        definition, resources, handlers(resources), sweeps(resources), events(resources)
    )
    if settings.metrics_port:
        serve_health(
            settings.metrics_port,
            lambda: not stop.is_set(),
            is_ready=lambda: runner.is_working and not stop.is_set(),
        )
    runner.run(stop, wake)
    ringer.close()
    resources.close()
