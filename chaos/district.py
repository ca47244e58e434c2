"""The district of processes with a proxy on every line, and everything it takes to put it right."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from chaos.proxy import LOOPBACK, Line, Network
from cli.processes import CARRIER, ProcessDistrict
from devstack.guardian import Guardian
from devstack.processes import ManagedProcess
from devstack.stack import Stack
from devstack.state import save_state
from services import graph

__all__ = ["ChaosDistrict", "opened_district"]

SETTINGS: Final = {"JOB_LEASE_S": "10", "DRAIN_S": "10"}
STORE_BYTES: Final = 64 << 20
DUMP_S: Final = 300
CHANNEL: Final = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


@dataclass(slots=True)
class ChaosDistrict(ProcessDistrict):
    """Twenty processes of which none speaks to another, or to a server, but through a proxy."""

    network: Network = field(default_factory=Network)
    lock: threading.RLock = field(default_factory=threading.RLock)
    store_is_small: bool = False
    guardian: Guardian | None = None

    def lay_lines(self) -> None:
        """Open a line from each service to its database and the broker, and one to each api."""
        postgres, rabbitmq = self.stack.postgres.port, self.stack.rabbitmq.port
        for name in graph.SERVICES:
            self.network.add(f"{name}>postgres", postgres)
            self.network.add(f"{name}>rabbitmq", rabbitmq)
            self.network.add(f">{name}", self.ports[name].api)

    def lines(self, kind: str) -> list[Line]:
        """Return the lines that lead to `postgres`, to `rabbitmq` or to an `api`."""
        lines = self.network.lines
        if kind == "api":
            return [lines[f">{name}"] for name in graph.SERVICES]
        return [lines[f"{name}>{kind}"] for name in graph.SERVICES]

    def environment(self, service: str, role: str) -> dict[str, str]:
        """Return the environment of one process, with the proxies in the place of the servers."""
        # A base class with slots, so `super()` without arguments would look in the wrong class.
        found = ProcessDistrict.environment(self, service, role)
        prefix, lines = service.upper(), self.network.lines
        for key, kind, port in (
            ("DATABASE_URL", "postgres", self.stack.postgres.port),
            ("AMQP_URL", "rabbitmq", self.stack.rabbitmq.port),
        ):
            mine = lines[f"{service}>{kind}"].port
            name = f"{prefix}_{key}"
            found[name] = found[name].replace(f"{LOOPBACK}:{port}/", f"{LOOPBACK}:{mine}/")
        for other in graph.SERVICES:
            if (name := f"{prefix}_{other.upper()}_TARGET") in found:
                found[name] = f"{LOOPBACK}:{lines[f'>{other}'].port}"
        return found | {f"{prefix}_{key}": value for key, value in SETTINGS.items()}

    def channels(self) -> dict[str, Any]:
        """Return a channel to each api, through the proxy."""
        return {
            name: grpc.insecure_channel(f"{LOOPBACK}:{line.port}", options=CHANNEL)
            for name, line in zip(graph.SERVICES, self.lines("api"), strict=True)
        }

    def start_one(self, service: str, role: str) -> ManagedProcess:
        """Start one process, and let the guardian know of it."""
        with self.lock:
            process = ProcessDistrict.start_one(self, service, role)
            self._note()
        return process

    def start_carrier(self) -> None:
        with self.lock:
            ProcessDistrict.start_carrier(self)
            self._note()

    def running(self) -> dict[tuple[str, str], ManagedProcess]:
        """Return the processes as they are now, the carrier's apart: nobody strikes that one."""
        with self.lock:
            return {key: each for key, each in self.processes.items() if key != CARRIER}

    @property
    def blobs(self) -> Path:
        return self.folder / "blobs"

    def guard(self) -> None:
        """Have the processes ended by somebody else if this one is killed."""
        self._note()
        self.guardian = Guardian(self._state_path)

    def make_store(self) -> None:
        """Give the blob store a disk of its own that is small enough to fill, where we may."""
        self.blobs.mkdir(parents=True, exist_ok=True)
        mount = shutil.which("mount")
        if os.geteuid() or mount is None:
            return
        size = f"size={STORE_BYTES}"
        command = [mount, "-t", "tmpfs", "-o", size, "tmpfs", str(self.blobs)]
        done = subprocess.run(  # noqa: S603 - our own words
            command,
            capture_output=True,
            check=False,
        )
        self.store_is_small = done.returncode == 0

    def dump(self, folder: Path) -> None:
        """Write each database into a file of `folder`, for pg_restore."""
        program = self.stack.postgres.program("pg_dump")
        for name in graph.SERVICES:
            address = self.database_url(name).replace("+psycopg", "")
            command = [str(program), "--format=custom", f"--file={folder / name}.dump", address]
            subprocess.run(command, check=True, timeout=DUMP_S)  # noqa: S603 - our own words

    def close(self) -> None:
        """End everything that was started here."""
        with self.lock:
            self.stop()
            if self.guardian is not None:
                self.guardian.dismiss()
        self.network.close()
        free_store(self.blobs)

    @property
    def _state_path(self) -> Path:
        return self.folder / "processes.json"

    def _note(self) -> None:
        records = [process.record() for process in self.processes.values()]
        save_state(self._state_path, [record for record in records if record])


def free_store(blobs: Path) -> None:
    """Take the small disk away again, also one that a killed run left behind."""
    umount = shutil.which("umount")
    if umount is not None and blobs.is_mount():
        subprocess.run([umount, str(blobs)], check=True)  # noqa: S603 - our own words


@contextmanager
def opened_district(folder: Path) -> Iterator[ChaosDistrict]:
    """Bring up servers and processes in `folder`, which is emptied first; take them down."""
    free_store(folder / "blobs")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Stack() as stack:
        district = ChaosDistrict(folder, stack)
        try:
            district.lay_lines()
            district.make_store()
            district.prepare()
            district.guard()
            district.start()
            yield district
        finally:
            district.close()
