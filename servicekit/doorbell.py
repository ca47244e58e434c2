"""The bell between whoever commits events and the relay that publishes them.

The relay looks into the outbox every second anyway; the bell only makes it
look at once. So a lost ring costs a second and nothing else, and nothing here
may ever raise into a command.
"""

from __future__ import annotations

import importlib
import logging
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import make_url

if TYPE_CHECKING:
    import psycopg

__all__ = ["DatabaseListener", "DatabaseRinger", "LocalDoorbell", "Ringer"]

log = logging.getLogger(__name__)

CHANNEL = "outbox"
_PSYCOPG_2 = "psycopg2"  # under eventlet
_PSYCOPG_3 = "psycopg"
DEBOUNCE = 0.02  # seconds; commits that come closer together ring once


class Ringer(Protocol):
    """Called by the api after every commit that stored events."""

    def ring(self) -> None: ...


class LocalDoorbell:
    """Both sides of the bell, where the relay is a thread of the same process."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def wait(self, timeout: float) -> bool:
        """Wait until the bell has rung since the last time; False if it did not in `timeout` s."""
        rung = self._rung.wait(timeout)
        self._rung.clear()
        return rung

    def close(self) -> None:
        self._rung.set()


class DatabaseRinger:
    """Rings by NOTIFY, on a connection and in a thread of its own.

    Never inside the business transaction: a transaction that has notified
    takes a lock on the whole database at its commit, and commands would queue.
    A `postgresql+psycopg2` address is rung with psycopg2, as it must be under
    eventlet: the C code of psycopg 3 would block all handlers. Any other is
    rung with psycopg 3.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._driver = _driver(url)
        self._rung = threading.Event()
        self._stopped = threading.Event()
        self._connection: Any = None  # of either driver; they share no type
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Return at once; the bell rings within some 20 ms."""
        self._rung.set()

    def close(self) -> None:
        """Send what was rung and end the thread."""
        self._stopped.set()
        self._rung.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._rung.wait()
            self._rung.clear()
            self._notify()
            self._stopped.wait(DEBOUNCE)
        self._drop()

    def _notify(self) -> None:
        try:
            if self._connection is None:
                self._connection = _connect(self._driver, self._url)
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
        except self._driver.Error as error:  # the relay looks every second in any case
            log.warning("bell_silent", extra={"error": str(error)})
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class DatabaseListener:
    """Hears the bell by LISTEN; reconnects by itself. The relay has threads: psycopg 3."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._driver = importlib.import_module(_PSYCOPG_3)
        self._closed = threading.Event()
        self._connection: psycopg.Connection | None = None

    def wait(self, timeout: float) -> bool:
        """Wait for the bell; False if it did not ring in `timeout` seconds."""
        try:
            if self._connection is None:
                self._connection = _connect(self._driver, self._url)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return True  # it may have rung before we listened
            heard = list(self._connection.notifies(timeout=timeout, stop_after=1))
        except self._driver.Error as error:
            log.warning("bell_unheard", extra={"error": str(error)})
            self._drop()
            self._closed.wait(timeout)
            return False
        return bool(heard)

    def close(self) -> None:
        self._closed.set()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _driver(url: str) -> ModuleType:
    """Import the driver that the address names, and only that one."""
    under_eventlet = make_url(url).drivername == f"postgresql+{_PSYCOPG_2}"
    return importlib.import_module(_PSYCOPG_2 if under_eventlet else _PSYCOPG_3)


def _connect(driver: ModuleType, url: str) -> Any:
    conninfo = make_url(url).set(drivername="postgresql")
    connection = driver.connect(
        conninfo.render_as_string(hide_password=False),
        connect_timeout=5,
        application_name="doorbell",
    )
    connection.autocommit = True
    return connection
