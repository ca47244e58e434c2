"""Channels to a service: over the network, or inside one process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import grpc
from google.rpc import status_pb2
from opentelemetry import trace

from servicekit.grpc_errors import to_grpc_status
from servicekit.grpc_server import MAX_MESSAGE_BYTES, Registrar
from servicekit.telemetry import current_traceparent, tracer

__all__ = ["LocalChannel", "LocalRpcError", "TracedChannel", "bearer", "connect"]

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


def connect(target: str) -> grpc.Channel:
    """Return a channel to `target` that spreads calls over all its addresses."""
    return grpc.insecure_channel(
        target,
        options=[
            ("grpc.service_config", _SERVICE_CONFIG),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ],
    )


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
