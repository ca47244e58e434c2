"""Which ports of this machine are promised: told to every process that asks for one.

Between the choice of a port and the start of its server lies up to a minute; a second district
starting meanwhile finds nobody listening there. Each promise is a lock on one byte of a common
file, the byte of the port's number: the kernel gives it back when the process ends, however
that ends, and one open file does for all ports.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from pathlib import Path
from typing import Final

from devstack.errors import DevstackError

NAME: Final = "liandong-ports.lock"
SHARED: Final = Path("/tmp")  # noqa: S108 - nothing is written or read, every user finds it here
TAKEN: Final = frozenset({errno.EACCES, errno.EAGAIN})


class PortRegister:
    """One process's hold on the common file; it is opened when the first port is asked for.

    Open it once in a process: a process that closes such a file loses all its locks on it. They
    hold against other processes, not against threads of one's own.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._handle: int | None = None

    def claim(self, port: int) -> bool:
        """Take the port until this process ends; False when another process holds it."""
        if self._handle is None:
            self._handle = _open(self._path or _common_path())
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError as error:
            if error.errno in TAKEN:
                return False
            raise
        return True

    def release(self, port: int) -> None:
        """Give back a port that turned out to be of no use."""
        if self._handle is not None:
            fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, port)


def _common_path() -> Path:
    # Not the folder of TMPDIR: two processes that know each other's ports must meet.
    folder = SHARED if os.access(SHARED, os.W_OK) else Path(tempfile.gettempdir())
    return folder / NAME


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            # First without O_CREAT: with it Linux refuses the file of another user in /tmp.
            return os.open(path, flags)
        except FileNotFoundError:
            return _create(path, flags)
    except OSError as error:
        raise DevstackError(f"the register of ports {path} cannot be used: {error}") from error


def _create(path: Path, flags: int) -> int:
    """Create the file; it appears only when it is open to every user."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        os.fchmod(handle, 0o666)
        os.link(draft, path)
    except FileExistsError:
        os.close(handle)
        return os.open(path, flags)
    finally:
        Path(draft).unlink()
    return handle
