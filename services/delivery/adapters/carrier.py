"""The carrier's interface: signed questions by HTTP, each with a timeout. For the jobs only."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from servicekit.clock import CHINA_STANDARD_TIME
from servicekit.errors import UnavailableError
from services.delivery.adapters.carrier_forms import FormError, read_tracks, signature
from services.delivery.domain.tracks import Track
from services.delivery.ports import CarrierOrder

__all__ = ["CarrierClient", "CarrierRefusedError", "http_post"]

# Posts a form to a path of the carrier and returns its JSON answer.
Post = Callable[[str, Mapping[str, str]], Mapping[str, Any]]

_LARGEST: Final = 1024 * 1024


class CarrierRefusedError(UnavailableError):
    """The carrier answered, and not as it should; the job tries again and its failure is kept."""

    reason = "CARRIER_REFUSED"


@dataclass(frozen=True, slots=True)
class CarrierClient:
    """Orders, asks and cancels at the carrier that `post` reaches."""

    post: Post
    customer: str
    key: str

    def order(self, order: CarrierOrder) -> str:
        answer = self._ask(
            "/order",
            {
                "orderNumber": order.number,
                "orderTime": _spelt(order.ordered_at),
                "com": order.carrier.lower(),
                "letter": order.is_letter,
                "pieces": order.pieces,
                "sender": asdict(order.sender),
                "receiver": asdict(order.receiver),
            },
        )
        waybill = _well(answer).get("kuaidinum")
        if not isinstance(waybill, str):
            raise CarrierRefusedError("The carrier gave no waybill", peer="carrier")
        return waybill

    def tracks(self, carrier: str, waybill: str) -> tuple[Track, ...]:
        answer = self._ask("/poll/query.do", {"com": carrier.lower(), "num": waybill})
        if answer.get("status") != "200":
            raise CarrierRefusedError("The carrier does not answer", peer="carrier")
        try:
            return read_tracks(answer, answer.get("monitorStatus"))
        except FormError as error:
            raise CarrierRefusedError(str(error), peer="carrier") from error

    def cancel(self, number: str, at: datetime) -> bool:
        answer = self._ask("/cancel", {"orderNumber": number, "cancelTime": _spelt(at)})
        return answer.get("result") is True

    def _ask(self, path: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        param = json.dumps(question, ensure_ascii=False, separators=(",", ":"))
        sign = signature(param + self.key + self.customer)
        return self.post(path, {"customer": self.customer, "sign": sign, "param": param})


def http_post(url: str, timeout: float) -> Post:
    """Return what posts to the carrier at `url`."""
    if not url.startswith(("https://", "http://")):
        raise ValueError("CARRIER_URL begins with https:// or http://")

    def post(path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url.rstrip("/") + path, body, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
                read = json.loads(answer.read(_LARGEST))
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            raise UnavailableError("The carrier is away", peer="carrier") from error
        except ValueError as error:
            raise CarrierRefusedError("The carrier answers no JSON", peer="carrier") from error
        if not isinstance(read, dict):
            raise CarrierRefusedError("The carrier answers no object", peer="carrier")
        return read

    return post


def _well(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    data = answer.get("data")
    if answer.get("result") is not True or not isinstance(data, dict):
        raise CarrierRefusedError("The carrier refuses", peer="carrier")
    return data


def _spelt(at: datetime) -> str:
    return at.astimezone(CHINA_STANDARD_TIME).isoformat(timespec="seconds")
