"""The gRPC face of every service: one guard before every handler, one server shape.

The guard wraps the servicer methods when they are registered, instead of
being a chain of interceptors: the same methods then answer over the network
and, in one process, through `LocalChannel`.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from opentelemetry import trace

from servicekit.calls import Call, Scope
from servicekit.clock import Clock
from servicekit.errors import DomainError, ExhaustedError, InvalidRequestError, UnavailableError
from servicekit.grpc_errors import to_grpc_status
from servicekit.identity import Caller, TokenVerifier, bearer_token
from servicekit.policy import Policy
from servicekit.statuses import Say, StoredRefusalError, to_status
from servicekit.telemetry import (
    RPC_SECONDS,
    RPCS,
    RPCS_IN_FLIGHT,
    current_traceparent,
    propagator,
    tracer,
)
from servicekit.transient import is_transient
from servicekit.validation import validate

__all__ = ["CallContext", "Guard", "Registrar", "Server", "ServerLimits"]

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a servicer method gets in place of grpc's own context."""

    call: Call


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before every method: who, may they, is it well formed, is there room.

    Whatever is raised below becomes a status here. A refusal keeps its text;
    anything else is a bug, is logged whole and answered with INTERNAL and
    nothing of its text.
    """

    policy: Policy
    verifier: TokenVerifier
    clock: Clock
    say: Say
    room: threading.BoundedSemaphore

    def answer(
        self,
        method: str,
        behaviour: Callable[[Any, CallContext], Message],
        request: Any,
        metadata: Mapping[str, str],
        time_remaining: float | None,
    ) -> Message | status_pb2.Status:
        """Return the response, or the status that refuses."""
        with (
            RPCS_IN_FLIGHT.track_inprogress(),
            RPC_SECONDS.labels(method).time(),
            tracer.start_as_current_span(
                method, context=propagator.extract(metadata), kind=trace.SpanKind.SERVER
            ) as span,
        ):
            outcome = self._outcome(method, behaviour, request, metadata, time_remaining)
            code = outcome.code if isinstance(outcome, status_pb2.Status) else code_pb2.OK
            span.set_attribute("rpc.grpc.status_code", code)
        RPCS.labels(method, code_pb2.Code.Name(code)).inc()
        return outcome

    def _outcome(
        self,
        method: str,
        behaviour: Callable[[Any, CallContext], Message],
        request: Any,
        metadata: Mapping[str, str],
        time_remaining: float | None,
    ) -> Message | status_pb2.Status:
        if time_remaining is not None and time_remaining <= 0:
            return status_pb2.Status(code=code_pb2.DEADLINE_EXCEEDED, message="too late to begin")
        if not self.room.acquire(blocking=False):
            return to_status(ExhaustedError("Too many calls at once"), self.say)
        try:
            call = self._call(method, request, metadata)
            validate(request)
            return behaviour(request, CallContext(call))
        except StoredRefusalError as stored:
            return stored.status
        except Exception as error:  # noqa: BLE001 -- the one place where a bug meets the wire
            return self._refusal(method, error)
        finally:
            self.room.release()

    def _refusal(self, method: str, error: Exception) -> status_pb2.Status:
        if isinstance(error, DomainError):
            try:
                return to_status(error, self.say)
            except Exception as bug:  # noqa: BLE001 -- a refusal without its text is a bug too
                return self._bug(method, bug)
        return self._bug(method, error)

    def _call(self, method: str, request: Any, metadata: Mapping[str, str]) -> Call:
        if self.policy.is_public(method):
            caller, scopes = Caller(), frozenset({Scope.ANY})
        else:
            caller = self.verifier.verify(bearer_token(metadata.get("authorization")))
            scopes = self.policy.scopes(method, caller)
        return Call(
            caller=caller,
            method=method,
            scopes=scopes,
            at=self.clock.now(),
            request_id=getattr(request, "request_id", ""),
            traceparent=current_traceparent(),
        )

    def _bug(self, method: str, error: Exception) -> status_pb2.Status:
        if is_transient(error):
            log.warning("database_away", extra={"method": method, "error": repr(error)})
            return to_status(UnavailableError("The database is away"), self.say)
        log.error("call_failed", extra={"method": method}, exc_info=error)
        span = trace.get_current_span()
        span.record_exception(error)
        span.set_status(trace.StatusCode.ERROR)
        return status_pb2.Status(code=code_pb2.INTERNAL, message="internal error")


@dataclass(slots=True)
class Registrar:
    """Takes servicers as a grpc.Server does, and puts the guard before their methods."""

    guard: Guard
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = field(default_factory=dict)

    def add_generic_rpc_handlers(self, handlers: object) -> None:
        """Generated code calls this too; the registered methods below are enough."""

    def add_registered_method_handlers(
        self, service: str, handlers: Mapping[str, grpc.RpcMethodHandler[Any, Any]]
    ) -> None:
        for name, handler in handlers.items():
            if handler.unary_unary is None:
                raise TypeError(
                    f"/{service}/{name} streams: the guard knows one question, one answer"
                )
            self.methods[f"/{service}/{name}"] = handler

    @property
    def services(self) -> frozenset[str]:
        """The gRPC services that methods were registered of."""
        return frozenset(method.split("/")[1] for method in self.methods)

    def answer(
        self,
        method: str,
        body: bytes,
        metadata: Mapping[str, str],
        time_remaining: float | None,
    ) -> Message | status_pb2.Status:
        """Answer the request in `body`: the guard's word, whether from the wire or from here."""
        handler = self.methods[method]
        read: Any = handler.request_deserializer
        try:
            request = read(body)
        except DecodeError:
            error = InvalidRequestError("The request cannot be decoded", fields_named="*")
            return to_status(error, self.guard.say)
        behaviour: Any = handler.unary_unary
        return self.guard.answer(method, behaviour, request, metadata, time_remaining)

    def install(self, server: grpc.Server) -> None:
        """Put the guarded methods on a real server."""
        by_service: dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = {}
        for method, handler in self.methods.items():
            _, service, name = method.split("/")
            by_service.setdefault(service, {})[name] = grpc.unary_unary_rpc_method_handler(
                self._over_the_wire(method),
                request_deserializer=None,  # bytes that are no message are for the guard to refuse
                response_serializer=handler.response_serializer,
            )
        for service, handlers in by_service.items():
            server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, handlers),)
            )

    def _over_the_wire(self, method: str) -> Callable[[Any, grpc.ServicerContext], Any]:
        def behave(body: bytes, context: grpc.ServicerContext) -> Any:
            metadata = {key: str(value) for key, value in context.invocation_metadata()}
            remaining = context.time_remaining() if context.is_active() else 0.0
            outcome = self.answer(method, body, metadata, remaining)
            if isinstance(outcome, status_pb2.Status):
                context.abort_with_status(to_grpc_status(outcome))
            return outcome

        return behave


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of one api process."""

    threads: int = 16
    queued: int = 64
    max_connection_age_s: int = 300
    drain_s: int = 20


class Server:
    """The main port with the service, and a port of its own for health.

    Health is never refused for lack of room. SIGTERM: health turns red, no
    new calls, calls in flight get `drain_s` seconds.
    """

    def __init__(
        self,
        registrars: Mapping[str, Registrar],
        *,
        address: str,
        health_address: str,
        limits: ServerLimits,
    ) -> None:
        self._limits = limits
        self._health = health.HealthServicer()
        self._server = grpc.server(
            futures.ThreadPoolExecutor(limits.threads, thread_name_prefix="rpc"),
            maximum_concurrent_rpcs=limits.threads + limits.queued,
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_connection_age_ms", limits.max_connection_age_s * 1000),
                ("grpc.max_connection_age_grace_ms", limits.drain_s * 1000),
                ("grpc.so_reuseport", 0),
            ],
        )
        self._health_server = grpc.server(futures.ThreadPoolExecutor(2))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._health_server)
        for registrar in registrars.values():
            registrar.install(self._server)
        served = {name for each in registrars.values() for name in each.services}
        names = [*sorted(served), reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, self._server)
        self.port = self._server.add_insecure_port(address)
        self.health_port = self._health_server.add_insecure_port(health_address)
        self._names = ["", *sorted({*registrars, *served})]

    def start(self) -> None:
        self._server.start()
        self._health_server.start()
        for name in self._names:
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def stop(self) -> None:
        """Drain and stop; returns when nothing is in flight any more."""
        self._health.enter_graceful_shutdown()
        self._server.stop(self._limits.drain_s).wait()
        self._health_server.stop(1).wait()

    def run_until_signalled(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        self.start()
        asked.wait()
        self.stop()
