"""A service on SQLite with everything real but the network: for the tests of services."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy import make_url

from servicekit.client import LocalChannel, bearer
from servicekit.clock import FixedClock
from servicekit.config import ServiceSettings
from servicekit.crypto import KeyStore
from servicekit.grpc_server import Registrar
from servicekit.identity import Caller, Keyring, TokenIssuer, TokenVerifier
from servicekit.migrations import upgrade
from servicekit.roles.api import Register, guarded
from servicekit.service import Resources, ServiceDefinition, open_resources

__all__ = ["MONDAY", "Harness", "demonstration_settings", "envelope", "harness", "migrate"]

MONDAY = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)  # 09:00 in China


def demonstration_settings(folder: Path, database_url: str, **more: Any) -> ServiceSettings:
    """Return settings for a demonstration in `folder`, with fresh keys where there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    keyring, keystore = folder / "keyring.json", folder / "keystore.json"
    if not keyring.exists():
        Keyring.create().save(keyring)
    if not keystore.exists():
        KeyStore.create().save(keystore)
    return ServiceSettings(
        profile="demonstration",
        database_url=database_url,
        keyring=keyring,
        keystore=keystore,
        checkpoints=folder / "checkpoints",
        blobs=folder / "blobs",
        **more,
    )


@dataclass(frozen=True, slots=True)
class Harness:
    """One service whose methods are called through their guard, in this process."""

    definition: ServiceDefinition
    resources: Resources
    registrar: Registrar
    clock: FixedClock
    issuer: TokenIssuer

    @property
    def channel(self) -> Any:
        return LocalChannel([self.registrar])

    def call(self, method: Any, request: Message, caller: Caller) -> Any:
        """Call a method of a stub as `caller`."""
        token = self.issuer.issue(caller, lifetime=timedelta(hours=1))
        return method(request, metadata=bearer(token), timeout=10)


def harness(
    definition: ServiceDefinition,
    register: Register,
    folder: Path,
    *,
    database_url: str | None = None,
) -> Harness:
    """Return the service on a migrated database, at 09:00 on a Monday."""
    url = database_url or f"sqlite:///{folder / definition.name}.db"
    settings = demonstration_settings(folder, url)
    clock = FixedClock(MONDAY)
    migrate(definition, settings.database("psycopg"), clock.today())
    resources = open_resources(definition, settings, clock=clock)
    keyring = Keyring.load(settings.keyring)
    registrar = guarded(definition, resources, TokenVerifier(keyring), register)
    return Harness(definition, resources, registrar, clock, TokenIssuer(keyring))


def migrate(definition: ServiceDefinition, url: str, today: date) -> None:
    """Bring a database to the newest version.

    A fresh one in SQLite is the copy of one that was migrated once: hundreds of tests begin so.
    """
    address = make_url(url)
    file = Path(address.database or ":memory:")
    if address.get_backend_name() == "sqlite" and address.database and not file.exists():
        file.write_bytes(_migrated(definition.migrations, today))
    else:
        upgrade(definition.migrations, url, today)


@cache
def _migrated(migrations: Path, today: date) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.db"
        upgrade(migrations, f"sqlite:///{file}", today)
        return file.read_bytes()


def envelope(
    kind: str, payload: Message, *, stream_id: str, seq: int = 1, at: datetime = MONDAY
) -> bytes:
    """Return an event as another service would have published it."""
    occurred = Timestamp()
    occurred.FromDatetime(at)
    return Envelope(
        source=kind.partition(".")[0],
        event_id=f"{kind}-{stream_id}-{seq}",
        stream_id=stream_id,
        seq=seq,
        type=kind,
        version=1,
        occurred_at=occurred,
        recorded_at=occurred,
        payload=payload.SerializeToString(),
    ).SerializeToString()
