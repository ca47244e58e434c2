"""The relay process: publishes the outbox of its service while it holds the lease."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Sequence

from servicekit.config import ServiceSettings
from servicekit.doorbell import DatabaseListener
from servicekit.health import serve_health
from servicekit.leases import Lease
from servicekit.messaging import Topology, check, exchange_name, wait_for_broker
from servicekit.observing import QueueWatch, watch_queues
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import Relay
from servicekit.service import ServiceDefinition, open_resources
from servicekit.telemetry import set_up_logging, set_up_tracing

__all__ = ["process_name", "run_relay"]


def process_name(role: str) -> str:
    """Name this process as the holder of a lease."""
    return f"{role}@{socket.gethostname()}:{os.getpid()}"


def run_relay(
    definition: ServiceDefinition, settings: ServiceSettings, consumers: Sequence[str]
) -> None:
    """Publish until SIGTERM. Does not begin before every consumer's queue is there."""
    set_up_logging(definition.name, "relay", settings.log_level)
    set_up_tracing(definition.name, "relay", settings.otlp_endpoint, settings.trace_ratio)
    if settings.amqp_url is None:
        raise SystemExit("a relay needs a broker: AMQP_URL")
    amqp_url = settings.amqp_url.get_secret_value()
    stop = threading.Event()
    bell = DatabaseListener(settings.database("psycopg"))

    def asked(*_: object) -> None:
        stop.set()
        bell.close()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    wait_for_broker(amqp_url, timeout=60)
    check(amqp_url, Topology({definition.name: consumers}))
    resources = open_resources(definition, settings, pool_size=2)
    lease = Lease(resources.engine, "relay", process_name("relay"))
    publisher = ConfirmingPublisher(amqp_url, exchange_name(definition.name))
    relay = Relay(
        resources.engine, definition.tables.outbox, publisher, lease, service=definition.name
    )
    if settings.metrics_port:
        serve_health(
            settings.metrics_port, lambda: not stop.is_set(), is_ready=lambda: relay.is_well
        )
    watch = QueueWatch(definition.name, consumers, resources.read_engine, definition.tables.outbox)
    watching = watch_queues(watch, amqp_url, settings.observe_s, stop)
    relay.run(stop, bell)
    watching.join(timeout=settings.drain_s)
    publisher.close()
    resources.close()
