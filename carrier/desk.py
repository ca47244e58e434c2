"""Answers what reaches the carrier, whether by HTTP or in one process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from carrier.book import SIGNED_BY, Book, CarrierError, Parcel
from carrier.wire import instant, push_form, query_answer, signed_by

__all__ = ["CONTROLS", "CUSTOMER", "Desk"]

CUSTOMER: Final = "LIANDONG"
CONTROLS: Final = (
    "pick_up", "arrive", "out_for_delivery", "sign", "refuse", "return", "returned", "lose",
    "push_again", "push_forged",
)  # fmt: skip
_CODES: Final = {
    "pick_up": "103",
    "arrive": "1001",
    "out_for_delivery": "5",
    "refuse": "14",
    "return": "6",
    "returned": "4",
}
_TRIES: Final = 20
_NOBODY: Final = (0, HTTPStatus.SERVICE_UNAVAILABLE)
_PERSON: Final = ("name", "phone", "address")

Answer = tuple[int, dict[str, Any]]
Push = Callable[[Mapping[str, str]], Answer]


@dataclass(slots=True)
class Desk:
    """One carrier: its book, the secrets it shares with its customer, and how it pushes.

    `push` sends a signed form to the customer and may deliver it later;
    `push_now` sends one form once and returns what it was answered.
    """

    key: str
    salt: str
    push: Callable[[Mapping[str, str]], None]
    push_now: Push
    book: Book = field(default_factory=Book)
    pushed: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)

    def answer(self, path: str, form: Mapping[str, str]) -> Answer:
        """Answer the form that was posted to `path`."""
        try:
            if path.startswith("/control/"):
                return self._control(path.removeprefix("/control/"), form)
            known = {"/order": self._order, "/poll/query.do": self._query, "/cancel": self._cancel}
            if path not in known:
                return HTTPStatus.NOT_FOUND, {"result": False, "message": "无此接口"}
            return known[path](self._param(form))
        except CarrierError as error:
            return HTTPStatus.OK, {"result": False, "returnCode": "500", "message": str(error)}

    def _param(self, form: Mapping[str, str]) -> dict[str, Any]:
        param = form.get("param", "")
        if not signed_by(self.key + CUSTOMER, param, form.get("sign", "")):
            raise CarrierError("验签失败")
        try:
            read = json.loads(param)
        except ValueError as error:
            raise CarrierError("param不是JSON") from error
        if not isinstance(read, dict):
            raise CarrierError("param不是JSON对象")
        return read

    def _order(self, param: Mapping[str, Any]) -> Answer:
        for side in ("sender", "receiver"):
            person = param.get(side)
            if not isinstance(person, dict) or not all(person.get(each) for each in _PERSON):
                raise CarrierError("寄件人或收件人信息不完整")
        parcel = self.book.order(
            _text(param, "orderNumber"),
            instant(_text(param, "orderTime")),
            letter=bool(param.get("letter")),
        )
        data = {"orderNumber": parcel.number, "kuaidinum": parcel.waybill}
        return HTTPStatus.OK, _well(data)

    def _query(self, param: Mapping[str, Any]) -> Answer:
        return HTTPStatus.OK, query_answer(self.book.find(_text(param, "num")))

    def _cancel(self, param: Mapping[str, Any]) -> Answer:
        at = instant(_text(param, "cancelTime"))
        parcel = self.book.cancel(_text(param, "orderNumber"), at)
        self._told(parcel)
        return HTTPStatus.OK, _well({"orderNumber": parcel.number})

    def _control(self, action: str, form: Mapping[str, str]) -> Answer:
        waybill = form.get("waybill", "")
        parcel = self.book.find(waybill)
        if action == "push_again":
            for each in self.pushed.get(waybill, []):
                self.push(each)
            return HTTPStatus.OK, _well({"pushed": len(self.pushed.get(waybill, []))})
        if action == "push_forged":
            status, said = self._push_forged(parcel)
            return HTTPStatus.OK, _well({"status": int(status), "answer": said})
        at = instant(form.get("at", ""))
        if action == "lose":
            parcel = self.book.lose(waybill, at)
        elif action == "sign":
            by = form.get("by", "ADDRESSEE")
            if by not in SIGNED_BY:
                raise CarrierError("签收人类型不正确")
            parcel = self.book.move(waybill, SIGNED_BY[by], at)
        elif action in _CODES:
            parcel = self.book.move(waybill, _CODES[action], at)
        else:
            raise CarrierError("无此操作")
        self._told(parcel)
        return HTTPStatus.OK, _well({"waybill": parcel.waybill})

    def _push_forged(self, parcel: Parcel) -> Answer:
        """Push with a wrong signature until somebody is there to refuse it."""
        form = push_form(parcel, self.salt + "?")
        for _ in range(_TRIES - 1):
            status, said = self.push_now(form)
            if status not in _NOBODY:
                return status, said
        return self.push_now(form)

    def _told(self, parcel: Parcel) -> None:
        form = push_form(parcel, self.salt)
        self.pushed.setdefault(parcel.waybill, []).append(form)
        self.push(form)


def _text(param: Mapping[str, Any], name: str) -> str:
    value = param.get(name)
    if not isinstance(value, str) or not value:
        raise CarrierError(f"缺少{name}")
    return value


def _well(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"result": True, "returnCode": "200", "message": "成功", "data": dict(data)}
