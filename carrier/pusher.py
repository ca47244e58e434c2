"""Pushes callbacks over HTTP, in order, again while they are not taken."""

from __future__ import annotations

import http.client
import json
import logging
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

__all__ = ["Pusher"]

log = logging.getLogger(__name__)

TIMEOUT: Final = 5.0
# Seconds before each repetition; 快递100 waits 30 minutes and repeats three times.
PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_LARGEST: Final = 64 * 1024


class Pusher:
    """One thread that posts what is queued; nothing overtakes what is being repeated."""

    def __init__(self, url: str, pauses: Sequence[float] = PAUSES) -> None:
        self._url = url
        self._pauses = pauses
        self._queue: queue.SimpleQueue[Mapping[str, str] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._waiting = 0
        self._settled = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="pusher", daemon=True)
        self._thread.start()

    def push(self, form: Mapping[str, str]) -> None:
        with self._settled:
            self._waiting += 1
        self._queue.put(form)

    def settle(self, patience: float = 10.0) -> None:
        """Return when all that was queued is taken or given up, or when patience ends."""
        with self._settled:
            self._settled.wait_for(lambda: not self._waiting, patience)

    def push_now(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Post the form once; return the status and the answer, 0 where nobody answered."""
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self._url, body, method="POST")  # noqa: S310 -- our url
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return int(answer.status), _json(answer.read(_LARGEST))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _json(error.read(_LARGEST))
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            log.warning("push_failed: %s", error)
            return 0, {}

    def close(self) -> None:
        self._stop.set()
        self._queue.put(None)
        self._thread.join(timeout=TIMEOUT + 1)

    def _run(self) -> None:
        while not self._stop.is_set() and (form := self._queue.get()) is not None:
            self._deliver(form)
            with self._settled:
                self._waiting -= 1
                self._settled.notify_all()

    def _deliver(self, form: Mapping[str, str]) -> None:
        for pause in (*self._pauses, None):
            status, said = self.push_now(form)
            if status == HTTPStatus.OK and said.get("result") is True:
                return
            if pause is None:
                log.error("push_given_up: %s", said.get("message", status))
            elif self._stop.wait(pause):
                return


def _json(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
