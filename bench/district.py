"""The district that is measured: real processes on a private PostgreSQL and RabbitMQ.

fsync, audit, telemetry and authorisation are on, as in production; traces go
to a sink of ours over HTTP. Only what a row asks for runs: a role that is not
started spends nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.people import HOLDERS, clerks
from cli.processes import ROLES, ProcessDistrict
from devstack.ports import free_port
from devstack.processes import ManagedProcess, listens_on
from devstack.stack import Stack
from journeys.world import World, steering
from servicekit.clock import steer
from servicekit.identity import TokenIssuer
from services import graph

__all__ = ["BACKLOG_S", "Bench", "MeasuredDistrict"]

BACKLOG_S: Final = 300.0
_LOOK_S: Final = 0.25
_WRITTEN: Final = "SELECT coalesce(sum(seq), 0) FROM outbox_stream"
_APPLIED: Final = (
    "SELECT coalesce(sum(seq), 0) FROM stream_position WHERE consumer = %s AND source = %s"
)
_JOBS_DUE: Final = "SELECT count(*) FROM job WHERE state = 'WAITING' AND next_at <= now()"


@dataclass(slots=True)
class MeasuredDistrict(ProcessDistrict):
    """A district as `make up` starts it, but with traces sent and the audit sealed as usual."""

    traces_port: int = field(default_factory=free_port)

    def environment(self, service: str, role: str) -> dict[str, str]:
        told = ProcessDistrict.environment(self, service, role)
        prefix = service.upper()
        told.pop(f"{prefix}_AUDIT_SEAL_S", None)
        told[f"{prefix}_OTLP_ENDPOINT"] = f"http://127.0.0.1:{self.traces_port}/v1/traces"
        return {**told, **self.more}


@dataclass
class Bench:
    """What the rows share: the stack, the district, who calls, and whose CPU is counted."""

    folder: Path
    stack: Stack
    seconds: int = 30
    cases: int = 1_000_000
    district: MeasuredDistrict = field(init=False)
    tokens: list[str] = field(default_factory=list)
    sustained: float = 0.0  # receipts a second at which no backlog grows, once measured
    kinds: dict[str, str] = field(default_factory=dict)  # a case of each kind, to be multiplied
    units: list[Any] = field(default_factory=list)  # of the stored cases, once there are
    stored: int = 0
    templates: list[str] = field(default_factory=list)  # cases that went through journey 1
    _sink: ManagedProcess | None = None
    _connections: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.district = MeasuredDistrict(self.folder, self.stack)

    # --- what runs ---------------------------------------------------------------------------

    def prepare(self, at: datetime) -> None:
        """Make the district, with legal time beginning at `at`; nothing of it runs yet.

        PostgreSQL is told to remember when a transaction was committed and how often a
        statement was sent: nobody else can say how late an effect is, or what a list costs.
        """
        postgres = self.stack.postgres
        with psycopg.connect(
            postgres.url().replace("+psycopg", ""), autocommit=True, connect_timeout=10
        ) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            connection.execute("ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements")
        postgres.stop()
        postgres.launch()
        postgres.wait_ready()
        self.district.prepare()
        steer(self.district.clock_control, at)
        self._sink = ManagedProcess(
            "traces",
            [sys.executable, "-m", "bench.sink", str(self.district.traces_port)],
            log=self.folder / "logs" / "traces.log",
            cwd=Path.cwd(),
        )
        self._sink.start()
        self._sink.wait_ready(listens_on(self.district.traces_port))

    def run_only(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Start what is wanted and does not run, end what runs and is not wanted."""
        wanted = set(wanted)
        running = self.district.processes
        surplus = [running.pop(key) for key in set(running) - wanted]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda process: process.stop(), surplus))
        fresh = sorted(wanted - set(running))
        for service, role in fresh:
            if (service, role) == ("carrier", "server"):
                self.district.start_carrier()
            else:
                self.district.start_one(service, role)
        for service, role in fresh:
            self.district.wait_ready(service, role)

    def run_apis(self, *names: str) -> None:
        """Run only apis, those named and the catalogue: everything behind the commit rests."""
        self.run_only({(name, "api") for name in {*names, "catalog"}})

    def run_all_apis(self) -> None:
        """Run the api of every service and nothing else."""
        self.run_apis(*graph.SERVICES)

    def run_all(self) -> None:
        """Run every process of the district, and the carrier."""
        everything = {(name, role) for name in graph.SERVICES for role in ROLES}
        self.run_only({*everything, ("carrier", "server")})

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self.district.stop()
        if self._sink is not None:
            self._sink.stop()

    # --- whose CPU ---------------------------------------------------------------------------

    @property
    def roots(self) -> dict[str, list[int]]:
        """The processes of each role: api, relay, worker, jobs, pg, broker, carrier, sink."""
        found: dict[str, list[int]] = {role: [] for role in (*ROLES, "pg", "broker", "sink")}
        for (_service, role), process in self.district.processes.items():
            if process.pid is not None and role in found:
                found[role].append(process.pid)
        found["pg"] = [each.identity.pid for each in self.stack.postgres.records()]
        found["broker"] = [each.identity.pid for each in self.stack.rabbitmq.records()]
        if self._sink is not None and self._sink.pid is not None:
            found["sink"] = [self._sink.pid]
        return found

    def process(self, service: str, role: str) -> int:
        """Return the id of a process that runs."""
        pid = self.district.processes[service, role].pid
        if pid is None:
            raise RuntimeError(f"{service}-{role} does not run")
        return pid

    # --- who calls ---------------------------------------------------------------------------

    @cached_property
    def world(self) -> World:
        return World(
            channels=self.district.channels(),
            issuer=TokenIssuer(self.district.keyring),
            clock=steering(self.district.clock_control),
            courier=self.district.courier,
        )

    def clerk_tokens(self) -> list[str]:
        """Return tokens of many clerks at all windows in turn; the catalogue must run."""
        if not self.tokens:
            held = [self.world.staff(person).caller for person in HOLDERS]
            self.tokens = clerks(TokenIssuer(self.district.keyring), held)
        return self.tokens

    def target(self, service: str) -> str:
        return f"127.0.0.1:{self.district.ports[service].api}"

    # --- what the databases say --------------------------------------------------------------

    def connection(self, service: str) -> psycopg.Connection[Any]:
        """Return the connection to a database of the district; a statement has 15 minutes.

        It is kept: a new one for each look would cost the server more than the look.
        """
        if service not in self._connections:
            self._connections[service] = psycopg.connect(
                self.district.database_url(service).replace("+psycopg", ""),
                autocommit=True,
                connect_timeout=10,
                options="-c statement_timeout=900000",
            )
        return self._connections[service]

    def rows(self, service: str, query: str, *values: object) -> list[Any]:
        return self.connection(service).execute(query.encode(), values or None).fetchall()

    def scalar(self, service: str, query: str, *values: object) -> Any:
        return self.rows(service, query, *values)[0][0]

    def backlog(self) -> dict[str, int]:
        """Return what waits: events that a consumer has not applied yet, and jobs that are due.

        Each event of a stream has a number, and each consumer knows the last it applied: what
        lies between is in the outbox, in the broker, in a worker's hands or held.
        """
        waiting = {}
        for source, consumers in graph.CONSUMERS.items():
            written = int(self.scalar(source, _WRITTEN))
            for consumer in consumers:
                applied = int(self.scalar(consumer, _APPLIED, consumer, source))
                waiting[f"events {source} to {consumer}"] = written - applied
        for name in graph.SERVICES:
            waiting[f"jobs {name}"] = int(self.scalar(name, _JOBS_DUE))
        return {name: count for name, count in waiting.items() if count}

    def settle(self, *, jobs: bool = True, deadline: float = BACKLOG_S) -> None:
        """Return when nothing waits any more; raise where it does not come to that."""
        limit = time.monotonic() + deadline
        while waiting := self.backlog():
            if not jobs and not any(name.startswith("events") for name in waiting):
                return
            if time.monotonic() > limit:
                raise TimeoutError(f"still waiting after {deadline:.0f} s: {waiting}")
            time.sleep(_LOOK_S)  # between two looks
