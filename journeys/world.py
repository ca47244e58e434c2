"""How a journey reaches a district: actors with tokens, calls, time, and waiting for facts."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from journeys.errors import JourneyError, RefusedError
from servicekit.client import bearer
from servicekit.clock import steer
from servicekit.grpc_errors import Refusal, refusal_of
from servicekit.identity import Caller, TokenIssuer

__all__ = ["Actor", "World", "steering"]

T = TypeVar("T")

TIMEOUT = 20.0  # seconds for one call; generous, because a demonstration shares its machine
PATIENCE = 60.0  # seconds for a fact to arrive in another service
TOKEN_LIFE = timedelta(hours=8)
REPEATED = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a member of staff in a post, or an applicant."""

    name: str
    caller: Caller
    token: str


@dataclass(slots=True)
class World:
    """A district under test.

    `channels` maps each service to a channel; `clock` is the control file that
    moves legal time; every answered command is written to `ledger`, for the
    checker.
    """

    channels: Mapping[str, Any]
    issuer: TokenIssuer
    clock: Callable[[datetime], None]
    ledger: Path | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    refusals: list[Refusal] = field(default_factory=list)
    _count: int = 0

    def at(self, instant: datetime) -> None:
        """Move legal time to `instant`."""
        self.clock(instant)

    def staff(self, person: str) -> Actor:
        """Sign a member of staff in, in the post they hold at this moment."""
        sign_in = Caller(service="sign-in", purpose="sign in")
        token = self.issuer.issue(sign_in, lifetime=timedelta(minutes=5))
        answer = self._call("catalog", "ResolveAssignment", token, {"person": person})
        held = answer.assignment
        caller = Caller(
            person=held.person,
            assignment=held.assignment,
            post_kind=held.post_kind,
            roles=frozenset(held.roles),
            unit=held.unit,
            unit_path=held.unit_path,
            authority=held.authority,
        )
        return self.sign_in(f"{held.title}{held.person_name}", caller)

    def applicant(self, account: str, name: str) -> Actor:
        """Sign a citizen in with their own account."""
        caller = Caller(
            person=account,
            assignment="self",
            post_kind="APPLICANT",
            roles=frozenset({"APPLICANT"}),
        )
        return self.sign_in(name, caller)

    def sign_in(self, name: str, caller: Caller) -> Actor:
        return Actor(name, caller, self.issuer.issue(caller, lifetime=TOKEN_LIFE))

    def do(self, actor: Actor, service: str, method: str, **fields: Any) -> Any:
        """Call a method and return its answer; a refusal ends the journey."""
        return self._call(service, method, actor.token, self._with_id(service, method, fields))

    def refused(self, actor: Actor, service: str, method: str, **fields: Any) -> Refusal:
        """Call a method that must be refused; return the refusal."""
        try:
            self.do(actor, service, method, **fields)
        except RefusedError as error:
            self.refusals.append(error.refusal)
            return error.refusal
        raise JourneyError(f"{service}.{method} by {actor.name} should have been refused")

    def wait(self, what: str, read: Callable[[], T], until: Callable[[T], bool]) -> T:
        """Read until the fact is there; facts travel between services as events."""
        deadline = time.monotonic() + PATIENCE
        pause = 0.005
        while True:
            try:
                found = read()
                if until(found):
                    return found
            except RefusedError as error:
                if error.refusal.code != "NOT_FOUND":
                    raise
            if time.monotonic() > deadline:
                raise JourneyError(f"waited {PATIENCE:.0f} s in vain for: {what}")
            time.sleep(pause)  # between two looks, not instead of one
            pause = min(pause * 1.5, 0.25)

    def at_once(self, call: Callable[[], T], times: int) -> list[T]:
        """Make the same call several times at the same moment; return the answers."""
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(lambda _: call(), range(times)))

    def upload(self, actor: Actor, content: bytes, media_type: str) -> str:
        """Upload a file in chunks; return its SHA-256."""
        begun = self.do(actor, "intake", "BeginUpload", media_type=media_type, size=len(content))
        digest = hashlib.sha256(content).hexdigest()
        for offset in range(0, len(content), begun.chunk_size):
            chunk = content[offset : offset + begun.chunk_size]
            self.do(actor, "intake", "AppendUpload", upload=begun.upload, offset=offset,
                    chunk=chunk)  # fmt: skip
        self.do(actor, "intake", "FinishUpload", upload=begun.upload, sha256=digest)
        return digest

    def request(self, service: str, method: str, fields: Mapping[str, Any]) -> Message:
        """Build the request message of a method."""
        messages = importlib.import_module(f"liandong.{service}.v1.{service}_service_pb2")
        built: Message = getattr(messages, f"{method}Request")(**fields)
        return built

    def _with_id(self, service: str, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        wanted = "request_id" in self.request(service, method, {}).DESCRIPTOR.fields_by_name
        if not wanted or "request_id" in fields:
            return dict(fields)
        self._count += 1
        return {"request_id": f"{self.run}-{self._count:04d}", **fields}

    def _call(self, service: str, method: str, token: str, fields: Mapping[str, Any]) -> Any:
        stubs = importlib.import_module(f"liandong.{service}.v1.{service}_service_pb2_grpc")
        stub = getattr(stubs, f"{service.capitalize()}ServiceStub")(self.channels[service])
        request = self.request(service, method, fields)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = getattr(stub, method)(request, timeout=TIMEOUT, metadata=bearer(token))
            except grpc.RpcError as error:
                refusal = refusal_of(error)
                if refusal.code in REPEATED and time.monotonic() < deadline:
                    time.sleep(0.1)  # the same request id again: one effect, however often
                    continue
                self._note(service, method, token, request, refusal=refusal)
                raise RefusedError(f"{service}.{method}", refusal) from error
            self._note(service, method, token, request, answer=answer)
            return answer

    def _note(
        self,
        service: str,
        method: str,
        token: str,
        request: Any,
        *,
        answer: Message | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        if self.ledger is None or not getattr(request, "request_id", ""):
            return
        serialised = b"" if answer is None else answer.SerializeToString()
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        line = {
            "service": service,
            "method": f"/liandong.{service}.v1.{service.capitalize()}Service/{method}",
            "request_id": request.request_id,
            "caller_key": claims["sub"],
            "code": "OK" if refusal is None else refusal.code,
            "reason": "" if refusal is None else refusal.reason,
            "rule": "" if refusal is None else refusal.rule,
            "response": base64.b64encode(serialised).decode(),
            "response_sha256": hashlib.sha256(serialised).hexdigest(),
            "case_number": getattr(answer or request, "case_number", ""),
        }
        with self.ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def steering(path: Path) -> Callable[[datetime], None]:
    """Return what moves every clock that is steered by the control file `path`."""
    return lambda instant: steer(path, instant)
