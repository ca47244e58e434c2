"""The forms of the 快递100 interfaces as delivery writes and reads them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from servicekit.clock import CHINA_STANDARD_TIME
from services.delivery.domain.tracks import LOST, Track

__all__ = ["FormError", "is_signed", "read_tracks", "signature"]

_TIME: Final = "%Y-%m-%d %H:%M:%S"
_GIVEN_UP: Final = "abort"


class FormError(ValueError):
    """What the carrier sent cannot be read."""


def signature(text: str) -> str:
    """Return the signature the interface prescribes: MD5 in upper-case hexadecimal digits.

    MD5 is weak: behind it stand the salt, the second question before anything
    that matters is believed, and the network, which lets the carrier in only.
    """
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def is_signed(param: str, salt: str, sign: str) -> bool:
    """Tell whether `sign` is that of the raw `param`, in a time that tells nothing."""
    return hmac.compare_digest(signature(param + salt).encode(), sign.upper().encode())


def read_tracks(result: Mapping[str, Any], watch: object) -> tuple[Track, ...]:
    """Return the tracks of a query's answer or of a callback's `lastResult`.

    `watch` is how the tracking stands: given up means that the parcel is lost,
    as of the last that was heard of it. The words of the carrier are not read.
    """
    listed = result.get("data")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise FormError("data is not a list of tracks")
    tracks = [Track(_instant(each.get("time")), _code(each)) for each in listed]
    if watch == _GIVEN_UP and tracks:
        tracks.append(Track(max(each.at for each in tracks), LOST))
    return tuple(tracks)


def _instant(text: object) -> datetime:
    try:
        wall = datetime.strptime(str(text), _TIME)  # noqa: DTZ007 -- the clock of China, no zone
        return wall.replace(tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FormError("a track has no time") from error


def _code(track: Mapping[str, Any]) -> str:
    code = track.get("statusCode")
    if not isinstance(code, str):
        raise FormError("a track has no code")
    return code
