"""Who may call intake, and how far they reach.

Some rows reach further than a post may act: an attempt from there must come
before the domain, which refuses it with the id of the rule and has it
recorded (R4.4, R4.7, R4.8).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from servicekit.calls import Scope
from servicekit.policy import Access, Policy

__all__ = ["POLICY"]

_SERVICE: Final = "/liandong.intake.v1.IntakeService"
_DEPARTMENT: Final[Mapping[str, Scope]] = {
    "REVIEWER": Scope.AUTHORITY,
    "DECIDER": Scope.AUTHORITY,
    "DEPARTMENT_HEAD": Scope.AUTHORITY,
}
_WINDOW: Final[Mapping[str, Scope]] = {"WINDOW_CLERK": Scope.UNIT}
_ANY_WINDOW: Final[Mapping[str, Scope]] = {"WINDOW_CLERK": Scope.ANY}
_APPLICANT: Final[Mapping[str, Scope]] = {"APPLICANT": Scope.OWN}
_READERS: Final[Mapping[str, Scope]] = {
    **_APPLICANT,
    **_WINDOW,
    **_DEPARTMENT,
    "VILLAGE_AGENT": Scope.UNIT,
    "SUPERVISOR": Scope.SUBTREE,
}
# An upload belongs to nobody yet: its identity is the secret that opens it.
_UPLOADERS: Final = Access(dict.fromkeys((*_APPLICANT, *_WINDOW, *_DEPARTMENT), Scope.ANY))
_ASKERS: Final = frozenset({"review", "delivery", "metrics"})

POLICY = Policy(
    {
        f"{_SERVICE}/BeginUpload": _UPLOADERS,
        f"{_SERVICE}/AppendUpload": _UPLOADERS,
        f"{_SERVICE}/FinishUpload": _UPLOADERS,
        f"{_SERVICE}/ReceiveApplication": Access({**_APPLICANT, **_WINDOW}),
        f"{_SERVICE}/GiveOneTimeNotice": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/SubmitCorrection": Access({**_APPLICANT, **_WINDOW}),
        f"{_SERVICE}/AcceptCase": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/SealDocument": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/HandOverBundle": Access(_WINDOW),
        f"{_SERVICE}/ReceiveBundle": Access(_DEPARTMENT),
        f"{_SERVICE}/ReturnResult": Access(_DEPARTMENT),
        f"{_SERVICE}/ReceiveResult": Access(_ANY_WINDOW),
        f"{_SERVICE}/HandOut": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/GetCase": Access(_READERS, services=_ASKERS),
        f"{_SERVICE}/ListCases": Access(_READERS),
        f"{_SERVICE}/GetTimeline": Access(_READERS),
        f"{_SERVICE}/ListDocuments": Access(_READERS),
        f"{_SERVICE}/ReadDocument": Access(_READERS),
        f"{_SERVICE}/GetProgress": Access({}, public=True),
        f"{_SERVICE}/RevealApplicant": Access(
            {**_APPLICANT, **_WINDOW, **_DEPARTMENT}, services=frozenset({"delivery"})
        ),
        f"{_SERVICE}/ReadEvents": Access(
            {}, services=frozenset({"catalog", "review", "delivery", "metrics", "checker"})
        ),
    }
)
