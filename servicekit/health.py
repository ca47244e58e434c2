"""`/healthz`, `/readyz` and `/metrics` of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["serve_health"]


def serve_health(
    port: int,
    is_healthy: Callable[[], bool],
    *,
    is_ready: Callable[[], bool] | None = None,
    address: str = "",
) -> ThreadingHTTPServer:
    """Answer probes and scrapes on `port` from a daemon thread; `shutdown()` ends it.

    `/healthz` is 200 while `is_healthy` says so and 503 otherwise: a process
    that is not healthy should be started again. `/readyz` is 200 once it does
    its work; what it needs may be away for a while without a restart helping.
    """
    answers = {"/healthz": is_healthy, "/readyz": is_ready or is_healthy}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
            elif self.path in answers:
                healthy = answers[self.path]()
                self._answer(200 if healthy else 503, "text/plain", b"ok" if healthy else b"down")
            else:
                self._answer(404, "text/plain", b"not found")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base names it
            """A probe every few seconds is not news."""

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
