"""Who may call metrics, and how far they reach."""

from __future__ import annotations

from typing import Final

from servicekit.calls import Scope
from servicekit.policy import Access, Policy

__all__ = ["POLICY"]

_SERVICE: Final = "/liandong.metrics.v1.MetricsService"
_STAFF: Final = {
    "WINDOW_CLERK": Scope.UNIT,
    "REVIEWER": Scope.AUTHORITY,
    "DECIDER": Scope.AUTHORITY,
    "DEPARTMENT_HEAD": Scope.AUTHORITY,
    "SUPERVISOR": Scope.SUBTREE,
}
# Own cases only: nobody rates in an applicant's place (国办发〔2019〕51号).
_RATERS: Final = {"APPLICANT": Scope.OWN}

POLICY = Policy(
    {
        f"{_SERVICE}/RateCase": Access(_RATERS),
        f"{_SERVICE}/GetRatios": Access(_STAFF),
        f"{_SERVICE}/ListRatioCases": Access(_STAFF),
        f"{_SERVICE}/GetCaseFacts": Access(_STAFF | _RATERS),
        f"{_SERVICE}/ListItemLights": Access(_STAFF),
        f"{_SERVICE}/ListViolations": Access(_STAFF),
        f"{_SERVICE}/ListAlarms": Access(_STAFF),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "intake", "review", "delivery", "checker"})
        ),
    }
)
