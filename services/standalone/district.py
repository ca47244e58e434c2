"""The embedded district as an object: opened on a folder, started, stopped.

What it does not give, and says at start: no second process, no broker, no
network between the services, one writer at a time in each database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from sqlalchemy import select

from servicekit.client import LocalChannel, TracedChannel
from servicekit.clock import Clock, SystemClock
from servicekit.config import ServiceSettings
from servicekit.crypto import KeyStore
from servicekit.doorbell import LocalDoorbell
from servicekit.grpc_server import Registrar, Server, ServerLimits
from servicekit.identity import Caller, Keyring, TokenIssuer, TokenVerifier
from servicekit.jobs import JobRunner
from servicekit.leases import Lease
from servicekit.migrations import upgrade
from servicekit.relay import Relay
from servicekit.roles.api import guarded
from servicekit.roles.jobs import job_runner
from servicekit.service import Resources, open_resources
from servicekit.stream import Streams
from services import graph
from services.standalone.dispatcher import BATCH, Dispatcher, LocalPublisher
from services.standalone.registry import Part, parts

__all__ = ["LIMITS", "District", "service_token"]

LIMITS = (
    "嵌入式模式：单进程、SQLite、无消息代理、服务之间不经网络；"
    "同一数据库同一时刻只有一个写入者；停机期间不对外服务。不适用于多中心部署。"
)
SERVICE_TOKEN_LIFE = timedelta(days=30)


def service_token(keyring: Keyring, service: str, purpose: str) -> str:
    """Return a token by which `service` may ask others for `purpose`."""
    caller = Caller(service=service, purpose=purpose)
    return TokenIssuer(keyring).issue(caller, lifetime=SERVICE_TOKEN_LIFE)


def settings_for(
    part: Part,
    folder: Path,
    more: Mapping[str, Any],
    own: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> ServiceSettings:
    """Return the settings of one service of a district in `folder`; `own` are each one's alone."""
    more = {**more, **own.get(part.definition.name, {})}
    return part.settings(
        profile="demonstration",
        database_url=f"sqlite:///{folder / part.definition.name}.db",
        keyring=folder / "keyring.json",
        keystore=folder / "keystore.json",
        checkpoints=folder / "checkpoints",
        blobs=folder / "blobs",
        **{"audit_seal_s": 1, **more},
    )


@dataclass(slots=True)
class District:
    """Five services in one process, on the databases of one folder."""

    folder: Path
    resources: dict[str, Resources]
    registrars: dict[str, Registrar]
    runners: list[JobRunner]
    dispatcher: Dispatcher
    keyring: Keyring
    wakes: Mapping[str, threading.Event]  # of the jobs, by service
    _threads: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _server: Server | None = None
    _listening: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        own: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        **more: Any,
    ) -> Self:
        """Open, or create, the district in `folder`: keys, databases, services.

        `more` are settings of all services, `own` those of one, by its name.
        """
        folder.mkdir(parents=True, exist_ok=True)
        keyring = _keys(folder)
        bell = LocalDoorbell()
        known = parts()
        told = {name: settings_for(part, folder, more, own) for name, part in known.items()}
        wakes = {name: threading.Event() for name in known}
        resources = {
            name: _open(part, told[name], _ringing(bell, wakes[name]), clock)
            for name, part in known.items()
        }
        verifier = TokenVerifier(keyring)
        registrars: dict[str, Registrar] = {}
        for name in _in_order_of_asking():
            part = known[name]
            register = part.register(_channels(name, "api", registrars, keyring))
            registrars[name] = guarded(part.definition, resources[name], verifier, register)
        streams = {
            name: Streams(resources[name].engine, name, part.event_handlers(resources[name]))
            for name, part in known.items()
        }
        relays = [_relay(known[name], resources[name], streams, wakes) for name in known]
        runners = [
            job_runner(
                part.definition,
                resources[name],
                part.job_handlers(_channels(name, "jobs", registrars, keyring), resources[name]),
                part.sweeps(resources[name]),
                part.event_handlers(resources[name]),
            )
            for name, part in known.items()
        ]
        dispatcher = Dispatcher(relays, bell)
        return cls(folder, resources, registrars, runners, dispatcher, keyring, wakes)

    @property
    def channel(self) -> Any:
        """A channel to all five services inside this process."""
        return LocalChannel(self.registrars.values())

    def serve(self, address: str = "127.0.0.1:0", health: str = "127.0.0.1:0") -> Server:
        """Begin to answer on one port for all five services, to dispatch and to work."""
        self._server = Server(
            {self.resources_grpc_name(name): each for name, each in self.registrars.items()},
            address=address,
            health_address=health,
            limits=ServerLimits(),
        )
        self._server.start()
        self._listening += [part.listen(self.resources[name]) for name, part in parts().items()]
        self.start_background()
        return self._server

    @staticmethod
    def resources_grpc_name(name: str) -> str:
        return f"liandong.{name}.v1.{name.capitalize()}Service"

    def start_background(self) -> None:
        """Start the dispatcher and the jobs."""
        self.dispatcher.start()
        for runner, wake in zip(self.runners, self.wakes.values(), strict=True):
            thread = threading.Thread(
                target=runner.run,
                args=(self._stop, wake),
                kwargs={"every": 0.2},
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def settle(self, patience: float = 120.0) -> None:
        """Return when nothing is under way: events delivered, jobs done, audit sealed."""
        deadline = time.monotonic() + patience
        while busy := [name for name, each in self.resources.items() if _is_busy(each)]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still busy after {patience:.0f} s: {', '.join(busy)}")
            time.sleep(0.05)  # between two looks at the databases

    def close(self) -> None:
        """Drain calls, finish jobs and deliveries in flight, close the databases."""
        if self._server is not None:
            self._server.stop()
        for stop in self._listening:
            stop()
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
        if self._threads:
            self.dispatcher.stop()
        for each in self.resources.values():
            each.close()


def _keys(folder: Path) -> Keyring:
    if not (folder / "keyring.json").exists():
        Keyring.create().save(folder / "keyring.json")
    if not (folder / "keystore.json").exists():
        KeyStore.create().save(folder / "keystore.json")
    return Keyring.load(folder / "keyring.json")


def _open(
    part: Part, settings: ServiceSettings, ring: Callable[[], None], clock: Clock | None
) -> Resources:
    upgrade(part.definition.migrations, settings.database("psycopg"), SystemClock().today())
    return open_resources(part.definition, settings, ring=ring, clock=clock)


def _is_busy(resources: Resources) -> bool:
    tables = resources.kit.tables
    outbox, job = tables.outbox.outbox, tables.job
    audit, seal = tables.audit.audit, tables.audit.seal
    waiting = (
        select(outbox.c.id).where(outbox.c.position.is_(None)).exists(),
        select(job.c.key).where(job.c.state == "WAITING").exists(),
        select(audit.c.id).where(~select(seal.c.seq).where(seal.c.audit_id == audit.c.id).exists())
        .exists(),
    )  # fmt: skip
    with resources.read_engine.connect() as connection:
        return any(connection.execute(select(each)).scalar_one() for each in waiting)


def _in_order_of_asking() -> list[str]:
    """Return the services so that whoever is asked comes before whoever asks."""
    asked = {name: {other for (who, _), others in graph.ASKS.items() if who == name
                    for other in others} for name in graph.SERVICES}  # fmt: skip
    order: list[str] = []
    while len(order) < len(graph.SERVICES):
        ready = [name for name in graph.SERVICES if name not in order and asked[name] <= {*order}]
        if not ready:
            raise RuntimeError(f"services ask each other in a circle: {asked}")
        order += ready
    return order


def _channels(
    name: str, role: str, registrars: Mapping[str, Registrar], keyring: Keyring
) -> dict[str, Any]:
    """Return a channel to each service that the `role` of `name` asks.

    Each call has a new token: a district may stay up for longer than one lives.
    """

    def token() -> str:
        return service_token(keyring, name, role)

    return {
        other: TracedChannel(LocalChannel([registrars[other]]), token, timeout=5.0, peer=other)
        for other in graph.ASKS.get((name, role), ())
    }


def _ringing(bell: LocalDoorbell, wake: threading.Event) -> Callable[[], None]:
    """Return what a commit does: the dispatcher looks at its events, the jobs at its jobs."""

    def ring() -> None:
        bell.ring()
        wake.set()

    return ring


def _relay(
    part: Part,
    resources: Resources,
    streams: Mapping[str, Streams],
    wakes: Mapping[str, threading.Event],
) -> Relay:
    name = part.definition.name
    consumers = graph.CONSUMERS[name]
    return Relay(
        resources.engine,
        part.definition.tables.outbox,
        LocalPublisher(
            {consumer: streams[consumer] for consumer in consumers},
            [wakes[consumer] for consumer in consumers],
        ),
        Lease(resources.engine, "relay", "embedded"),
        service=name,
        batch=BATCH,
    )
