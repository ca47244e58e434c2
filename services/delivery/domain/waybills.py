"""Numbers of waybills (运单号)."""

from __future__ import annotations

import re
from typing import Final

from services.delivery.domain.errors import WaybillInvalidError
from services.delivery.domain.rules import POSTAL_ENTERPRISE

__all__ = ["is_waybill", "require_waybill", "s10_check_digit"]

_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_S10: Final = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}", re.ASCII)
_DOMESTIC: Final = re.compile(r"[0-9]{13}", re.ASCII)
# Of others only the form is known: letters and digits, no check digit.
_OTHER: Final = re.compile(r"[A-Z0-9]{10,20}", re.ASCII)


def s10_check_digit(serial: str) -> int:
    """Return the check digit of eight digits.

    Source: UPU S10.
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, serial, strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check)


def is_waybill(carrier: str, number: str) -> bool:
    """Tell whether `number` can be a waybill of `carrier`.

    The postal enterprise uses the international form with a check digit, and
    thirteen digits without one at home; which of those exist only it can say.

    Source: UPU S10.
    """
    if carrier != POSTAL_ENTERPRISE:
        return _OTHER.fullmatch(number) is not None
    if found := _S10.fullmatch(number):
        return s10_check_digit(found[1]) == int(found[2])
    return _DOMESTIC.fullmatch(number) is not None


def require_waybill(carrier: str, number: str) -> None:
    """Refuse a number that cannot be a waybill of `carrier`."""
    if not is_waybill(carrier, number):
        raise WaybillInvalidError("This is not a waybill", carrier=carrier)
