"""Personal data as strangers may see it: on lists, in logs, on screens in a hall.

Whoever needs the full value asks for it with a purpose and is audited. A mask never shows more
than its rule says, whatever it is given: what it does not recognise, it hides.

Source: 个人信息保护法 第五十一条; GB/T 35273-2020; GB/T 37964-2019.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = [
    "FIELDS",
    "Mask",
    "Masked",
    "mask_address",
    "mask_bank_card",
    "mask_id_number",
    "mask_id_number_public",
    "mask_name",
    "mask_name_public",
    "mask_phone",
    "redact",
    "scrub",
]

Mask = Callable[[str], str]
HIDDEN: Final = "***"
_ID_LENGTHS: Final = {15, 18}
# A town's suffix, unless it belongs to the name of a city or county (镇江市, 新乡县, 景德镇市).
_TOWN: Final = re.compile(
    r"街道办事处|街道|苏木"
    r"|镇(?!市(?!场)|江市|海区|[雄远安平原赉坪康巴]县|沅彝|宁布依)"
    r"|乡(?!市(?!场)|县|区|族|宁县|城县)"
)
# "自治区" is a province, "社区" and "小区" lie below the town.
_COUNTY: Final = re.compile(r"(?<!自治)(?<!社)(?<!小)(?<!园)区|县|旗")
_BELOW_TOWN: Final = re.compile(r"[0-9０-９]|号|巷|弄|楼|室|单元|组")
_ID_IN_TEXT: Final = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20|21)\d{2}[01]\d[0-3]\d{4}[\dXx](?![0-9A-Za-z])"
)
_PHONE_IN_TEXT: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def mask_name(name: str) -> str:
    """Show the first character, and of three or more also the last: 张*, 李*敏."""
    name = name.strip()
    if len(name) <= 2:  # noqa: PLR2004
        return name[:1] + "*" if len(name) == 2 else "*"  # noqa: PLR2004
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_name_public(name: str) -> str:
    """Show the first character only: what a public notice may print."""
    name = name.strip()
    return name[:1] + "*" * max(len(name) - 1, 1) if len(name) > 1 else "*"


def mask_id_number(number: str) -> str:
    """Show the region and the last four; the birthday is hidden. Other documents show two ends."""
    number = number.strip()
    if len(number) in _ID_LENGTHS:
        shown = 4 if len(number) == max(_ID_LENGTHS) else 3
        return number[:6] + "*" * (len(number) - 6 - shown) + number[-shown:]
    return _ends(number, 1, 2, at_least=8)


def mask_id_number_public(number: str) -> str:
    """Show the first and the last character: what a screen in a hall may show."""
    return _ends(number.strip(), 1, 1, at_least=8)


def mask_phone(phone: str) -> str:
    """Show three digits and the last four of a mobile number; less of any other number."""
    digits = re.sub(r"^\+?86(?=1[3-9]\d{9}$)", "", re.sub(r"[\s()-]", "", phone))
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits[:3] + "****" + digits[-4:]
    return _ends(digits, 3, 2, at_least=10)


def mask_address(address: str) -> str:
    """Show the address down to the town or street office (镇街), never below."""
    text = "".join(address.split())
    for pattern in (_TOWN, _COUNTY):
        found = pattern.search(text)
        if found is not None and not _BELOW_TOWN.search(text[: found.end()]):
            return text[: found.end()] + HIDDEN
    return HIDDEN


def mask_bank_card(number: str) -> str:
    """Show the last four digits."""
    return _ends(re.sub(r"[\s-]", "", number), 0, 4, at_least=12)


def _ends(text: str, first: int, last: int, *, at_least: int) -> str:
    if len(text) < at_least:
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]


def _hide(_value: str) -> str:
    return HIDDEN


class Masked:
    """A value that prints itself masked; for passing personal data near a log.

    `reveal()` is greppable on purpose: every use of it is a decision.
    """

    __slots__ = ("_mask", "_value")

    def __init__(self, value: str, mask: Mask) -> None:
        self._value = value
        self._mask = mask

    def __str__(self) -> str:
        return self._mask(self._value)

    def __repr__(self) -> str:
        return f"Masked({str(self)!r})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __reduce__(self) -> str:
        raise TypeError("a masked value is not stored or sent")

    def reveal(self) -> str:
        return self._value


FIELDS: Final[Mapping[str, Mask]] = {
    "person_name": mask_name,
    "full_name": mask_name,
    "contact_name": mask_name,
    "id_number": mask_id_number,
    "certificate_number": mask_id_number,
    "phone": mask_phone,
    "mobile": mask_phone,
    "telephone": mask_phone,
    "address": mask_address,
    "bank_card": mask_bank_card,
    "bank_account": mask_bank_card,
    "authorization": _hide,
    "cookie": _hide,
    "password": _hide,
    "private_key": _hide,
    "secret": _hide,
    "token": _hide,
}
"""How a log masks a field: by its whole name, or by the end of it after an underscore."""

_TECHNICAL: Final = {"ip_address", "listen_address", "peer_address", "remote_address"}


def redact(values: Mapping[str, Any], fields: Mapping[str, Mask] = FIELDS) -> dict[str, Any]:
    """Return the mapping as a log may have it; id and phone numbers are masked in any text."""
    return {key: _redacted(value, _mask_of(key, fields), fields) for key, value in values.items()}


def scrub(text: str) -> str:
    """Mask what looks like a citizen's id number or a mobile number within a text."""
    text = _ID_IN_TEXT.sub(lambda found: mask_id_number(found.group()), text)
    return _PHONE_IN_TEXT.sub(lambda found: mask_phone(found.group()), text)


def _mask_of(key: str, fields: Mapping[str, Mask]) -> Mask | None:
    name = key.lower().replace("-", "_")
    if name in _TECHNICAL:
        return None
    return next(
        (mask for known, mask in fields.items() if name == known or name.endswith(f"_{known}")),
        None,
    )


def _redacted(value: Any, mask: Mask | None, fields: Mapping[str, Mask]) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _redacted(item, mask or _mask_of(str(key), fields), fields)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item, mask, fields) for item in value]
    if isinstance(value, Masked):
        return str(value)
    if mask is not None:
        return value if value is None else mask(str(value))
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return scrub(value) if isinstance(value, str) else value
