"""The forms of the 快递100 interfaces as the carrier writes and reads them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from carrier.book import CarrierError, Parcel

__all__ = ["CHINA", "instant", "push_form", "query_answer", "signed_by"]

CHINA: Final = timezone(timedelta(hours=8))
_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


def instant(text: str) -> datetime:
    """Read an instant: ISO 8601 with its zone, or the wall clock of China."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise CarrierError("时间格式不正确") from error
    return read if read.tzinfo is not None else read.replace(tzinfo=CHINA)


def signed_by(secret: str, param: str, sign: str) -> bool:
    """Tell whether `sign` is the upper-case MD5 of the raw `param` and the secret."""
    return hmac.compare_digest(_md5(param + secret).encode(), sign.upper().encode())


def push_form(parcel: Parcel, salt: str) -> dict[str, str]:
    """Return the form that is pushed: the whole track list, and its signature."""
    result = query_answer(parcel)
    param = json.dumps(
        {"status": parcel.watch, "message": "", "lastResult": result},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return {"sign": _md5(param + salt), "param": param}


def query_answer(parcel: Parcel) -> dict[str, Any]:
    """Return what a query is answered with, the newest track first."""
    return {
        "message": "ok",
        "nu": parcel.waybill,
        "com": "ems",
        "status": "200",
        "state": parcel.last.code,
        "ischeck": "1" if parcel.watch == "shutdown" else "0",
        "monitorStatus": parcel.watch,
        "data": [
            {
                "time": track.at.astimezone(CHINA).strftime(_FORMAT),
                "context": track.text,
                "status": track.text,
                "statusCode": track.code,
            }
            for track in reversed(parcel.tracks)
        ],
    }


def _md5(text: str) -> str:
    # The interface prescribes MD5; the salt and the second question stand behind it.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
