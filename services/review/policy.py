"""Who may call review, and how far they reach.

A window reaches the commands although it may do none of them: the domain
refuses with the rule (R4.6), and supervision hears of the attempt. Whoever
is asked for an opinion belongs to another authority, so the domain, not the
scope, says who may answer.
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
_READERS: Final = {
    **_DEPARTMENT,
    "SUPERVISOR": Scope.SUBTREE,
    "GOVERNMENT_HEAD": Scope.SUBTREE,
}
_ACTORS: Final = {**_DEPARTMENT, "WINDOW_CLERK": Scope.ANY}
_EXTENDERS: Final = {**_DEPARTMENT, "GOVERNMENT_HEAD": Scope.SUBTREE}
_ANSWERERS: Final = dict.fromkeys((*_DEPARTMENT, "WINDOW_CLERK"), Scope.ANY)

POLICY = Policy(
    {
        f"{_SERVICE}/GetReviewCase": Access(_READERS, services=frozenset({"intake"})),
        f"{_SERVICE}/ListWork": Access(_READERS),
        f"{_SERVICE}/RecordSiteCheck": Access(_ACTORS),
        f"{_SERVICE}/SubmitOpinion": Access(_ACTORS),
        f"{_SERVICE}/Decide": Access(_ACTORS),
        f"{_SERVICE}/PlanSpecialProcedure": Access(_ACTORS),
        f"{_SERVICE}/EndSpecialProcedure": Access(_ACTORS),
        f"{_SERVICE}/ExtendLimit": Access(_EXTENDERS),
        f"{_SERVICE}/RequestExplanation": Access(_ACTORS),
        f"{_SERVICE}/AskAuthorities": Access(_ACTORS),
        f"{_SERVICE}/AnswerConsultation": Access(_ANSWERERS),
        f"{_SERVICE}/WaiveBundle": Access(_ACTORS),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "intake", "delivery", "metrics", "checker"})
        ),
    }
)
