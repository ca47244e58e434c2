"""Channels to a service: over the network, or inside one process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
from google.rpc import status_pb2
from opentelemetry import trace

from servicekit.grpc_errors import to_grpc_status
from servicekit.grpc_server import MAX_MESSAGE_BYTES, Registrar
from servicekit.telemetry import current_traceparent, tracer
from servicekit.tls import Certificates, TlsFiles, TlsMaterial

__all__ = [
    "LocalChannel",
    "LocalRpcError",
    "RenewingChannel",
    "TracedChannel",
    "bearer",
    "connect",
]

Metadata = Sequence[tuple[str, str]]

# Every call bears a second time: a command has its request id. A call that meets a process which
# ends, or that begins, finds the next one; while all fail, nothing is repeated (the throttle).
_SERVICE_CONFIG = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
    }
)


_OPTIONS = (
    ("grpc.service_config", _SERVICE_CONFIG),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
)


def connect(target: str, tls: TlsFiles | None = None) -> Any:
    """Return a channel to `target` that spreads calls over all its addresses.

    With `tls` it shows that certificate and trusts that authority, and is
    opened anew when the files have changed.
    """
    if tls is None:
        return grpc.insecure_channel(target, options=_OPTIONS)
    return RenewingChannel(target, Certificates(tls))


@dataclass(eq=False, slots=True)
class _Line:
    """One open channel with the calls that are under way on it."""

    material: TlsMaterial
    channel: grpc.Channel
    calls: dict[str, Callable[..., Any]] = field(default_factory=dict)
    under_way: int = 0


class RenewingChannel:
    """A TLS channel whose calls go out with the certificate of now.

    After a renewal the next call opens a new channel; the old one is closed
    when its last call has been answered, so that none fails.
    """

    def __init__(self, target: str, certificates: Certificates) -> None:
        self._target = target
        self._certificates = certificates
        self._lock = threading.Lock()
        self._line = self._open(certificates.current())

    def unary_unary(self, method: str, *serializers: Any, **options: Any) -> Callable[..., Any]:
        def call(request: Any, **more: Any) -> Any:
            line = self._taken()
            try:
                ask = line.calls.get(method)
                if ask is None:
                    ask = line.calls[method] = line.channel.unary_unary(
                        method, *serializers, **options
                    )
                return ask(request, **more)
            finally:
                self._given_back(line)

        return call

    def close(self) -> None:
        with self._lock:
            self._line.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _taken(self) -> _Line:
        material = self._certificates.current()
        with self._lock:
            if material != self._line.material:
                old, self._line = self._line, self._open(material)
                if not old.under_way:
                    old.channel.close()
            self._line.under_way += 1
            return self._line

    def _given_back(self, line: _Line) -> None:
        with self._lock:
            line.under_way -= 1
            if line is not self._line and not line.under_way:
                line.channel.close()

    def _open(self, material: TlsMaterial) -> _Line:
        credentials = grpc.ssl_channel_credentials(
            root_certificates=material.authorities,
            private_key=material.key,
            certificate_chain=material.chain,
        )
        return _Line(material, grpc.secure_channel(self._target, credentials, options=_OPTIONS))


def bearer(token: str) -> Metadata:
    """Return the metadata that carries `token` and the current trace."""
    traceparent = current_traceparent()
    pairs = [("authorization", f"Bearer {token}")]
    return [*pairs, ("traceparent", traceparent)] if traceparent else pairs


class LocalRpcError(grpc.RpcError):
    """A refused call inside one process; reads like one from the network."""

    def __init__(self, status: status_pb2.Status) -> None:
        super().__init__(status.message)
        self._status = to_grpc_status(status)

    def code(self) -> grpc.StatusCode:
        return self._status.code

    def details(self) -> str:
        return str(self._status.details)

    def trailing_metadata(self) -> Any:
        return self._status.trailing_metadata


class LocalChannel:
    """Calls the guarded methods of services in the same process.

    Requests and answers are serialised as on the wire, so that nothing can
    be shared by accident.
    """

    def __init__(self, registrars: Iterable[Registrar]) -> None:
        self._owner = {method: each for each in registrars for method in each.methods}

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any],
        **_options: Any,
    ) -> Callable[..., Any]:
        owner = self._owner[method]

        def call(request: Any, *, timeout: float | None = None, metadata: Metadata = ()) -> Any:
            outcome = owner.answer(method, request_serializer(request), dict(metadata), timeout)
            if isinstance(outcome, status_pb2.Status):
                raise LocalRpcError(outcome)
            return response_deserializer(outcome.SerializeToString())

        return call


class TracedChannel:
    """A channel whose every call has a deadline, a token and a client span."""

    def __init__(
        self, channel: Any, token: Callable[[], str], *, timeout: float, peer: str
    ) -> None:
        self._channel = channel
        self._token = token
        self._timeout = timeout
        self._peer = peer

    def unary_unary(self, method: str, *serializers: Any, **options: Any) -> Callable[..., Any]:
        inner = self._channel.unary_unary(method, *serializers, **options)

        def call(request: Any, **_: Any) -> Any:
            with tracer.start_as_current_span(
                method, kind=trace.SpanKind.CLIENT, attributes={"peer.service": self._peer}
            ):
                return inner(request, timeout=self._timeout, metadata=bearer(self._token()))

        return call
