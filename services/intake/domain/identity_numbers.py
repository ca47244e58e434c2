"""Numbers of persons and organisations: what they can be, and what they cannot.

A number that fits proves nothing about who presents it; one that does not
fit is refused before it is stored. No library is used: those at hand refuse
everybody born before their county got its present code, residents from Hong
Kong, Macao and Taiwan, and the collective economic organisations of villages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.intake.domain.errors import IdentityNumberInvalidError
from services.intake.domain.values import ApplicantKind

__all__ = ["NumberCheck", "check_citizen_number", "check_credit_code", "check_number"]

_CITIZEN: Final = re.compile(r"[1-9][0-9]{5}(?:18|19|20|21)[0-9]{9}[0-9X]", re.ASCII)
_REGIONS: Final = frozenset(
    {
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    }
)
_OLDEST: Final = 130  # years
# What the clerk reads: what of the number is wrong.
_PROBLEMS: Final = {
    "FORMAT": "位数或者字符不符合编码规则",
    "REGION": "前两位不是有效的行政区划代码",
    "BIRTH": "其中的出生日期不存在或者不可能",
    "CHECK_CHARACTER": "末位校验码与其余各位不符",
}
_CITIZEN_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_CITIZEN_CHECKS: Final = "10X98765432"

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z
_CREDIT: Final = re.compile(rf"[0-9AHJ-NP-RTUWXY][1-9][0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}")
_CREDIT_WEIGHTS: Final = tuple(3**place % 31 for place in range(17))
_BODY_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """The number as it is kept, and what is odd about it without making it invalid."""

    number: str
    warnings: tuple[str, ...] = ()


def check_number(kind: ApplicantKind, number: str, today: date) -> NumberCheck:
    """Return the number as it is kept, or refuse one that cannot belong to such an applicant."""
    if kind is ApplicantKind.NATURAL_PERSON:
        return check_citizen_number(number, today)
    return check_credit_code(number)


def check_citizen_number(number: str, today: date) -> NumberCheck:
    """Return a citizen's identity number in its one spelling, or refuse it.

    The first two digits must be a province (or 81, 82, 83: residence permits
    of Hong Kong, Macao and Taiwan); codes of counties change and are not
    looked up, or every resident born before such a change would be refused.

    Source: GB 11643-1999; ISO 7064 MOD 11-2.
    """
    number = number.upper()
    if not _CITIZEN.fullmatch(number):
        raise _refused("FORMAT")
    if int(number[:2]) not in _REGIONS:
        raise _refused("REGION")
    _check_birth(number[6:14], today)
    total = sum(
        int(digit) * weight for digit, weight in zip(number[:17], _CITIZEN_WEIGHTS, strict=True)
    )
    if number[17] != _CITIZEN_CHECKS[total % 11]:
        raise _refused("CHECK_CHARACTER")
    return NumberCheck(number)


def _check_birth(digits: str, today: date) -> None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _refused("BIRTH") from None
    if not (born <= today and today.year - born.year <= _OLDEST):
        raise _refused("BIRTH")


def check_credit_code(number: str, *, confirmed: bool = False) -> NumberCheck:
    """Return a unified social credit code (统一社会信用代码) in its one spelling, or refuse it.

    Codes with a wrong check character are in circulation. One that the
    shared register of organisations `confirmed` is kept with a warning; so is
    any whose inner organisation code does not check.

    Source: GB 32100-2015 with amendment 1; GB 11714-1997.
    """
    number = number.upper()
    if not _CREDIT.fullmatch(number):
        raise _refused("FORMAT")
    warnings: list[str] = []
    total = sum(
        _CREDIT_ALPHABET.index(sign) * weight
        for sign, weight in zip(number[:17], _CREDIT_WEIGHTS, strict=True)
    )
    if number[17] != _CREDIT_ALPHABET[-total % 31]:
        if not confirmed:
            raise _refused("CHECK_CHARACTER")
        warnings.append("CREDIT_CODE_CHECK_CHARACTER")
    if number[16] != _body_check(number[8:16]):
        warnings.append("ORGANISATION_CODE_CHECK_CHARACTER")
    return NumberCheck(number, tuple(warnings))


def _body_check(body: str) -> str:
    total = sum(
        _BODY_ALPHABET.index(sign) * weight
        for sign, weight in zip(body, _BODY_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def _refused(part: str) -> IdentityNumberInvalidError:
    # The number itself stays out of the error: errors are logged.
    return IdentityNumberInvalidError(
        "The identity number cannot be one", part=part, problem=_PROBLEMS[part]
    )
