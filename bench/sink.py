"""Takes traces as a collector would (OTLP over HTTP), counts them and keeps nothing."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["main"]


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer()

    def do_GET(self) -> None:
        """Whoever starts it asks whether it is there."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        """Nobody reads a line for each batch."""

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()


def main() -> None:
    """Serve on the port named on the command line until the process is ended."""
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Sink).serve_forever()


if __name__ == "__main__":
    main()
