"""Who may call the catalogue. Items and the tree are public data: whoever is signed in reads."""

from __future__ import annotations

from typing import Final

from servicekit.calls import Scope
from servicekit.policy import Access, Policy

__all__ = ["POLICY"]

_SERVICE: Final = "/liandong.catalog.v1.CatalogService"
_SERVICES: Final = frozenset({"intake", "review", "delivery", "metrics", "checker"})
# Whoever issues tokens asks which post a person holds.
_SIGN_IN: Final = "sign-in"
_EVERYBODY: Final = dict.fromkeys(
    (
        "APPLICANT",
        "WINDOW_CLERK",
        "VILLAGE_AGENT",
        "REVIEWER",
        "DECIDER",
        "DEPARTMENT_HEAD",
        "SUPERVISOR",
        "GOVERNMENT_HEAD",
        "CATALOGUE_EDITOR",
        "CATALOGUE_APPROVER",
        "OPERATOR",
    ),
    Scope.ANY,
)
# Who sees to the training of the windows' staff, and who must know of it to sign a letter.
_TRAINERS: Final = {"SUPERVISOR": Scope.ANY, "CATALOGUE_APPROVER": Scope.ANY}
_PUBLIC_DATA: Final = Access(_EVERYBODY, services=_SERVICES)

POLICY = Policy(
    {
        f"{_SERVICE}/GetServiceItem": _PUBLIC_DATA,
        f"{_SERVICE}/ListServiceItems": _PUBLIC_DATA,
        f"{_SERVICE}/GetItemVersion": _PUBLIC_DATA,
        f"{_SERVICE}/GetUnit": _PUBLIC_DATA,
        f"{_SERVICE}/ListUnits": _PUBLIC_DATA,
        f"{_SERVICE}/GetWindowPowers": _PUBLIC_DATA,
        f"{_SERVICE}/FindCompetentWindows": _PUBLIC_DATA,
        f"{_SERVICE}/ListWindowLetters": _PUBLIC_DATA,
        f"{_SERVICE}/FindAuthority": _PUBLIC_DATA,
        f"{_SERVICE}/ListWorkRules": _PUBLIC_DATA,
        f"{_SERVICE}/ListTrainingRecords": Access({**_TRAINERS, "DEPARTMENT_HEAD": Scope.ANY}),
        f"{_SERVICE}/PublishWorkRules": Access({"CATALOGUE_APPROVER": Scope.ANY}),
        f"{_SERVICE}/RecordTraining": Access(_TRAINERS),
        f"{_SERVICE}/PublishItemVersion": Access({"CATALOGUE_APPROVER": Scope.ANY}),
        f"{_SERVICE}/RecordAuthority": Access({"CATALOGUE_APPROVER": Scope.ANY}),
        f"{_SERVICE}/MergeWindow": Access({"CATALOGUE_APPROVER": Scope.ANY}),
        f"{_SERVICE}/SignAuthorisationLetter": Access({"DEPARTMENT_HEAD": Scope.AUTHORITY}),
        f"{_SERVICE}/ImportCalendarYear": Access(
            {"OPERATOR": Scope.ANY, "CATALOGUE_APPROVER": Scope.ANY}
        ),
        f"{_SERVICE}/ResolveAssignment": Access(
            {"OPERATOR": Scope.ANY}, services=_SERVICES | {_SIGN_IN}
        ),
        # Only whoever prints documents needs the names of those who signed them.
        f"{_SERVICE}/GetPerson": Access({}, services=frozenset({"intake"})),
        f"{_SERVICE}/ReadEvents": Access({}, services=_SERVICES),
    }
)
