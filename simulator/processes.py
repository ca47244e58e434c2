"""The processes of the district: api, relay, worker and jobs of each service, each more than once.

What a process knows beside the databases is made when it first acts and lost
when it dies. A process does one thing at a time; that several are in the
middle of something is what the replicas are for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from google.rpc import code_pb2, status_pb2

from servicekit.client import LocalChannel, LocalRpcError, TracedChannel
from servicekit.config import ServiceSettings
from servicekit.grpc_server import Registrar
from servicekit.identity import TokenVerifier
from servicekit.jobs import JobRunner
from servicekit.leases import Lease
from servicekit.observing import FIGURES
from servicekit.relay import Relay
from servicekit.roles.api import guarded
from servicekit.roles.jobs import job_runner
from servicekit.service import Resources, open_resources
from servicekit.stream import Streams
from services import graph
from services.standalone.registry import Part
from simulator.broker import Broker, SimulatedPublisher
from simulator.machine import LegalTime
from simulator.scheduler import Crash, Scheduler

__all__ = ["Fleet", "Process", "Publishing", "answered", "away"]

REPLICAS = {"api": 3, "relay": 2, "worker": 2, "jobs": 2}
TIMEOUT = 5.0


@dataclass(slots=True)
class Process:
    """One process; `made` is all it has in memory."""

    fleet: Fleet
    service: str
    role: str
    number: int
    generation: int = 1
    made: Any = None
    not_before: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.service}.{self.role}.{self.number}"

    @property
    def part(self) -> Part:
        return self.fleet.parts[self.service]

    def die(self) -> None:
        self.made = None
        self.generation += 1

    def make(self) -> Any:
        """Return what the process has in memory, made anew after a death."""
        if self.made is None:
            self.made = self._open()
        return self.made

    def resources(self) -> Resources:
        return open_resources(
            self.part.definition,
            self.fleet.settings[self.service],
            clock=self.fleet.legal,
            pool_size=1,
        )

    def _open(self) -> Any:
        raise TypeError(f"{self.role} is no process")


class Api(Process):
    """Answers calls."""

    def _open(self) -> Registrar:
        register = self.part.register(self.fleet.channels_of(self.service, "api"))
        return guarded(self.part.definition, self.resources(), self.fleet.verifier, register)


class Worker(Process):
    """Takes events in."""

    def _open(self) -> Streams:
        resources = self.resources()
        handlers = self.part.event_handlers(resources)
        return Streams(
            resources.engine,
            self.service,
            handlers,
            drain_limit=self.fleet.scheduler.rates.drain_limit,
        )


@dataclass(frozen=True, slots=True)
class Publishing:
    """A relay and the publisher it was given."""

    relay: Relay
    publisher: SimulatedPublisher


class RelayProcess(Process):
    """Publishes the outbox while it holds the lease."""

    def _open(self) -> Publishing:
        resources = self.resources()
        publisher = SimulatedPublisher(self.fleet.broker, self.service)
        relay = Relay(
            resources.engine,
            self.part.definition.tables.outbox,
            publisher,
            Lease(resources.engine, "relay", f"{self.name}:{self.generation}"),
            service=self.service,
            batch=self.fleet.scheduler.rates.relay_batch,
        )
        return Publishing(relay, publisher)


class Jobs(Process):
    """Does jobs and sweeps."""

    def _open(self) -> JobRunner:
        resources = self.resources()
        channels = self.fleet.channels_of(self.service, "jobs")
        channels["carrier"] = self.fleet.carrier
        # The holder of the sealer's lease is named after the machine's process, of which
        # there is only one here.
        name = f"{self.name}:{self.generation}"
        sweeps = self.part.sweeps(resources)
        with patch("servicekit.roles.jobs.process_name", lambda _role: name):
            return job_runner(
                self.part.definition,
                resources,
                self.part.job_handlers(channels, resources),
                # Nobody looks at a dashboard here, and to count for one writes nothing.
                tuple(each for each in sweeps if each.name != FIGURES),
                self.part.event_handlers(resources),
            )


KINDS: Mapping[str, type[Process]] = {
    "api": Api,
    "worker": Worker,
    "relay": RelayProcess,
    "jobs": Jobs,
}


@dataclass(slots=True)
class Fleet:
    """All processes of the district, by service and role."""

    scheduler: Scheduler
    parts: Mapping[str, Part]
    settings: Mapping[str, ServiceSettings]
    verifier: TokenVerifier
    token: Callable[[str, str], str]
    legal: LegalTime
    broker: Broker = field(init=False)
    carrier: Any = None
    replicas: dict[tuple[str, str], list[Process]] = field(init=False)

    def __post_init__(self) -> None:
        self.replicas = {
            (service, role): [
                KINDS[role](self, service, role, number) for number in range(1, count + 1)
            ]
            for service in self.parts
            for role, count in REPLICAS.items()
        }

    def free(self, service: str, role: str) -> list[Process]:
        """Return the replicas that are not in the middle of something."""
        return [each for each in self.replicas[service, role] if not self.scheduler.is_acting(each)]

    def everybody(self) -> list[Process]:
        return [each for replicas in self.replicas.values() for each in replicas]

    def channels_of(self, service: str, role: str) -> dict[str, Any]:
        """Return the channels by which a process of `service` asks others."""
        return {
            other: TracedChannel(
                ServiceChannel(self, other),
                partial(self.token, service, role),
                timeout=TIMEOUT,
                peer=other,
            )
            for other in graph.ASKS.get((service, role), ())
            if other in self.parts
        }


@dataclass(frozen=True, slots=True)
class ServiceChannel:
    """How one service asks another: once, and either of the two may die meanwhile."""

    fleet: Fleet
    peer: str

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any],
        **_options: Any,
    ) -> Callable[..., Any]:
        def call(request: Any, *, timeout: float | None = None, metadata: Any = ()) -> Any:
            scheduler = self.fleet.scheduler
            scheduler.outside("asking")
            answer = self._asked(method, request_serializer(request), metadata, timeout)
            scheduler.outside("asked")
            return response_deserializer(answer)

        return call

    def _asked(self, method: str, request: bytes, metadata: Any, timeout: float | None) -> bytes:
        scheduler = self.fleet.scheduler
        replicas = self.fleet.free(self.peer, "api")
        if not replicas:
            raise away(self.peer)
        callee = scheduler.random.choice(replicas)
        scheduler.note(f"{method} at {callee.name}")
        scheduler.asked.add(self.peer)
        try:
            with scheduler.acting(callee):
                registrar: Registrar = callee.make()
                return answered(registrar, method, request, metadata, timeout)
        except Crash as crash:
            raise away(self.peer) from crash


def answered(
    registrar: Registrar, method: str, request: bytes, metadata: Any, timeout: float | None
) -> bytes:
    """Return the serialised answer of a method, or raise its refusal."""
    call = LocalChannel([registrar]).unary_unary(method, bytes, bytes)
    answer: bytes = call(request, timeout=timeout, metadata=metadata)
    return answer


def away(peer: str) -> LocalRpcError:
    return LocalRpcError(status_pb2.Status(code=code_pb2.UNAVAILABLE, message=f"{peer} is away"))
