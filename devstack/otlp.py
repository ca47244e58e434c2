"""A collector of traces in this process: takes OTLP over HTTP and keeps the spans."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from devstack.ports import LOOPBACK

__all__ = ["OtlpSink", "SeenSpan"]


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """A span as it was sent."""

    service: str
    role: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]


class OtlpSink:
    """Listens on a free port. While it hangs it reads what comes and answers nothing."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._spans: list[SeenSpan] = []
        self._lock = threading.Lock()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_port}/v1/traces"

    @property
    def spans(self) -> list[SeenSpan]:
        with self._lock:
            return list(self._spans)

    def hang(self) -> None:
        """Answer nobody until `release`."""
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="otlp", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, body: bytes) -> None:
        found = list(_spans_of(ExportTraceServiceRequest.FromString(body)))
        with self._lock:
            self._spans += found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                sink.asked.set()
                sink._may_answer.wait()
                sink._keep(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Nobody wants to read each export."""

        return Handler


def _spans_of(request: ExportTraceServiceRequest) -> Iterable[SeenSpan]:
    for resource in request.resource_spans:
        named = _plain(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield SeenSpan(
                    service=str(named.get("service.name", "")),
                    role=str(named.get("service.role", "")),
                    name=span.name,
                    trace=span.trace_id.hex(),
                    span=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    attributes=_plain(span.attributes),
                )


def _plain(attributes: Iterable[Any]) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
