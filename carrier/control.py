"""Moves parcels of a carrier: what the couriers of a demonstration do."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from carrier.book import CarrierError
from carrier.desk import Desk

__all__ = ["Control", "http_control", "local_control"]

TIMEOUT: Final = 30.0

Post = Callable[[str, Mapping[str, str]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Control:
    """Moves parcels by their waybills; `post` reaches the carrier's desk."""

    post: Post

    def pick_up(self, waybill: str, at: datetime) -> None:
        self._move("pick_up", waybill, at)

    def arrive(self, waybill: str, at: datetime) -> None:
        """Let it reach its destination and be out for delivery there."""
        self._move("arrive", waybill, at)
        self._move("out_for_delivery", waybill, at)

    def sign(self, waybill: str, at: datetime, by: str = "ADDRESSEE") -> None:
        self._move("sign", waybill, at, by=by)

    def refuse(self, waybill: str, at: datetime) -> None:
        self._move("refuse", waybill, at)

    def return_to_sender(self, waybill: str, at: datetime) -> None:
        self._move("returned", waybill, at)

    def lose(self, waybill: str, at: datetime) -> None:
        self._move("lose", waybill, at)

    def push_again(self, waybill: str) -> int:
        """Push everything about it once more, unchanged; return how many forms that were."""
        return int(self._ask("push_again", waybill=waybill)["pushed"])

    def push_forged(self, waybill: str) -> int:
        """Push with a wrong signature; return the HTTP status that was answered."""
        return int(self._ask("push_forged", waybill=waybill)["status"])

    def _move(self, action: str, waybill: str, at: datetime, **more: str) -> None:
        self._ask(action, waybill=waybill, at=at.isoformat(), **more)

    def _ask(self, action: str, **form: str) -> dict[str, Any]:
        said = self.post(f"/control/{action}", form)
        if said.get("result") is not True:
            raise CarrierError(str(said.get("message", "承运方没有答复")))
        data: dict[str, Any] = said["data"]
        return data


def http_control(url: str) -> Control:
    """Return what moves the parcels of the carrier that listens at `url`."""

    def post(path: str, form: Mapping[str, str]) -> dict[str, Any]:
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url + path, body, method="POST")  # noqa: S310 -- our url
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            said: dict[str, Any] = json.load(answer)
            return said

    return Control(post)


def local_control(desk: Desk) -> Control:
    """Return what moves the parcels of a carrier in this process."""
    return Control(lambda path, form: desk.answer(path, form)[1])
