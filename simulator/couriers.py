"""The carrier, and everything that can befall what it is asked and what it pushes.

A callback may come late, twice, before one that was pushed earlier, or to a
process that dies with it; without an answer it is pushed again, as the carrier
does. An order may be placed without whoever placed it hearing of it.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from carrier.control import Control, local_control
from carrier.desk import CUSTOMER, Answer, Desk
from servicekit.errors import UnavailableError
from services.delivery.adapters.carrier import CarrierClient
from services.delivery.bootstrap import build
from services.delivery.domain.tracks import Track
from services.delivery.entrypoints.callbacks import CallbackDoor
from services.delivery.ports import CarrierOrder
from simulator.processes import Fleet
from simulator.scheduler import Crash, Step

__all__ = ["Couriers"]

T = TypeVar("T")

KEY, SALT = "simulated key", "simulated salt"
OVERTAKEN = 6  # pushes among which the next one is chosen when they overtake each other
TAKEN = HTTPStatus.OK
NOBODY: Answer = (0, {})
AGAIN = frozenset({0, HTTPStatus.SERVICE_UNAVAILABLE})
SERVICE = "delivery"


@dataclass(slots=True)
class Couriers:
    """The carrier as delivery sees it: a `Carrier` to ask, and a source of callbacks."""

    fleet: Fleet
    waiting: list[Mapping[str, str]] = field(default_factory=list)
    desk: Desk = field(init=False)
    _client: CarrierClient = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(KEY, SALT, self.waiting.append, self._taken_in)
        self._client = CarrierClient(
            lambda path, form: self.desk.answer(path, form)[1], customer=CUSTOMER, key=KEY
        )

    @property
    def control(self) -> Control:
        """What moves the parcels of a journey: never before what has happened to them already.

        Calls, and their repetitions, take their time here; a story has its instants by the minute.
        """
        move = local_control(self.desk).post

        def post(path: str, form: Mapping[str, str]) -> dict[str, Any]:
            if "at" in form:
                last = self.desk.book.find(form["waybill"]).last.at
                at = max(datetime.fromisoformat(form["at"]), last)
                form = {**form, "at": at.isoformat()}
            return move(path, form)

        return Control(post)

    # --- what delivery asks ------------------------------------------------------------------

    def order(self, order: CarrierOrder) -> str:
        return self._asked(lambda: self._client.order(order))

    def tracks(self, carrier: str, waybill: str) -> tuple[Track, ...]:
        return self._asked(lambda: self._client.tracks(carrier, waybill))

    def cancel(self, number: str, at: datetime) -> bool:
        return self._asked(lambda: self._client.cancel(number, at))

    def _asked(self, ask: Callable[[], T]) -> T:
        scheduler = self.fleet.scheduler
        scheduler.outside("asking")
        self._away()
        answer = ask()
        scheduler.outside("asked")
        self._away()  # it has done what it was asked, and nobody heard so
        return answer

    def _away(self) -> None:
        if self.fleet.scheduler.happens("carrier_away"):
            self.fleet.scheduler.note("carrier.away", fault="carrier.away")
            self.fleet.scheduler.progress += 1  # whoever waits for the carrier waits on
            raise UnavailableError("The carrier is away", peer="carrier")

    # --- what it pushes ----------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        if self.waiting:
            yield Step(1.0, "carrier pushes", self._push)

    def nudge(self) -> None:
        """The carrier tries at once: its pauses are shorter than a nudge."""

    def _push(self) -> None:
        scheduler, place = self.fleet.scheduler, 0
        if len(self.waiting) > 1 and scheduler.happens("reordered"):
            place = scheduler.random.randrange(min(len(self.waiting), OVERTAKEN))
            if place:
                scheduler.note(f"callback.reordered {place}", fault="callback.reordered")
        form = self.waiting.pop(place)
        if scheduler.happens("duplicated"):
            scheduler.note("callback.doubled", fault="callback.doubled")
            self.waiting.append(form)
        if scheduler.happens("push_lost"):
            scheduler.note("callback.lost", fault="callback.lost")
            self.waiting.append(form)
            return
        status, _ = self._taken_in(form)
        if status not in AGAIN | {TAKEN}:
            scheduler.wrong.append(f"a callback was answered with {status}")
        elif status != TAKEN or scheduler.happens("answer_lost"):
            scheduler.note("callback.repeated", fault="callback.repeated")
            self.waiting.append(form)

    def _taken_in(self, form: Mapping[str, str]) -> Answer:
        """Post a form to one of the apis; return what it answers, (0, {}) where none does."""
        replicas = self.fleet.free(SERVICE, "api")
        if not replicas:
            return NOBODY
        scheduler = self.fleet.scheduler
        process = scheduler.random.choice(replicas)
        scheduler.note(f"callback at {process.name}")
        try:
            with scheduler.acting(process):
                resources = process.resources()
                door = CallbackDoor(build(resources), resources, SALT)
                scheduler.progress += 1
                scheduler.changes += 1
                return door.answer(urllib.parse.urlencode(form).encode())
        except Crash:
            return NOBODY
        except Exception as error:  # noqa: BLE001 -- the process loop of the listener
            scheduler.wrong.append(f"{process.name} failed on a callback: {error!r}")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {}
