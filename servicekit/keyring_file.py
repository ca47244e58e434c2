"""The verifiers' keys as a file that is read again when it changes: a rotation needs no restart.

What is unreadable is left alone, and what was good before stays in use.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from servicekit.identity import Caller, Keyring, TokenVerifier

__all__ = ["FollowingVerifier"]

log = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 1.0


class FollowingVerifier(TokenVerifier):
    """Verifies by the keys that the file holds now; looks once a second, when asked."""

    def __init__(self, path: Path, *, looks_after: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now = looks_after
        self._looking = threading.Lock()
        self._stamp = _stamp(path)
        self._looked_at = looks_after()
        super().__init__(Keyring.load(path))  # without keys nothing may start

    def verify(self, token: str) -> Caller:
        if self._now() - self._looked_at >= LOOK_AGAIN_S and self._looking.acquire(blocking=False):
            try:
                self._looked_at = self._now()
                self._look()
            finally:
                self._looking.release()
        return super().verify(token)

    def _look(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            keyring = Keyring.load(self._path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("keyring_unusable", extra={"error": repr(error)})
            return
        self._stamp = stamp
        self.replace(keyring)
        log.info("keyring_renewed", extra={"keys": [key.kid for key in keyring.keys]})


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
