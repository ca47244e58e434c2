"""Who may call review, and how far they reach.

A window reaches the three commands although it may do none of them: the
domain refuses with the rule (R4.6), and supervision hears of the attempt.
"""

from __future__ import annotations

from typing import Final

from servicekit.calls import Scope
from servicekit.policy import Access, Policy

__all__ = ["POLICY"]

_SERVICE: Final = "/liandong.review.v1.ReviewService"
_DEPARTMENT: Final = {
    "REVIEWER": Scope.AUTHORITY,
    "DECIDER": Scope.AUTHORITY,
    "DEPARTMENT_HEAD": Scope.AUTHORITY,
}
_READERS: Final = {**_DEPARTMENT, "SUPERVISOR": Scope.SUBTREE}
_ACTORS: Final = {**_DEPARTMENT, "WINDOW_CLERK": Scope.ANY}

POLICY = Policy(
    {
        f"{_SERVICE}/GetReviewCase": Access(_READERS, services=frozenset({"intake"})),
        f"{_SERVICE}/ListWork": Access(_READERS),
        f"{_SERVICE}/RecordSiteCheck": Access(_ACTORS),
        f"{_SERVICE}/SubmitOpinion": Access(_ACTORS),
        f"{_SERVICE}/Decide": Access(_ACTORS),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "intake", "delivery", "metrics", "checker"})
        ),
    }
)
