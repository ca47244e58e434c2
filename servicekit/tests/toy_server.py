"""The toy service behind its guard, in this process or in one of its own.

`python toy_server.py FOLDER` serves until SIGTERM; the call for the case
"SLOW" is answered when the file FOLDER/go appears.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from sqlalchemy import select

from servicekit.admission import Admission
from servicekit.calls import Scope
from servicekit.clock import FixedClock
from servicekit.commands import CommandRunner
from servicekit.database import make_engine
from servicekit.errors import DomainError, RuleViolationError
from servicekit.grpc_server import Guard, Registrar, Server, ServerLimits
from servicekit.identity import Caller, Keyring, TokenIssuer, TokenVerifier
from servicekit.policy import Access, Policy
from servicekit.tests.toy import CLERK, MORNING, Answer, Toy, answer, metadata, say

SERVICE = "liandong.delivery.v1.DeliveryService"
SECRET = "the password is 12345"


class OfNoKindError(DomainError):
    """A refusal that nobody gave a kind."""


class WordlessError(RuleViolationError):
    """A refusal without a Chinese text."""

    reason = "WORDLESS"


def say_or_fail(reason: str, facts: Mapping[str, str]) -> str:
    if reason == "WORDLESS":
        raise KeyError(SECRET)
    return say(reason, facts)


POLICY = Policy(
    {
        f"/{SERVICE}/GetCourierOffer": Access({"WINDOW_CLERK": Scope.UNIT}),
        f"/{SERVICE}/ListCourierOffers": Access({}, public=True),
        f"/{SERVICE}/AnswerCourierOffer": Access({"WINDOW_CLERK": Scope.UNIT}),
        f"/{SERVICE}/ReadEvents": Access({}, services=frozenset({"metrics"})),
    }
)


class ToyServicer(pb_grpc.DeliveryServiceServicer):
    def __init__(self, runner: CommandRunner[Any]) -> None:
        self.runner = runner
        self.began = threading.Semaphore(0)
        self.go = threading.Event()
        self.calls = 0

    def GetCourierOffer(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.calls += 1
        match request.case_number:
            case "BUG":
                raise RuntimeError(SECRET)
            case "OF-NO-KIND":
                raise OfNoKindError(SECRET)
            case "WORDLESS":
                raise WordlessError("It has no text")
            case "SLOW":
                self.began.release()
                self.go.wait(20)
        return pb.GetCourierOfferResponse(
            offer=pb.CourierOffer(case_number=context.call.traceparent)
        )

    def ListCourierOffers(self, request: Any, context: Any) -> Any:  # noqa: N802
        return pb.ListCourierOffersResponse(next_page_token=context.call.caller.key)

    def AnswerCourierOffer(self, request: Any, context: Any) -> Any:  # noqa: N802
        return self.runner.run(context.call, request, Answer, answer, pb.AnswerCourierOfferResponse)

    def ReadEvents(self, request: Any, context: Any) -> Any:  # noqa: N802
        with self.runner.engine.connect() as connection:
            connection.execute(select(1))
        return pb.ReadEventsResponse()


class Desk:
    """The guarded toy and the tokens for it."""

    def __init__(
        self,
        runner: CommandRunner[Any],
        *,
        room: int = 50,
        verifier: TokenVerifier | None = None,
    ) -> None:
        keyring = Keyring.create()
        self.issuer = TokenIssuer(keyring)
        self.servicer = ToyServicer(runner)
        guard = Guard(
            policy=POLICY,
            verifier=verifier or TokenVerifier(keyring),
            clock=FixedClock(MORNING),
            say=say_or_fail,
            room=Admission(room, room),
        )
        self.registrar = Registrar(guard)
        pb_grpc.add_DeliveryServiceServicer_to_server(self.servicer, self.registrar)  # type: ignore[arg-type]

    def token(self, caller: Caller = CLERK, *, lifetime: timedelta = timedelta(hours=1)) -> str:
        return self.issuer.issue(caller, lifetime=lifetime)

    def metadata(self, caller: Caller = CLERK) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self.token(caller)}")]

    def server(self, *, threads: int = 4, queued: int = 4, patience: float = 20.0) -> Server:
        room = Admission(threads, queued, patience=patience)
        self.registrar.guard = replace(self.registrar.guard, room=room)
        return Server(
            {SERVICE: self.registrar},
            address="127.0.0.1:0",
            health_address="127.0.0.1:0",
            limits=ServerLimits(drain_s=10),
        )


def main(folder: Path) -> None:
    engine = make_engine(f"sqlite:///{folder / 'toy.db'}")
    metadata.create_all(engine)
    desk = Desk(Toy(engine).runner)
    server = desk.server()

    def report() -> None:
        desk.servicer.began.acquire()
        (folder / "began").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        desk.servicer.go.set()

    threading.Thread(target=report, daemon=True).start()
    (folder / "token").write_text(desk.token())
    (folder / "ports.new").write_text(f"{server.port} {server.health_port}")
    (folder / "ports.new").rename(folder / "ports")
    server.run_until_signalled()
    engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
