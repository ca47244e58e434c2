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
_ASSISTANCE: Final = "/liandong.intake.v1.AssistanceService"
_ENQUIRY: Final = "/liandong.intake.v1.EnquiryService"
_EXCHANGE: Final = "/liandong.intake.v1.ExchangeService"
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
_AGENT: Final[Mapping[str, Scope]] = {"VILLAGE_AGENT": Scope.UNIT}
# A window reaches the villages around its centre, and what was passed on to it.
_ASSISTED: Final[Mapping[str, Scope]] = {
    **_AGENT,
    **_APPLICANT,
    "WINDOW_CLERK": Scope.SUBTREE,
    "SUPERVISOR": Scope.SUBTREE,
}
# Whoever is asked first owns a question, wherever they sit; the rules name the owner.
_ASKED: Final = dict.fromkeys(
    ("WINDOW_CLERK", "VILLAGE_AGENT", "REVIEWER", "DECIDER", "DEPARTMENT_HEAD"), Scope.UNIT
)
# An upload belongs to nobody yet: its identity is the secret that opens it.
_UPLOADERS: Final = Access(
    dict.fromkeys((*_APPLICANT, *_WINDOW, *_AGENT, *_DEPARTMENT), Scope.ANY),
    services=frozenset({"gateway"}),
)
_ASKERS: Final = frozenset({"review", "delivery", "metrics"})

POLICY = Policy(
    {
        f"{_SERVICE}/BeginUpload": _UPLOADERS,
        f"{_SERVICE}/AppendUpload": _UPLOADERS,
        f"{_SERVICE}/FinishUpload": _UPLOADERS,
        f"{_SERVICE}/ReceiveApplication": Access({**_APPLICANT, **_WINDOW}),
        f"{_SERVICE}/GiveOneTimeNotice": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/SubmitCorrection": Access({**_APPLICANT, **_WINDOW}),
        # A village post never accepts: its attempt must come before the domain.
        f"{_SERVICE}/AcceptCase": Access({**_WINDOW, **_DEPARTMENT, "VILLAGE_AGENT": Scope.ANY}),
        f"{_SERVICE}/TellNotRequired": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/RefuseAcceptance": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/WithdrawCase": Access({**_APPLICANT, **_WINDOW}),
        f"{_SERVICE}/TerminateCase": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/RejectCorrection": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/RemindCorrection": Access(_WINDOW),
        f"{_SERVICE}/ProposeFurtherNotice": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/ApproveFurtherNotice": Access({**_WINDOW, "SUPERVISOR": Scope.SUBTREE}),
        f"{_SERVICE}/DecideOnTheSpot": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/TurnIntoPromised": Access(_WINDOW),
        # Also for what a window accepted that was merged into the caller's.
        f"{_SERVICE}/SealDocument": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/HandOverBundle": Access(_ANY_WINDOW),
        f"{_SERVICE}/ReceiveBundle": Access(_DEPARTMENT),
        f"{_SERVICE}/ReturnResult": Access(_DEPARTMENT),
        f"{_SERVICE}/ReceiveResult": Access(_ANY_WINDOW),
        f"{_SERVICE}/HandOut": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/DispatchResult": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/ConfirmService": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/ServeOtherwise": Access({**_ANY_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/GiveProcessNotice": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/GiveExplanation": Access({**_APPLICANT, **_WINDOW}),
        f"{_SERVICE}/VoidDocument": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/ListDocumentRegister": Access(
            {**_ANY_WINDOW, **_DEPARTMENT, "SUPERVISOR": Scope.ANY}
        ),
        f"{_SERVICE}/ReadMaterial": Access({**_APPLICANT, **_WINDOW, **_DEPARTMENT}),
        f"{_SERVICE}/TransferCase": Access(_WINDOW),
        f"{_SERVICE}/RegisterOriginals": Access(_WINDOW),
        f"{_SERVICE}/ReportBundleLost": Access({**_WINDOW, **_DEPARTMENT}),
        f"{_ASSISTANCE}/TakeAssistance": Access({**_AGENT, **_ANY_WINDOW}),
        f"{_ASSISTANCE}/PassOnAssistance": Access({**_AGENT, **_ANY_WINDOW}),
        f"{_ASSISTANCE}/AcknowledgeAssistance": Access({**_AGENT, **_ANY_WINDOW}),
        f"{_ASSISTANCE}/GetAssistance": Access(_ASSISTED),
        f"{_ASSISTANCE}/ListAssistances": Access(_ASSISTED),
        f"{_ASSISTANCE}/ReadAssistanceSlip": Access(_ASSISTED),
        f"{_ENQUIRY}/RegisterEnquiry": Access(_ASKED),
        f"{_ENQUIRY}/HandOverEnquiry": Access({**_ASKED, "SUPERVISOR": Scope.SUBTREE}),
        f"{_ENQUIRY}/AcknowledgeEnquiry": Access(_ASKED),
        f"{_ENQUIRY}/AnswerEnquiry": Access(_ASKED),
        f"{_ENQUIRY}/GetEnquiry": Access({**_ASKED, "SUPERVISOR": Scope.SUBTREE}),
        f"{_ENQUIRY}/ListEnquiries": Access({**_ASKED, "SUPERVISOR": Scope.SUBTREE}),
        f"{_EXCHANGE}/ImportApplication": Access({}, services=frozenset({"gateway"})),
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
