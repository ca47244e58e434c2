"""The district as separate processes on real PostgreSQL and RabbitMQ: twenty, and the carrier.

One api, relay, worker and jobs for each service, each with its own folder of
logs, its own ports and its configuration in the environment. The simulated
carrier is a process beside them: it is none of ours.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from carrier.control import Control, http_control
from carrier.process import Secrets, command
from cli.installation import Installation
from cli.keys import make_keys
from devstack.errors import ProcessDiedError
from devstack.ports import free_port
from devstack.processes import ManagedProcess
from devstack.stack import Stack
from servicekit.client import connect
from servicekit.clock import SystemClock, steer
from servicekit.identity import Keyring
from servicekit.tls import TlsFiles
from services import graph

__all__ = ["ROLES", "SIGN_IN", "ProcessDistrict"]

ROLES = ("api", "relay", "worker", "jobs")
CARRIER = ("carrier", "server")
SIGN_IN = "sign-in"
READY_S = 120.0


@dataclass(slots=True)
class Ports:
    """Where the processes of one service listen."""

    api: int = field(default_factory=free_port)
    health: int = field(default_factory=free_port)
    metrics: dict[str, int] = field(default_factory=lambda: {role: free_port() for role in ROLES})


@dataclass(slots=True)
class ProcessDistrict:
    """Five services of four processes each, on a private PostgreSQL and RabbitMQ."""

    folder: Path
    stack: Stack
    ports: dict[str, Ports] = field(
        default_factory=lambda: {name: Ports() for name in graph.SERVICES}
    )
    processes: dict[tuple[str, str], ManagedProcess] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    carrier_port: int = field(default_factory=free_port)
    callback_port: int = field(default_factory=free_port)
    shared: Secrets = field(default_factory=Secrets)
    # A folder for each service and for `sign-in`, with tls.crt, tls.key, ca.crt; none: plain text.
    tls: Path | None = None

    def certificate(self, who: str) -> TlsFiles | None:
        """Return the files of a service, or of the sign-in, which calls for persons."""
        if self.tls is None:
            return None
        folder = self.tls / who
        return TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")

    @property
    def keyring(self) -> Keyring:
        return Keyring.load(self.folder / "keys" / "issuer.json")

    @property
    def clock_control(self) -> Path:
        return self.folder / "clock.json"

    @property
    def carrier_url(self) -> str:
        return f"http://127.0.0.1:{self.carrier_port}"

    @property
    def courier(self) -> Control:
        """What moves the parcels of this district's carrier."""
        return http_control(self.carrier_url)

    def database_url(self, service: str) -> str:
        return self.stack.postgres.url(f"liandong_{service}", driver="psycopg")

    def prepare(self) -> None:
        """Make keys, databases, schemas, queues and the seed of the catalogue."""
        make_keys(self.folder / "keys")
        steer(self.clock_control, SystemClock().now())
        known = set(self.stack.postgres.database_names())
        for name in graph.SERVICES:
            if f"liandong_{name}" not in known:
                self.stack.postgres.create_database(f"liandong_{name}")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._migrate, graph.SERVICES))
        self._run_to_end("catalog", "seed", ["-m", "services.catalog.seed"])

    def start(self, report: Callable[[str], None] = lambda _line: None) -> None:
        """Start every process; return when all report healthy, or say which does not."""
        for service in graph.SERVICES:
            for role in ROLES:
                self.start_one(service, role)
        self.start_carrier()
        for (service, role), process in self.processes.items():
            process.wait_ready(self._readiness(service, role), deadline=READY_S)
            report(f"{service}-{role}")

    def start_one(self, service: str, role: str) -> ManagedProcess:
        """Start one process; one that ran before is replaced."""
        process = ManagedProcess(
            f"{service}-{role}",
            [sys.executable, "-m", f"services.{service}", role],
            log=self.folder / "logs" / f"{service}-{role}.log",
            env=self.environment(service, role),
            cwd=Path.cwd(),
            stop_timeout=40.0,
        )
        process.start()
        self.processes[service, role] = process
        return process

    def start_carrier(self) -> None:
        """Start the carrier; what it knew before is forgotten with its process."""
        process = ManagedProcess(
            "-".join(CARRIER),
            command(self.callback_port, self.carrier_port),
            log=self.folder / "logs" / "carrier.log",
            env={**_inherited(), **self.shared.environment},
            cwd=Path.cwd(),
        )
        process.start()
        self.processes[CARRIER] = process

    def wait_ready(self, service: str, role: str) -> None:
        self.processes[service, role].wait_ready(self._readiness(service, role), deadline=READY_S)

    def stop(self) -> None:
        """End every process gently, apis first, all at a time."""
        with ThreadPoolExecutor(len(self.processes) or 1) as pool:
            list(pool.map(lambda process: process.stop(), self.processes.values()))
        self.processes.clear()

    def channels(self) -> dict[str, Any]:
        """Return a channel to each api."""
        shown = self.certificate(SIGN_IN)
        return {
            name: grpc.insecure_channel(f"127.0.0.1:{ports.api}")
            if shown is None
            else connect(f"127.0.0.1:{ports.api}", shown)
            for name, ports in self.ports.items()
        }

    def installation(self) -> Installation:
        """Return what operators' commands need to find this district."""
        keys = self.folder / "keys"
        return Installation(
            addresses={name: f"127.0.0.1:{ports.api}" for name, ports in self.ports.items()},
            databases={name: self.database_url(name) for name in graph.SERVICES},
            keystores={name: str(keys / f"{name}.json") for name in graph.SERVICES},
            checkpoints=str(self.folder / "checkpoints"),
            blobs=str(self.folder / "blobs"),
            issuer=str(keys / "issuer.json"),
            clock=str(self.clock_control),
            amqp_url=self.stack.rabbitmq.url(),
            carrier=self.carrier_url,
            tls="" if self.tls is None else str(self.tls / SIGN_IN),
        )

    def checker_input(self, ledger: Path | None) -> dict[str, Any]:
        """Return what the checker needs to rule on this district."""
        return {
            "databases": {name: self.database_url(name) for name in graph.SERVICES},
            "blobs": {"intake": str(self.folder / "blobs")},
            "checkpoints": {name: str(self.folder / "checkpoints") for name in graph.SERVICES},
            "keystores": {
                name: str(self.folder / "keys" / f"{name}.json") for name in graph.SERVICES
            },
            "amqp_url": self.stack.rabbitmq.url(),
            "ledger": None if ledger is None else str(ledger),
            "settled": True,
        }

    def environment(self, service: str, role: str) -> dict[str, str]:
        """Return the environment of one process: the parent's, and what the service is told."""
        ports, keys = self.ports[service], self.folder / "keys"
        told: dict[str, object] = {
            "PROFILE": "demonstration",
            "DATABASE_URL": self.database_url(service),
            "AMQP_URL": self.stack.rabbitmq.url(),
            "KEYRING": keys / "verifier.json",
            "KEYSTORE": keys / f"{service}.json",
            "CHECKPOINTS": self.folder / "checkpoints",
            "BLOBS": self.folder / "blobs",
            "CLOCK_CONTROL": self.clock_control,
            "ADDRESS": f"127.0.0.1:{ports.api}",
            "HEALTH_ADDRESS": f"127.0.0.1:{ports.health}",
            "METRICS_PORT": ports.metrics.get(role, 0),
            "AUDIT_SEAL_S": 1,
            "OBSERVE_S": 2,
        }
        certificate = self.certificate(service)
        if certificate is not None:
            told |= {"TLS_CERT": certificate.cert, "TLS_KEY": certificate.key}
            told |= {"TLS_CA": certificate.ca}
        if service == "delivery":
            told |= self._told_of_the_carrier(role)
        if (service, role) in graph.ASKS:
            told["SERVICE_TOKEN"] = keys / f"{service}-{role}.token"
        for (who, _), asked in graph.ASKS.items():
            if who == service:
                for other in asked:
                    told[f"{other.upper()}_TARGET"] = f"127.0.0.1:{self.ports[other].api}"
        own = {f"{service.upper()}_{key}": str(value) for key, value in told.items()}
        return {**_inherited(), **own, **self.more}

    def _told_of_the_carrier(self, role: str) -> dict[str, object]:
        """The api hears the carrier, the jobs speak to it."""
        if role == "api":
            return {
                "CALLBACK_PORT": self.callback_port,
                "CALLBACK_ADDRESS": "127.0.0.1",
                "CALLBACK_SALT": self.shared.salt,
            }
        return {"CARRIER_URL": self.carrier_url, "CARRIER_KEY": self.shared.key}

    def _migrate(self, service: str) -> None:
        self._run_to_end(service, "migrate", ["-m", f"services.{service}", "migrate"])

    def _run_to_end(self, service: str, role: str, arguments: list[str]) -> None:
        import subprocess  # noqa: PLC0415 -- only here

        done = subprocess.run(  # noqa: S603 -- our own command
            [sys.executable, *arguments],
            env=self.environment(service, role),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise ProcessDiedError(f"{service} {role} failed:\n{done.stderr[-4000:]}")

    def _readiness(self, service: str, role: str) -> Callable[[], str | None]:
        if (service, role) == CARRIER:
            return lambda: _http_health(self.carrier_port, "healthz")
        ports = self.ports[service]
        if role == "api":
            return lambda: _grpc_health(ports.health)
        return lambda: _http_health(ports.metrics[role])


def _inherited() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _grpc_health(port: int) -> str | None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.RpcError as error:
            return f"health does not answer: {error.code().name}"
    serving = health_pb2.HealthCheckResponse.SERVING
    return None if answer.status == serving else "health is not SERVING"


def _http_health(port: int, path: str = "readyz") -> str | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2):
            return None
    except (urllib.error.URLError, OSError) as error:
        return f"/{path} does not answer with 200: {error}"
