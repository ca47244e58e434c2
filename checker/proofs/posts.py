"""Who acted held the post for it on that day, and the window the letter for it.

The audit says under which assignment a command was given; the catalogue says
what post that was. A service that trusted a token too long would be seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from checker.databases import Database
from checker.evidence import AuditRow, Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.values import as_json, civil_day, day
from checker.windows import Windows, windows_of

__all__ = ["prove_posts", "prove_powers"]

OK = "OK"
_INSTANT: Final = timedelta(microseconds=1)
_WINDOW_ACTS: Final = frozenset(
    {
        "GiveOneTimeNotice",
        "AcceptCase",
        "RejectCorrection",
        "RemindCorrection",
        "ProposeFurtherNotice",
        "TellNotRequired",
        "RefuseAcceptance",
        "TerminateCase",
        "DecideOnTheSpot",
        "TurnIntoPromised",
        "TransferCase",
        "RegisterOriginals",
        "HandOverBundle",
        "ReceiveResult",
        "HandOut",
        "DispatchResult",
        "ConfirmService",
        "ServeOtherwise",
    }
)
_DEPARTMENT_ACTS: Final = frozenset(
    {
        "ReceiveBundle",
        "ReturnResult",
        "RecordSiteCheck",
        "PlanSpecialProcedure",
        "EndSpecialProcedure",
        "RequestExplanation",
        "AskAuthorities",
        "WaiveBundle",
        "SubmitOpinion",
        "Decide",
    }
)
_SUPERVISION_ACTS: Final = frozenset({"ApproveFurtherNotice"})
_JUDGED: Final = _WINDOW_ACTS | _DEPARTMENT_ACTS | _SUPERVISION_ACTS


class PostWrong(Finding):
    """An act was done from a post that may not do it, or that was not held on that day (R4.1)."""

    id = "LAW_POST_WRONG"


class PowerMissing(Finding):
    """A window accepted or noticed without a letter in force that lets it (R3.4)."""

    id = "LAW_POWER_MISSING"


@dataclass(frozen=True, slots=True)
class _Held:
    """A post as a person holds it."""

    person: str
    kind: str
    unit: str
    authority: str
    first: date | None
    end: date | None

    def on(self, at: date) -> bool:
        return (self.first is None or self.first <= at) and (self.end is None or at < self.end)


def prove_posts(evidence: Evidence) -> Iterator[Finding]:
    """When settled: windows did what windows do, departments the rest, each for its own cases.

    An assignment that the catalogue does not know is counted and not judged.

    Source: R4.1, R4.4, R4.6 to R4.8; readings 1, 6.
    """
    if not (evidence.settled and evidence.having("catalog", "intake")):
        return
    held = _held(evidence.services["catalog"].database)
    windows = windows_of(evidence)
    for name in ("intake", "review"):
        if not evidence.having(name):
            continue
        for row in evidence.services[name].audits:
            act = row.action.rpartition("/")[2]
            case = evidence.cases.intake.get(row.subject.partition("/")[0])
            if not (act in _JUDGED and row.is_command and row.outcome == OK and case is not None):
                continue
            if row.assignment not in held:
                evidence.count("acts_from_unknown_posts")
                continue
            wrong = _wrong(row, act, held[row.assignment], case, windows)
            if wrong:
                detail = f"{act} by {row.actor} as {row.assignment}: {wrong}"
                yield PostWrong(service=name, subject=case.number, detail=detail)


def _wrong(row: AuditRow, act: str, post: _Held, case: IntakeCase, windows: Windows) -> str:
    if post.person != row.actor:
        return f"the post of {post.person}"
    if row.recorded_at is None or not post.on(civil_day(row.recorded_at)):
        return "not held on that day"
    if act in _SUPERVISION_ACTS:
        return "" if post.kind == "SUPERVISION" else f"a {post.kind} post"
    if act in _WINDOW_ACTS:
        # The window that transfers a case still has it, until then.
        at = row.recorded_at - _INSTANT if act == "TransferCase" else row.recorded_at
        right = post.kind == "WINDOW" and windows.may(post.unit, case, at)
        return "" if right else f"a {post.kind} post in {post.unit}"
    right = post.kind == "DEPARTMENT" and post.authority in case.authorities
    return "" if right else f"a {post.kind} post of {post.authority}"


def _held(catalog: Database) -> Mapping[str, _Held]:
    sql = """SELECT a.assignment, a.person, a.from_date, a.until_date, p.post_kind, p.unit,
        p.authority FROM assignment a JOIN post p ON p.post = a.post"""
    return {
        row["assignment"]: _Held(
            person=row["person"],
            kind=row["post_kind"],
            unit=row["unit"],
            authority=row["authority"],
            first=day(row["from_date"]),
            end=day(row["until_date"]),
        )
        for row in catalog.rows(sql)
    }


def prove_powers(evidence: Evidence) -> Iterator[Finding]:
    """When settled: each acceptance and each notice had a letter in force for it.

    Source: R3.4; readings 3.
    """
    if not (evidence.settled and evidence.having("catalog", "intake")):
        return
    catalog = evidence.services["catalog"].database
    sql = """SELECT authority, window_unit, from_date, until_date, item_powers
        FROM authorisation_letter"""
    letters = list(catalog.rows(sql))
    windows = windows_of(evidence)
    accepted = {
        row.subject: row.recorded_at
        for row in evidence.services["intake"].audits
        if row.action.endswith("/AcceptCase") and row.outcome == OK
    }
    for case in evidence.cases.intake.values():
        acts = {"ACCEPT": accepted.get(case.number), "REQUEST_CORRECTION": case.noticed_at}
        for power, at in acts.items():
            if at is not None and not _lets(letters, windows, case, power, at):
                detail = f"{power} on {civil_day(at)} at {case.window_unit}"
                yield PowerMissing(service="intake", subject=case.number, detail=detail)


def _lets(
    letters: list[dict[str, Any]], windows: Windows, case: IntakeCase, power: str, at: datetime
) -> bool:
    for letter in letters:
        first, end = day(letter["from_date"]), day(letter["until_date"])
        covers = first is not None and end is not None and first <= civil_day(at) < end
        own = letter["authority"] == case.authority and windows.may(letter["window_unit"], case, at)
        if covers and own:
            powers = {each["item_code"]: each["powers"] for each in as_json(letter["item_powers"])}
            if power in powers.get(case.item_code, ()):
                return True
    return False
