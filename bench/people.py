"""Who calls: as many tokens as a busy hall has, all at windows of one authority."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from journeys.forms import Citizen, paper
from servicekit.identity import Caller, TokenIssuer

__all__ = ["HOLDERS", "ITEM", "Call", "citizen", "clerks", "receipt", "receipts"]

ITEM: Final = "370306-01-001"
DISTRICT: Final = "370306000000"
WINDOW: Final = f"{DISTRICT}-C1-W01"
AUTHORITY: Final = f"{DISTRICT}-D01"
TOKENS: Final = 240
HOLDERS: Final = ("p-0102", "p-0103", "p-0104", "p-0105")  # a clerk at each of the four windows
LIFE: Final = timedelta(hours=12)

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


@dataclass(frozen=True, slots=True)
class Call:
    """What a driver sends: the token of who calls, and the fields of the request."""

    token: str
    fields: dict[str, Any]


def clerks(issuer: TokenIssuer, held: Sequence[Caller], count: int = TOKENS) -> list[str]:
    """Return tokens of `count` different clerks, in turn at the windows of the real ones.

    A window alone is let half of the room of a service and no more.
    """
    return [
        issuer.issue(
            Caller(
                person=f"p-b{number:04}",
                assignment=f"a-b{number:04}-1",
                post_kind=each.post_kind,
                roles=each.roles,
                unit=each.unit,
                unit_path=each.unit_path,
                authority=each.authority,
            ),
            lifetime=LIFE,
        )
        for number, each in zip(range(count), itertools.cycle(held), strict=False)
    ]


def citizen(number: int) -> Citizen:
    """Return a citizen who does not exist, with a number that is well formed."""
    body = f"370306{1950 + number % 50}{1 + number % 12:02}{1 + number % 28:02}{number % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return Citizen(f"a-b{number:05}", "李示例", body + _CHECKS[total % 11])


def receipt(number: int) -> dict[str, Any]:
    """Return the fields of a complete application at the window."""
    return {
        "item_code": ITEM,
        "applicant": citizen(number).form,
        "materials": [paper("M01"), paper("M04"), paper("M05")],
        "channel": "CHANNEL_WINDOW",
        "result_delivery": "RESULT_DELIVERY_COLLECTION",
        "summary": "新开小餐饮店申请食品经营许可（示例）",
    }


def receipts(tokens: Sequence[str]) -> list[Call]:
    """Return an application for each token, each of another applicant."""
    return [Call(token, receipt(number)) for number, token in enumerate(tokens)]
