"""Who may call delivery, and how far they reach."""

from __future__ import annotations

from typing import Final

from servicekit.calls import Scope
from servicekit.policy import Access, Policy

__all__ = ["POLICY"]

_SERVICE: Final = "/liandong.delivery.v1.DeliveryService"
_READERS: Final = {
    "APPLICANT": Scope.OWN,
    "WINDOW_CLERK": Scope.UNIT,
    "REVIEWER": Scope.AUTHORITY,
    "DECIDER": Scope.AUTHORITY,
    "DEPARTMENT_HEAD": Scope.AUTHORITY,
    "SUPERVISOR": Scope.SUBTREE,
}

POLICY = Policy(
    {
        f"{_SERVICE}/GetCourierOffer": Access(_READERS),
        f"{_SERVICE}/ListCourierOffers": Access(_READERS),
        f"{_SERVICE}/AnswerCourierOffer": Access(
            {"APPLICANT": Scope.OWN, "WINDOW_CLERK": Scope.UNIT}
        ),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "intake", "review", "metrics", "checker"})
        ),
    }
)
