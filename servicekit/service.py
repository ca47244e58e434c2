"""What a service is, and what its processes give it. Knows neither grpc nor eventlet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import Connection, Engine, MetaData, func, select

from servicekit.calls import Call, Scope
from servicekit.clock import Clock, SteeredClock, SystemClock
from servicekit.config import ServiceSettings
from servicekit.crypto import CryptoProvider, KeyStore, SoftwareCrypto
from servicekit.database import make_engine, make_read_engine
from servicekit.errors import ExhaustedError
from servicekit.identity import Caller
from servicekit.kit import EventCodec, Kit, KitTables
from servicekit.outbox import OutboxTables
from servicekit.policy import Policy
from servicekit.pools import watch_pool
from servicekit.statuses import Say
from servicekit.stream import Handler
from servicekit.telemetry import current_traceparent
from servicekit.texts import MessageCatalogue
from servicekit.unit_of_work import UnitOfWork

__all__ = ["OutboxLimit", "Resources", "ServiceDefinition", "on_event", "open_resources"]

KIT_TEXTS = "servicekit"
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """What a service is made of; its processes need nothing else to run it.

    `sources` are the services whose events it takes in.
    """

    name: str
    package: str
    grpc_service: str
    metadata: MetaData
    tables: KitTables
    codec: EventCodec
    policy: Policy
    sources: tuple[str, ...]

    @property
    def migrations(self) -> Path:
        import importlib.resources  # noqa: PLC0415 -- only migrate needs it

        return Path(str(importlib.resources.files(self.package) / "migrations"))


class OutboxOverfullError(ExhaustedError):
    """More events wait for the broker than the installation allows."""

    reason = "OUTBOX_OVERFULL"


class OutboxLimit:
    """Refuses commands while the outbox is longer than `limit`; looks once a second."""

    def __init__(self, engine: Engine, tables: OutboxTables, limit: int) -> None:
        outbox = tables.outbox
        waiting = select(outbox.c.id).where(outbox.c.position.is_(None)).limit(limit + 1)
        self._count = select(func.count()).select_from(waiting.subquery())
        self._engine = engine
        self._limit = limit
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._overfull = False

    def admit(self) -> None:
        if time.monotonic() - self._looked_at >= 1.0 and self._lock.acquire(blocking=False):
            try:
                with self._engine.connect() as connection:
                    waiting = connection.execute(self._count).scalar_one()
                self._overfull = waiting > self._limit
                self._looked_at = time.monotonic()
            finally:
                self._lock.release()
        if self._overfull:
            raise OutboxOverfullError("The outbox is overfull", limit=str(self._limit))


@dataclass(frozen=True, slots=True)
class Resources:
    """What one process gives a service: databases, time, keys, texts."""

    engine: Engine
    read_engine: Engine
    kit: Kit
    clock: Clock
    crypto: CryptoProvider
    say: Say
    settings: ServiceSettings
    admit: Callable[[], None]

    def close(self) -> None:
        self.engine.dispose()
        self.read_engine.dispose()


def open_resources(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    *,
    driver: str = "psycopg",
    pool_size: int | None = None,
    ring: Callable[[], None] | None = None,
    clock: Clock | None = None,
) -> Resources:
    """Open what the settings name. `ring` wakes the relay after a commit."""
    url = settings.database(driver)
    size = pool_size or settings.threads
    read_engine = make_read_engine(url, pool_size=size)
    kit = Kit(definition.name, definition.tables, definition.codec)
    if ring is not None:
        kit = Kit(definition.name, definition.tables, definition.codec, ring)
    if clock is None:
        steered = settings.clock_control
        clock = SystemClock() if steered is None else SteeredClock(steered)
    engine = make_engine(url, pool_size=size)
    watch_pool(definition.name, "commands", engine)
    watch_pool(definition.name, "queries", read_engine)
    return Resources(
        engine=engine,
        read_engine=read_engine,
        kit=kit,
        clock=clock,
        crypto=SoftwareCrypto(KeyStore.load(settings.keystore)),
        say=MessageCatalogue.load(KIT_TEXTS, definition.package).say,
        settings=settings,
        admit=OutboxLimit(read_engine, definition.tables.outbox, settings.outbox_limit).admit,
    )


def event_call(service: str, envelope: Envelope) -> Call:
    """Return the call a fact from another service is handled as.

    Legal time is that of the fact: it was stamped where the command entered.
    """
    at: datetime = envelope.occurred_at.ToDatetime(tzinfo=UTC)
    return Call(
        caller=Caller(service=service, purpose=envelope.type),
        method=f"event:{envelope.type}",
        scopes=frozenset({Scope.ANY}),
        at=at,
        request_id=envelope.event_id,
        traceparent=current_traceparent() or envelope.traceparent,
    )


def on_event(
    service: str,
    new_uow: Callable[[Connection, Call], Any],
    message_type: type[M],
    apply: Callable[..., None],
) -> Handler:
    """Return a stream handler that gives `apply(message, uow=…)` a unit of work.

    The unit of work joins the transaction that moves the stream position, so
    the fact and its effect are taken once, together.
    """

    def handle(connection: Connection, envelope: Envelope) -> None:
        uow: UnitOfWork
        with new_uow(connection, event_call(service, envelope)) as uow:
            apply(message_type.FromString(envelope.payload), uow=uow)
            uow.commit()

    return handle
