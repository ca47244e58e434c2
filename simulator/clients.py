"""How those who drive a journey reach the district, and what can come between.

Whoever gets no answer asks again under the same request id, as people and
their programs do. A second answer must be the first one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from journeys.errors import JourneyError, RefusedError
from journeys.world import World
from servicekit.client import LocalRpcError
from simulator.processes import Fleet, answered, away
from simulator.scheduler import Crash, Scheduler, Step

__all__ = ["ClientChannel", "SimulatedWorld"]

T = TypeVar("T")

PATIENCE = 60  # tries of one call
AGAIN = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"})
BUGS = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS"})


@dataclass(frozen=True, slots=True)
class ClientChannel:
    """A channel to one service of the district, with everything that can befall a call."""

    fleet: Fleet
    service: str

    def unary_unary(
        self,
        method: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any],
        **_options: Any,
    ) -> Callable[..., Any]:
        def call(request: Any, *, timeout: float | None = None, metadata: Any = ()) -> Any:
            sent = request_serializer(request)
            answer = self._until_answered(method, sent, metadata, timeout)
            if getattr(request, "request_id", "") and self.fleet.scheduler.happens("sent_again"):
                self._send_again(method, sent, metadata, timeout, answer)
            return response_deserializer(answer)

        return call

    def _until_answered(
        self, method: str, sent: bytes, metadata: Any, timeout: float | None
    ) -> bytes:
        scheduler = self.fleet.scheduler
        for _ in range(PATIENCE):
            scheduler.between_calls()
            try:
                answer = self._once(method, sent, metadata, timeout)
            except LocalRpcError as error:
                if error.code().name not in AGAIN and not self._is_lost():
                    raise
                scheduler.clock.pass_by(0.1)
                continue
            if self._is_lost():
                continue
            scheduler.between_calls()
            return answer
        raise away(self.service)

    def _is_lost(self) -> bool:
        """Tell whether the answer, or the refusal, does not come back to who asked."""
        lost = self.fleet.scheduler.happens("answer_lost")
        if lost:
            self.fleet.scheduler.note("answer lost", fault="api.answer_lost")
        return lost

    def _once(self, method: str, sent: bytes, metadata: Any, timeout: float | None) -> bytes:
        scheduler = self.fleet.scheduler
        replicas = self.fleet.free(self.service, "api")
        if not replicas:
            raise away(self.service)
        process = scheduler.random.choice(replicas)
        scheduler.note(f"{method} at {process.name}")
        scheduler.asked.add(self.service)
        try:
            with scheduler.acting(process):
                return answered(process.make(), method, sent, metadata, timeout)
        except Crash as crash:
            raise away(self.service) from crash
        except LocalRpcError as error:
            code = error.code().name
            scheduler.note(f"{method} refused {code}")
            if code in BUGS:
                scheduler.wrong.append(f"{method}: {code} {error.details()}")
            raise

    def _send_again(
        self, method: str, sent: bytes, metadata: Any, timeout: float | None, first: bytes
    ) -> None:
        self.fleet.scheduler.note("sent again", fault="api.sent_again")
        second = self._until_answered(method, sent, metadata, timeout)
        if second != first:
            self.fleet.scheduler.wrong.append(f"{method}: another answer the second time")


@dataclass(slots=True)
class Meanwhile:
    """Calls made at the same time as another one: each may run at any boundary."""

    scheduler: Scheduler
    waiting: list[Callable[[], None]]

    def steps(self) -> list[Step]:
        return [Step(3.0, "call at the same time", self._next)] if self.waiting else []

    def nudge(self) -> None:
        """Whoever calls waits for nothing."""

    def _next(self) -> None:
        call = self.waiting.pop()
        call()


@dataclass(slots=True)
class SimulatedWorld(World):
    """A world whose waiting is the scheduler's working."""

    scheduler: Scheduler | None = None

    def wait(self, what: str, read: Callable[[], T], until: Callable[[T], bool]) -> T:
        """Read until the fact is there; between two looks the district works."""
        found: list[T] = []

        def holds() -> bool:
            try:
                seen = read()
            except RefusedError as error:
                if error.refusal.code != "NOT_FOUND":
                    raise
                return False
            if until(seen):
                found.append(seen)
            return bool(found)

        self._scheduler.until(what, holds)
        return found[0]

    def at_once(self, call: Callable[[], T], times: int) -> list[T]:
        """Make the same call several times, each within what the others do."""
        scheduler, answers, refused = self._scheduler, list[T](), list[JourneyError]()

        def once() -> None:
            # A refusal belongs to whoever called, not to whoever was interrupted by it.
            try:
                answers.append(call())
            except JourneyError as error:
                refused.append(error)

        meanwhile = Meanwhile(scheduler, [once] * (times - 1))
        scheduler.sources.append(meanwhile)
        once()
        scheduler.until("all answers", lambda: len(answers) + len(refused) == times)
        scheduler.sources.remove(meanwhile)
        if refused:
            raise refused[0]
        return answers

    @property
    def _scheduler(self) -> Scheduler:
        if self.scheduler is None:
            raise TypeError("a simulated world needs a scheduler")
        return self.scheduler
