from __future__ import annotations

import os
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from devstack.accounts import Account, give, prepare_folder
from devstack.errors import DevstackError
from devstack.ports import free_port
from devstack.processes import READY_SECONDS
from devstack.state import ProcessRecord

USER: Final = "liandong"


class Server(ABC):
    """What the two private servers share: a folder, a port, a password and their life.

    `launch` returns as soon as the programs run and `wait_ready` when the server answers, so
    that two servers can boot side by side without threads. Port, password and data stay the
    same over `restart`, and data and password over a new object on the same folder.
    """

    def __init__(self, base_dir: Path, account: Account | None, *, port: int | None = None) -> None:
        self.account = account
        self.folder = prepare_folder(base_dir, account)
        self.port = port or free_port()
        self.on_change: Callable[[], None] = _nobody_listens

    def start(self, *, deadline: float = READY_SECONDS) -> None:
        """Start the server and return when it answers; nothing is left running on an error."""
        try:
            self.launch()
            self.wait_ready(deadline=deadline)
        except BaseException:  # Ctrl-C too: the servers have sessions of their own
            self.stop()
            raise

    def restart(self, *, deadline: float = READY_SECONDS) -> None:
        """Stop the server if it runs, and start it on the same port and data."""
        self.stop()
        self.start(deadline=deadline)

    def remove_data(self) -> None:
        """Delete the folder of a stopped server with all its data."""
        if self.alive():
            raise DevstackError(f"the server in {self.folder} still runs")
        shutil.rmtree(self.folder)

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

    @abstractmethod
    def launch(self) -> None:
        """Start the programs; they need not answer yet."""

    @abstractmethod
    def wait_ready(self, *, deadline: float = READY_SECONDS) -> None:
        """Return when the server answers a client that logs in."""

    @abstractmethod
    def alive(self) -> bool:
        """Say whether the server's process runs."""

    @abstractmethod
    def stop(self) -> None:
        """Shut the server down in order; also when it does not run."""

    @abstractmethod
    def kill(self) -> None:
        """Kill the server with SIGKILL, as a power cut would."""

    @abstractmethod
    def records(self) -> list[ProcessRecord]:
        """Return what another process needs to end what runs here."""

    def _password(self) -> str:
        """Return the password of this folder's data; the first call makes it up."""
        path = self.folder / "password"
        if not path.exists():
            draft = path.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(16), encoding="ascii")
            give(draft, self.account)
            draft.replace(path)
        return path.read_text(encoding="ascii")

    def _environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the server's programs: nothing of ours leaks into it."""
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.folder), "TZ": "UTC", **more}


def _nobody_listens() -> None:
    """Stand in until a stack wants to hear of started and ended processes."""
