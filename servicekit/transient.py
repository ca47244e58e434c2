"""Which errors pass by themselves, and how often an event may meet one."""

from __future__ import annotations

import threading
from collections import OrderedDict

from liandong.common.v1.envelope_pb2 import Envelope
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

__all__ = ["Tries", "is_disconnect", "is_transient"]

# SQLite reports bad SQL and a busy file with the same class; only these come and go:
# BUSY, LOCKED, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
_SQLITE_PASSING = frozenset({5, 6, 9, 10, 13, 14, 15})
_TRANSIENT = (InterfaceError, PoolTimeoutError, PendingRollbackError, StaleDataError)


def is_transient(error: BaseException) -> bool:
    """Tell the database's trouble (away, deadlock, timeout) from the event's.

    Such an event is redelivered and never stored as failed. An aggregate
    that somebody else changed in the meantime counts too; so does an error
    that was raised from one of these.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _TRANSIENT) or is_disconnect(cause):
            return True
        if isinstance(cause, OperationalError):
            code = getattr(cause.orig, "sqlite_errorcode", None)
            if code is None or (code & 0xFF) in _SQLITE_PASSING:
                return True
        cause = cause.__cause__
    return False


def is_disconnect(error: BaseException) -> bool:
    """Tell whether the connection itself is gone."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


class Tries:
    """Counts tries per event; forgets the eldest, so that it cannot grow."""

    def __init__(self, patience: int, size: int = 1000) -> None:
        self._patience = patience
        self._size = size
        self._tries: OrderedDict[tuple[str, str, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def are_spent(self, event: Envelope) -> bool:
        key = (event.source, event.stream_id, event.seq)
        with self._lock:
            tries = self._tries.pop(key, 0) + 1
            self._tries[key] = tries
            if len(self._tries) > self._size:
                self._tries.popitem(last=False)
        return tries >= self._patience

    def forget(self, event: Envelope) -> None:
        with self._lock:
            self._tries.pop((event.source, event.stream_id, event.seq), None)
