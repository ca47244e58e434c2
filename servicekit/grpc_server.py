"""The gRPC face of every service: one guard before every handler, one server shape.

The guard wraps the servicer methods when they are registered, instead of
being a chain of interceptors: the same methods then answer over the network
and, in one process, through `LocalChannel`.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
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

from servicekit.admission import Admission, CallClass, ClosingError, Door, TooLateError, Wish
from servicekit.calls import Call, Scope
from servicekit.clock import Clock
from servicekit.errors import (
    DomainError,
    ExhaustedError,
    InvalidRequestError,
    UnauthenticatedError,
    UnavailableError,
)
from servicekit.grpc_errors import to_grpc_status
from servicekit.grpc_lines import Peer, cut_lines, peer_names, server_credentials
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
from servicekit.tls import Certificates, service_uri
from servicekit.transient import is_transient
from servicekit.validation import validate

__all__ = ["CallContext", "Guard", "Registrar", "Server", "ServerLimits"]

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
# grpcio refuses without a reason or a sentence, so its own bounds stand above ours.
WIRE_MESSAGE_BYTES = 2 * MAX_MESSAGE_BYTES
DOOR_THREADS = 32  # for calls that are let in or refused just now
DOOR_CALLS = 256

_TOO_LATE = status_pb2.Status(code=code_pb2.DEADLINE_EXCEEDED, message="too late to begin")


class MessageTooLargeError(ExhaustedError):
    """A request larger than any may be; files are uploaded in parts."""

    reason = "MESSAGE_TOO_LARGE"


class TokenOfAnotherError(UnauthenticatedError):
    """A service's token came with a certificate of somebody else: it was copied, or misplaced."""

    reason = "TOKEN_OF_ANOTHER"


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
    room: Admission

    def answer(
        self,
        method: str,
        behaviour: Callable[[Any, CallContext], Message],
        request: Any,
        metadata: Mapping[str, str],
        time_remaining: float | None,
        *,
        peer: Peer | None = None,
    ) -> Message | status_pb2.Status:
        """Return the response, or the status that refuses.

        `peer` are the names in the certificate that the caller showed; None
        where there is no verified one, in the same process or without TLS.
        """
        with (
            RPCS_IN_FLIGHT.track_inprogress(),
            RPC_SECONDS.labels(method).time(),
            tracer.start_as_current_span(
                method, context=propagator.extract(metadata), kind=trace.SpanKind.SERVER
            ) as span,
        ):
            outcome = self._outcome(method, behaviour, request, metadata, time_remaining, peer=peer)
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
        *,
        peer: Peer | None,
    ) -> Message | status_pb2.Status:
        arrived = time.monotonic()
        if time_remaining is not None and time_remaining <= 0:
            return _TOO_LATE
        try:
            caller, scopes = self._caller(method, metadata, peer)
            left = None if time_remaining is None else time_remaining + arrived - time.monotonic()
            with self.room.room(_wish(caller, request), left):
                call = self._call(method, request, caller, scopes)
                validate(request)
                return behaviour(request, CallContext(call))
        except TooLateError:
            return _TOO_LATE
        except StoredRefusalError as stored:
            return stored.status
        except Exception as error:  # noqa: BLE001 -- the one place where a bug meets the wire
            return self._refusal(method, error)

    def _refusal(self, method: str, error: Exception) -> status_pb2.Status:
        if isinstance(error, DomainError):
            try:
                return to_status(error, self.say)
            except Exception as bug:  # noqa: BLE001 -- a refusal without its text is a bug too
                return self._bug(method, bug)
        return self._bug(method, error)

    def _caller(
        self, method: str, metadata: Mapping[str, str], peer: Peer | None
    ) -> tuple[Caller, frozenset[Scope]]:
        if self.policy.is_public(method):
            return Caller(), frozenset({Scope.ANY})
        caller = self.verifier.verify(bearer_token(metadata.get("authorization")))
        if caller.is_service and peer is not None and service_uri(caller.service) not in peer:
            raise TokenOfAnotherError("The certificate does not name the service of the token")
        return caller, self.policy.scopes(method, caller)

    def _call(self, method: str, request: Any, caller: Caller, scopes: frozenset[Scope]) -> Call:
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


def _wish(caller: Caller, request: Any) -> Wish:
    """Tell for whom the call needs room; a request with a request id is a command."""
    if caller.is_service:
        return Wish(CallClass.QUESTION, caller.key)
    whose = caller.unit or caller.key
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return Wish(CallClass.QUERY, whose)
    return Wish(CallClass.COMMAND, whose, str(getattr(request, "case_number", "")))


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
        *,
        peer: Peer | None = None,
    ) -> Message | status_pb2.Status:
        """Answer the request in `body`: the guard's word, whether from the wire or from here."""
        if len(body) > MAX_MESSAGE_BYTES:
            too_large = MessageTooLargeError(
                "The request is too large", size=str(len(body)), limit=str(MAX_MESSAGE_BYTES)
            )
            return to_status(too_large, self.guard.say)
        handler = self.methods[method]
        read: Any = handler.request_deserializer
        try:
            request = read(body)
        except DecodeError:
            error = InvalidRequestError("The request cannot be decoded", fields_named="*")
            return to_status(error, self.guard.say)
        behaviour: Any = handler.unary_unary
        return self.guard.answer(method, behaviour, request, metadata, time_remaining, peer=peer)

    def install(self, server: grpc.Server, door: Door) -> None:
        """Put the guarded methods on a real server, behind its door."""
        by_service: dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = {}
        for method, handler in self.methods.items():
            _, service, name = method.split("/")
            by_service.setdefault(service, {})[name] = grpc.unary_unary_rpc_method_handler(
                self._over_the_wire(method, door),
                request_deserializer=None,  # bytes that are no message are for the guard to refuse
                response_serializer=handler.response_serializer,
            )
        for service, handlers in by_service.items():
            server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, handlers),)
            )

    def _over_the_wire(self, method: str, door: Door) -> Callable[[Any, grpc.ServicerContext], Any]:
        def behave(body: bytes, context: grpc.ServicerContext) -> Any:
            metadata = {key: str(value) for key, value in context.invocation_metadata()}
            remaining = context.time_remaining() if context.is_active() else 0.0
            outcome: Message | status_pb2.Status
            try:
                door.enter()
            except ClosingError as closing:
                outcome = to_status(closing, self.guard.say)
            else:
                if not context.add_callback(door.leave):  # the caller has gone already
                    door.leave()
                peer = peer_names(context) if door.knows_peers else None
                outcome = self.answer(method, body, metadata, remaining, peer=peer)
            if isinstance(outcome, status_pb2.Status):
                context.abort_with_status(to_grpc_status(outcome))
            return outcome

        return behave


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of one api process beside the room that its guards have."""

    max_connection_age_s: int = 300
    drain_s: int = 20


class Server:
    """The main port with the service, and a port of its own for health.

    Health is never refused for lack of room, and is asked without TLS.
    SIGTERM: health turns red, new calls get UNAVAILABLE, calls in flight get
    `drain_s` seconds.
    """

    def __init__(
        self,
        registrars: Mapping[str, Registrar],
        *,
        address: str,
        health_address: str,
        limits: ServerLimits,
        certificates: Certificates | None = None,
    ) -> None:
        self._limits = limits
        self._health = health.HealthServicer()
        self._door = Door(knows_peers=certificates is not None and certificates.verifies_peers)
        capacity = sum(each.guard.room.capacity for each in registrars.values())
        self._server = grpc.server(
            # A thread for each call that runs or waits: it is the guard that lets them in.
            futures.ThreadPoolExecutor(capacity + DOOR_THREADS, thread_name_prefix="rpc"),
            maximum_concurrent_rpcs=capacity + DOOR_CALLS,
            options=[
                ("grpc.max_receive_message_length", WIRE_MESSAGE_BYTES),
                ("grpc.max_connection_age_ms", limits.max_connection_age_s * 1000),
                ("grpc.max_connection_age_grace_ms", limits.drain_s * 1000),
                ("grpc.so_reuseport", 0),
            ],
        )
        self._health_server = grpc.server(futures.ThreadPoolExecutor(2))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._health_server)
        for registrar in registrars.values():
            registrar.install(self._server, self._door)
        served = {name for each in registrars.values() for name in each.services}
        names = [*sorted(served), reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, self._server)
        if certificates is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, server_credentials(certificates))
        self.health_port = self._health_server.add_insecure_port(health_address)
        self._names = ["", *sorted({*registrars, *served})]

    def start(self) -> None:
        self._server.start()
        self._health_server.start()
        for name in self._names:
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def stop(self, *, cut: bool = False) -> None:
        """Drain and stop; returns when nothing is in flight any more.

        To a call that meets a server that is being stopped grpcio says
        CANCELLED, which clients do not repeat. With `cut` the lines are cut
        before, which they do; grpcio writes a line about it to stderr.
        """
        self._health.enter_graceful_shutdown()
        self._door.close(self._limits.drain_s)
        if cut:
            cut_lines(self.port)
        self._server.stop(None).wait()
        self._health_server.stop(1).wait()

    def run_until_signalled(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        self.start()
        asked.wait()
        self.stop(cut=True)
