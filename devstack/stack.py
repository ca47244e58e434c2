from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from devstack.accounts import server_account, shared_temp
from devstack.errors import DevstackError
from devstack.guardian import Guardian
from devstack.packages import require_programs
from devstack.postgres import Postgres
from devstack.processes import READY_SECONDS
from devstack.rabbitmq import RabbitMQ
from devstack.server import Server
from devstack.state import ProcessRecord, load_state, save_state

STATE_FILE = "state.json"


class Stack:
    """A private PostgreSQL and a private RabbitMQ, brought up side by side.

    As a context manager it takes them down whatever happens: on an error, on Ctrl-C, at the
    end of the interpreter, and by a guardian process when ours is killed. Without `base_dir`
    the data lies in a temporary folder that goes with the stack; with it, data is kept.

    `start(guarded=False)` is for servers that shall outlive this process; `records()` then
    names what somebody has to end (`devstack.state`).
    """

    def __init__(
        self,
        base_dir: Path | None = None,
        *,
        postgres: bool = True,
        rabbitmq: bool = True,
        max_connections: int = 300,
    ) -> None:
        programs = require_programs(postgres=postgres, rabbitmq=rabbitmq)
        self._temporary = base_dir is None
        self.folder = base_dir.absolute() if base_dir else _temporary_folder()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._state_path = self.folder / STATE_FILE
        self._require_idle()
        # RabbitMQ boots longest: it comes first, and PostgreSQL's initdb runs meanwhile.
        self._rabbitmq: RabbitMQ | None = None
        self._postgres: Postgres | None = None
        if programs.rabbitmq:
            self._rabbitmq = RabbitMQ(self.folder / "rabbitmq", program=programs.rabbitmq)
        if programs.postgres:
            self._postgres = Postgres(
                self.folder / "postgres",
                max_connections=max_connections,
                program=programs.postgres,
            )
        self._guardian: Guardian | None = None
        self._owner = os.getpid()

    @property
    def postgres(self) -> Postgres:
        if self._postgres is None:
            raise DevstackError("this stack was made without PostgreSQL")
        return self._postgres

    @property
    def rabbitmq(self) -> RabbitMQ:
        if self._rabbitmq is None:
            raise DevstackError("this stack was made without RabbitMQ")
        return self._rabbitmq

    def start(self, *, guarded: bool = True, deadline: float = READY_SECONDS) -> None:
        """Bring all servers up; on any error nothing is left running."""
        try:
            self.launch(guarded=guarded)
            self.wait_ready(deadline=deadline)
        except BaseException:  # Ctrl-C too: the servers have sessions of their own
            self.stop()
            raise

    def launch(self, *, guarded: bool = True) -> None:
        """Start the programs and return while they still boot."""
        if guarded:
            remove = [self.folder, *self._data_folders()] if self._temporary else []
            self._guardian = Guardian(self._state_path, remove)
            atexit.register(self._stop_at_exit)
        for server in self._servers():
            server.on_change = self._save_state
            server.launch()

    def wait_ready(self, *, deadline: float = READY_SECONDS) -> None:
        """Return when all servers answer."""
        for server in reversed(self._servers()):
            server.wait_ready(deadline=deadline)

    def stop(self) -> None:
        """Take the servers down, and remove the data if the folder was temporary."""
        try:
            for server in self._servers():
                server.stop()
        finally:
            atexit.unregister(self._stop_at_exit)
            if self._guardian is not None:
                # It ends what could not be ended here.
                self._guardian.dismiss()
                self._guardian = None
        if self._temporary:
            self.remove_data()

    def remove_data(self) -> None:
        """Delete the data of the stopped servers."""
        for folder in (*self._data_folders(), self.folder if self._temporary else None):
            if folder is not None and folder.exists():
                shutil.rmtree(folder)

    def records(self) -> list[ProcessRecord]:
        """Return what another process needs to end what runs here, in order of start."""
        return [record for server in self._servers() for record in server.records()]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _servers(self) -> list[Server]:
        return [server for server in (self._rabbitmq, self._postgres) if server is not None]

    def _data_folders(self) -> list[Path]:
        return [server.folder for server in self._servers()]

    def _save_state(self) -> None:
        save_state(self._state_path, self.records())

    def _require_idle(self) -> None:
        running = [record for record in load_state(self._state_path).processes if record.alive()]
        if running:
            names = ", ".join(f"{record.name} (pid {record.identity.pid})" for record in running)
            raise DevstackError(f"servers run already from {self.folder}: {names}")

    def _stop_at_exit(self) -> None:
        # A forked child that ends normally must not take its parent's servers along.
        if os.getpid() == self._owner:
            self.stop()


def _temporary_folder() -> Path:
    """Make a folder that the servers' users can walk through, though not list."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-", dir=shared_temp(server_account())))
    folder.chmod(0o711)
    return folder
