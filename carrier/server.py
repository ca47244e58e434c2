"""The carrier as an HTTP server: orders, queries, cancellations, and what moves parcels.

The controls are not signed: whoever reaches the port moves the parcels. It
listens on this machine only unless it is told otherwise.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from carrier.desk import Desk

__all__ = ["make_server"]

_LARGEST: Final = 64 * 1024


def make_server(
    desk: Desk, host: str, port: int, settle: Callable[[], None]
) -> ThreadingHTTPServer:
    """Return a server that answers for `desk`; port 0 takes a free one.

    Whoever moves a parcel is answered once `settle` returns: when what it
    pushes was taken, so that a demonstration need not guess.
    """
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            known = self.path == "/healthz"
            self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, {"ok": known})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > _LARGEST:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"result": False})
                return
            body = self.rfile.read(int(length)).decode("utf-8", errors="replace")
            form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
            with one_at_a_time:
                status, said = desk.answer(self.path, form)
            if self.path.startswith("/control/"):
                settle()
            self._answer(status, said)

        def _answer(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base names it
            """What a parcel does is not for the log of a demonstration."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server
