"""How a journey reaches a district: actors with tokens, calls, time, and waiting for facts."""

from __future__ import annotations

import base64
import hashlib
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

from journeys.calls import Method, method_of
from journeys.carrier_control import CarrierControl
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

    `channels` maps each package to a channel; `clock` is the control file that
    moves legal time; every answered command is written to `ledger`, for the
    checker. `courier` is what a journey does to parcels on their way. A call
    that cannot be answered now is repeated for `patience` seconds, and a fact
    waited for as long.
    """

    channels: Mapping[str, Any]
    issuer: TokenIssuer
    clock: Callable[[datetime], None]
    ledger: Path | None = None
    courier: CarrierControl | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    patience: float = PATIENCE
    refusals: list[Refusal] = field(default_factory=list)
    _count: int = 0
    _moved_to: datetime | None = None

    @property
    def carrier(self) -> CarrierControl:
        """What the couriers of the district do when a journey says so."""
        if self.courier is None:
            raise JourneyError("this district has no carrier")
        return self.courier

    def at(self, instant: datetime) -> None:
        """Move legal time to `instant`. What is due by then is looked after at once."""
        if self._moved_to is not None and instant < self._moved_to:
            raise JourneyError(f"legal time does not go back from {self._moved_to} to {instant}")
        self._moved_to = instant
        self.clock(instant)

    def staff(self, person: str) -> Actor:
        """Sign a member of staff in, in the post they hold at this moment of legal time.

        Posts change: who was signed in before a change acts from the old one.
        """
        sign_in = Caller(service="sign-in", purpose="sign in")
        token = self.issuer.issue(sign_in, lifetime=timedelta(minutes=5))
        answer = self._call(
            "catalog", method_of("catalog", "ResolveAssignment"), token, {"person": person}
        )
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

    def do(
        self, actor: Actor, package: str, method: str, /, *, service: str = "", **fields: Any
    ) -> Any:
        """Call a method and return its answer; a refusal ends the journey.

        `service` is only needed where two services of the package share a name.
        """
        called = method_of(package, method, service)
        return self._call(package, called, actor.token, self._with_id(called, fields))

    def refused(
        self, actor: Actor, package: str, method: str, /, *, service: str = "", **fields: Any
    ) -> Refusal:
        """Call a method that must be refused; return the refusal."""
        try:
            self.do(actor, package, method, service=service, **fields)
        except RefusedError as error:
            self.refusals.append(error.refusal)
            return error.refusal
        raise JourneyError(f"{package}.{method} by {actor.name} should have been refused")

    def wait(self, what: str, read: Callable[[], T], until: Callable[[T], bool]) -> T:
        """Read until the fact is there; facts travel between services as events."""
        deadline = time.monotonic() + self.patience
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
                raise JourneyError(f"waited {self.patience:.0f} s in vain for: {what}")
            time.sleep(pause)  # between two looks, not instead of one
            pause = min(pause * 1.5, 0.25)

    def rest(self, what: str, read: Callable[[], T], until: Callable[[T], bool]) -> T:
        """Read until what time does by itself is done: a timer, a reminder, an alarm.

        To be called after `at`; the jobs of every service look again as soon as
        legal time has moved.
        """
        return self.wait(what, read, until)

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

    def request(self, package: str, method: str, fields: Mapping[str, Any]) -> Message:
        """Build the request message of a method."""
        return method_of(package, method).request(**fields)

    def _with_id(self, method: Method, fields: Mapping[str, Any]) -> dict[str, Any]:
        if not method.asks("request_id") or "request_id" in fields:
            return dict(fields)
        self._count += 1
        return {"request_id": f"{self.run}-{self._count:04d}", **fields}

    def _call(self, package: str, method: Method, token: str, fields: Mapping[str, Any]) -> Any:
        ask = self.channels[package].unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        request = method.request(**fields)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                answer = ask(request, timeout=TIMEOUT, metadata=bearer(token))
            except grpc.RpcError as error:
                refusal = refusal_of(error)
                if refusal.code in REPEATED and time.monotonic() < deadline:
                    time.sleep(0.1)  # the same request id again: one effect, however often
                    continue
                self._note(package, method, token, request, refusal=refusal)
                raise RefusedError(method.path.lstrip("/"), refusal) from error
            self._note(package, method, token, request, answer=answer)
            return answer

    def _note(
        self,
        package: str,
        method: Method,
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
            "service": package,
            "method": method.path,
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
