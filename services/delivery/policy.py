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
# Who the parcel is for, and the window that answers for it.
_BOTH_SIDES: Final = {"APPLICANT": Scope.OWN, "WINDOW_CLERK": Scope.UNIT}

POLICY = Policy(
    {
        f"{_SERVICE}/GetCourierOffer": Access(_READERS),
        f"{_SERVICE}/ListCourierOffers": Access(_READERS),
        f"{_SERVICE}/AnswerCourierOffer": Access(_BOTH_SIDES),
        f"{_SERVICE}/RequestPickup": Access(_BOTH_SIDES),
        f"{_SERVICE}/GetShipment": Access(_READERS),
        f"{_SERVICE}/ListShipments": Access(_READERS),
        f"{_SERVICE}/GetLabel": Access(_BOTH_SIDES),
        f"{_SERVICE}/CancelShipment": Access(_BOTH_SIDES),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "intake", "review", "metrics", "checker"})
        ),
    }
)
