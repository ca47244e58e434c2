"""The api process: commands and queries over gRPC, one transaction each."""

from __future__ import annotations

from collections.abc import Callable

from servicekit.admission import Admission
from servicekit.config import ServiceSettings
from servicekit.doorbell import DatabaseRinger
from servicekit.grpc_server import Guard, Registrar, Server, ServerLimits
from servicekit.health import serve_health
from servicekit.identity import TokenVerifier
from servicekit.keyring_file import FollowingVerifier
from servicekit.service import Resources, ServiceDefinition, open_resources
from servicekit.telemetry import RPCS_CAPACITY, set_up_logging, set_up_tracing
from servicekit.tls import Certificates

__all__ = ["guarded", "run_api"]

Register = Callable[[Resources, Registrar], None]


def guarded(
    definition: ServiceDefinition,
    resources: Resources,
    verifier: TokenVerifier,
    register: Register,
) -> Registrar:
    """Return the service's methods behind their guard; refuse an incomplete policy."""
    settings = resources.settings
    guard = Guard(
        policy=definition.policy,
        verifier=verifier,
        clock=resources.clock,
        say=resources.say,
        room=Admission(settings.threads, settings.queued, patience=settings.queue_wait_s),
    )
    registrar = Registrar(guard)
    register(resources, registrar)
    definition.policy.check(registrar.methods)
    return registrar


def _nothing(_resources: Resources) -> Callable[[], None]:
    return lambda: None


def run_api(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    register: Register,
    *,
    beside: Callable[[Resources], Callable[[], None]] = _nothing,
) -> None:
    """Serve until SIGTERM, then drain.

    `beside` starts what else this process listens to, and returns what stops it.
    """
    set_up_logging(definition.name, "api", settings.log_level)
    set_up_tracing(definition.name, "api", settings.otlp_endpoint, settings.trace_ratio)
    ringer = DatabaseRinger(settings.database("psycopg"))
    resources = open_resources(definition, settings, ring=ringer.ring)
    registrar = guarded(definition, resources, FollowingVerifier(settings.keyring), register)
    server = Server(
        {definition.grpc_service: registrar},
        address=settings.address,
        health_address=settings.health_address,
        limits=ServerLimits(drain_s=settings.drain_s),
        certificates=None if settings.tls is None else Certificates(settings.tls),
    )
    RPCS_CAPACITY.set(settings.threads + settings.queued)
    if settings.metrics_port:
        serve_health(settings.metrics_port, lambda: True)
    stop_beside = beside(resources)
    server.run_until_signalled()
    stop_beside()
    ringer.close()
    resources.close()
