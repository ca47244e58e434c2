"""What the carrier knows: its orders, where each parcel is, and what it tells of them.

Pure: no network, no clock, no threads. Instants are given by whoever moves a
parcel; the same orders and moves give the same waybills and the same words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

__all__ = ["Book", "CarrierError", "Parcel", "Track"]

_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_TEXTS: Final = {
    "101": "已下单",
    "103": "已揽收",
    "1001": "到达派件城市",
    "5": "派件中",
    "301": "本人签收",
    "303": "代签收",
    "304": "投柜或驿站签收",
    "14": "拒签",
    "6": "退回中",
    "4": "退签",
    "2": "疑难",
    "401": "已撤单",
}
SIGNED_BY: Final = {"ADDRESSEE": "301", "OTHER": "303", "LOCKER": "304"}
# What may come after what, by the carrier's own rules; a parcel that was signed for may come back.
_FOLLOWS: Final = {
    "101": {"103", "401"},
    "103": {"1001", "2"},
    "1001": {"5", "2"},
    "5": {"301", "303", "304", "14", "2"},
    "14": {"6", "4", "2"},
    "6": {"4", "2"},
    "301": {"4"},
    "303": {"4"},
    "304": {"4"},
    "2": set(),
    "4": set(),
    "401": set(),
}


class CarrierError(Exception):
    """The carrier does not do what it was asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Track:
    """Something that happened to a parcel."""

    at: datetime
    code: str

    @property
    def text(self) -> str:
        return _TEXTS[self.code]


@dataclass(slots=True)
class Parcel:
    """An order and what became of it."""

    number: str
    waybill: str
    tracks: list[Track] = field(default_factory=list)
    lost: bool = False

    @property
    def last(self) -> Track:
        return self.tracks[-1]

    @property
    def watch(self) -> str:
        """How the tracking stands: polling, shutdown (signed or back), abort (nothing more comes).

        快递100 tells the loss of a parcel only so.
        """
        if self.lost:
            return "abort"
        done = self.last.code in {"301", "303", "304", "4", "401"}
        return "shutdown" if done else "polling"


class Book:
    """The orders of one carrier. Ordering twice under one number is ordering once."""

    def __init__(self) -> None:
        self._by_number: dict[str, Parcel] = {}
        self._by_waybill: dict[str, Parcel] = {}

    def order(self, number: str, at: datetime, *, letter: bool) -> Parcel:
        """Take an order; a letter gets an S10 number, a parcel one of thirteen digits."""
        if known := self._by_number.get(number):
            return known
        serial = int.from_bytes(hashlib.sha256(number.encode()).digest()[:6], "big")
        while (waybill := _waybill(serial, letter=letter)) in self._by_waybill:
            serial += 1
        parcel = Parcel(number, waybill, [Track(at, "101")])
        self._by_number[number] = self._by_waybill[waybill] = parcel
        return parcel

    def find(self, waybill: str) -> Parcel:
        if waybill not in self._by_waybill:
            raise CarrierError("单号不存在")
        return self._by_waybill[waybill]

    def cancel(self, number: str, at: datetime) -> Parcel:
        """Cancel an order that was not picked up; to cancel again changes nothing."""
        if number not in self._by_number:
            raise CarrierError("订单不存在")
        parcel = self._by_number[number]
        if parcel.last.code == "101":
            parcel.tracks.append(Track(at, "401"))
        elif parcel.last.code != "401":
            raise CarrierError("已揽收，不能撤单")
        return parcel

    def move(self, waybill: str, code: str, at: datetime) -> Parcel:
        """Let something happen to a parcel."""
        parcel = self.find(waybill)
        if code not in _FOLLOWS[parcel.last.code]:
            raise CarrierError(f"{parcel.last.text}之后不能{_TEXTS[code]}")
        if at < parcel.last.at:
            raise CarrierError("时间早于上一条轨迹")
        parcel.tracks.append(Track(at, code))
        return parcel

    def lose(self, waybill: str, at: datetime) -> Parcel:
        """Lose a parcel: no more is heard of it."""
        parcel = self.move(waybill, "2", at)
        parcel.lost = True
        return parcel


def _waybill(serial: int, *, letter: bool) -> str:
    if not letter:
        return f"12{serial % 10**11:011d}"
    digits = f"{serial % 10**8:08d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"EE{digits}{check}CN"
