"""What goes on while faults strike: copies of a journey side by side, and clerks at the windows.

Whoever calls does what a client of these services must do: repeats a call that was not answered
under the same request id (`journeys.world`). Everything that was answered goes into a ledger.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import grpc
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from chaos.district import ChaosDistrict
from chaos.threads import telling_thread
from chaos.timeline import Timeline, TimelineClosedError
from journeys.course import PDF, Citizen, Course
from journeys.errors import FAILURES, RefusedError
from journeys.every import journey
from journeys.food_licence import drive_to_rating
from journeys.life_before import ITEM, PAPERS
from journeys.one_case import MEDIA_TYPE
from journeys.recorder import Recorder
from journeys.world import World
from servicekit.identity import TokenIssuer

__all__ = ["ALONE", "Clerk", "Load"]

PATIENCE_S: Final = 300.0
# These change what there is only one of (an authority's record, a window): one copy at a time.
ALONE: Final = frozenset({"5", "10"})
CLERK: Final = "p-0102"
NEXT_PLEASE_S: Final = (0.2, 1.5)
MOST_TO_BE_PRINTED: Final = 6
LOOK_S: Final = 1.0
APPLICANT: Final = Citizen("a-9001", "常示例", "370306199104190021")
# What the law refuses a clerk whose case time has overtaken is no fault of the system.
LAWFUL: Final = frozenset({"FAILED_PRECONDITION", "ABORTED", "NOT_FOUND", "PERMISSION_DENIED"})

_WAITING: Final = text("SELECT count(*) FROM job WHERE state = 'WAITING'")

Drive = Callable[[World, Recorder], Any]


@dataclass(slots=True)
class Load:
    """The journeys and clerks of one round; `findings` are sentences on what went wrong."""

    district: ChaosDistrict
    timeline: Timeline
    ledgers: Path
    mark: str
    channels: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    _threads: list[threading.Thread] = field(default_factory=list)
    _clerks: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _names: int = 0

    def world(self) -> World:
        """Return a way to call the district, with request ids and a ledger of its own."""
        self._names += 1
        self.channels = self.channels or self.district.channels()
        name = f"{self.mark}-{self._names:02}"
        return World(
            channels=self.channels,
            issuer=TokenIssuer(self.district.keyring),
            clock=self.timeline.reach,
            ledger=self.ledgers / f"{name}.jsonl",
            courier=self.district.courier,
            run=name,
            patience=PATIENCE_S,
        )

    def begin(self, number: str, copies: int, clerks: int, random: Random) -> None:
        """Begin with the journey of that number in so many copies, and so many clerks."""
        if number:
            drive: Drive = drive_to_rating if number == "1" else journey(number).run
            worlds = [self.world() for _ in range(1 if number in ALONE else copies)]
            for _ in worlds:
                self.timeline.join()
            for world in worlds:
                driven = (self._drive, number, drive, world)
                self._threads.append(telling_thread(self.findings, f"JOURNEY {number}", *driven))
        for _ in range(clerks):
            clerk = Clerk(self.world(), Random(random.random()), self.done)  # noqa: S311
            self._clerks.append(telling_thread(self.findings, "CLERK", self._serve, clerk))

    def wait(self) -> None:
        """Return when the journeys are over."""
        for thread in self._threads:
            thread.join()

    def end(self) -> None:
        """Let the clerks finish what they are at."""
        self._stop.set()
        for thread in self._clerks:
            thread.join()

    def close_channels(self) -> None:
        for channel in self.channels.values():
            channel.close()

    def _drive(self, number: str, drive: Drive, world: World) -> None:
        try:
            drive(world, Recorder())
            self.done[f"journey {number}"] += 1
        except (*FAILURES, TimelineClosedError, grpc.RpcError) as error:
            self.findings.append(f"JOURNEY {number} {type(error).__name__}: {error}")
        finally:
            self.timeline.leave()

    def _serve(self, clerk: Clerk) -> None:
        while not self._stop.is_set():
            if self._to_be_printed() > MOST_TO_BE_PRINTED:
                self._stop.wait(LOOK_S)
                continue
            try:
                clerk.serve_one()
            except RefusedError as error:
                if error.refusal.code not in LAWFUL:
                    self.findings.append(f"CLERK {error}")
                    return
                self.done[f"refused {error.refusal.reason or error.refusal.code}"] += 1
            self._stop.wait(clerk.random.uniform(*NEXT_PLEASE_S))

    def _to_be_printed(self) -> int:
        """Return how many documents wait: clerks would else fill a round with printing alone."""
        engine = create_engine(self.district.database_url("intake"), poolclass=NullPool)
        try:
            with engine.connect() as connection:
                return int(connection.execute(_WAITING).scalar_one())
        except DBAPIError:  # struck just now: then clerks go on
            return 0


@dataclass(slots=True)
class Clerk:
    """Receives cases at the window one after the other, whatever the time; some are accepted."""

    world: World
    random: Random
    done: Counter[str]
    _bags: int = 0

    def serve_one(self) -> None:
        """Receive a case; then accept and hand it over, or have it withdrawn."""
        case = self.receive()
        if self.random.random() < 0.5:  # noqa: PLR2004 - half of them
            self.accept(case)
        else:
            self.withdraw(case)

    def receive(self) -> Course:
        """Receive a case with everything that it needs."""
        world = self.world
        applicant = world.applicant(APPLICANT.account, "申请人账户")
        case = Course(world, Recorder(), ITEM, world.staff(CLERK), applicant, APPLICANT)
        asked = case.application(PAPERS, summary="旧房拆除建筑垃圾处置（故障演练，示例）")
        case.case_number = world.do(case.clerk, "intake", "ReceiveApplication", **asked).case_number
        self.done["received"] += 1
        return case

    def accept(self, case: Course) -> None:
        case.on_case(case.clerk, "AcceptCase")
        self.done["accepted"] += 1
        self._bags += 1
        bag = f"C-{self.world.run}-{self._bags}"
        case.on_case(case.clerk, "HandOverBundle", bag=bag, pieces=len(PAPERS))
        self.done["handed over"] += 1

    def withdraw(self, case: Course) -> None:
        scan = self.world.upload(case.clerk, PDF + case.case_number.encode(), MEDIA_TYPE)
        case.on_case(case.clerk, "WithdrawCase", reason="暂不办理。", request_sha256=scan)
        self.done["withdrawn"] += 1
