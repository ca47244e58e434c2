"""What each authority decides, and by when (联合办理: one decision per authority)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.intake.domain import joint_rules, overtaking
from services.intake.domain.case import Case
from services.intake.domain.case_parts import Bundle, Direction
from services.intake.domain.document import DECISIONS, Document, DocumentKind
from services.intake.domain.events import AuthorityTask
from services.intake.domain.records import CaseDecision
from services.intake.domain.rules import promise_within_law
from services.intake.domain.values import Act, CaseState, DecisionOutcome
from workdays import Due, WorkCalendar

__all__ = [
    "Decided",
    "close_withdrawn",
    "decision_of",
    "documents_of_decisions",
    "follow_dates",
    "is_decided",
    "open_parts",
    "recompute",
    "record",
    "result_is_here",
    "returned",
    "statutory_day",
    "tasks",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision of one authority, as the review made it known."""

    decider: str
    outcome: DecisionOutcome
    decided_at: datetime
    promise_due: Due
    statutory_due: Due | None
    authority: str = ""  # the lead where none is named


def open_parts(case: Case, calendar: WorkCalendar) -> None:
    """Give each authority of a case that is accepted its dates, where several decide.

    Source: 行政许可法 第四十二条第二款; readings 21.
    """
    if case.is_joint:
        for part in joint_rules.parts_of(case.terms):
            decision_of(case, part.authority)
        recompute(case, calendar)


def recompute(case: Case, calendar: WorkCalendar) -> None:
    """Compute the dates of each authority again, unless it decided or the review gave them.

    Source: readings 19, 21.
    """
    accepted_at = case.accepted_at
    if accepted_at is None:
        raise ValueError(f"{case.number} is not accepted")
    instants = case.instants(accepted_at, case.completed_at or accepted_at)
    for each in case.decisions:
        if each.decided_at is None and not each.dated_by_review and case.is_joint:
            part = joint_rules.part_of(case.terms, each.authority)
            each.promise(*joint_rules.part_dates(part, instants, calendar))
    _keep_latest(case)


def tasks(case: Case, calendar: WorkCalendar) -> tuple[AuthorityTask, ...]:
    """Return the work of each authority, the lead first; the paper goes to the lead only.

    Source: 行政许可法 第二十六条第二款; readings 13, 21.
    """
    accepted_at = case.accepted_at
    if not case.is_joint or accepted_at is None:
        return ()
    instants = case.instants(accepted_at, case.completed_at or accepted_at)
    found = []
    for part in joint_rules.parts_of(case.terms):
        statutory, promised = joint_rules.part_dates(part, instants, calendar)
        found.append(
            AuthorityTask(
                authority=part.authority,
                name=part.name,
                statutory_limit=joint_rules.part_limit(part, instants, calendar),
                promised_limit=part.promised_limit,
                statutory_due=statutory,
                promise_due=promised,
                persons_required=part.persons_required,
                site_check_required=part.site_check_required,
                prerequisites=part.prerequisites,
                has_paper=part.authority == case.authority and case.paper_pieces > 0,
                remedies_known=bool(part.review_body and part.court),
            )
        )
    return tuple(found)


def statutory_day(case: Case, authority: str) -> date | None:
    """Return the last day the law allows `authority` as it stands, that of the case if alone."""
    if case.is_joint:
        return decision_of(case, authority).statutory_due_on
    return case.statutory_due_on


def decision_of(case: Case, authority: str) -> CaseDecision:
    """Return what `authority` decides on the case; the place for it is made where there is none."""
    for each in case.decisions:
        if each.authority == authority:
            return each
    joint_rules.part_of(case.terms, authority)
    place = case.authorities.index(authority) + 1
    made = CaseDecision(case_number=case.number, authority=authority, ordinal=place)
    case.decisions.append(made)
    return made


def follow_dates(case: Case, authority: str, statutory: Due | None, promised: Due) -> None:
    """Keep the dates as the review computed them: extended, or without the time that is excluded.

    Dates at the decision stay: the clocks stopped there.

    Source: 行政许可法 第四十二条, 第四十五条; readings 18, 19.
    """
    decision = decision_of(case, authority)
    if decision.decided_at is not None:
        return
    decision.promise(statutory, promise_within_law(promised, statutory))
    decision.dated_by_review = True
    _keep_latest(case)


def _keep_latest(case: Case) -> None:
    dates = [
        (each.statutory_due, each.promise_due)
        for each in case.decisions
        if each.promise_due is not None
    ]
    case.promise(
        *joint_rules.latest((law, promised) for law, promised in dates if promised is not None)
    )


def record(case: Case, decided: Decided, unit: str) -> Document | None:
    """Note the decision of one authority and draft its document, to be signed by who decided.

    The case is decided when every authority has decided; a denial holds no
    other back. Nothing happens where this authority has decided already.

    Source: 行政许可法 第二十六条第二款, 第三十七条, 第三十八条; readings 19, 21.
    """
    authority = decided.authority or case.authority
    if authority in _decided_authorities(case):
        return None
    if not overtaking.decision_has_effect(case, decided.decided_at, unit):
        return None
    decision = decision_of(case, authority)
    decision.decided_at, decision.decider = decided.decided_at, decided.decider
    decision.outcome = decided.outcome
    promised = promise_within_law(decided.promise_due, decided.statutory_due)
    decision.promise(decided.statutory_due, promised)
    decision.dated_by_review = True
    _keep_latest(case)
    facts = {"authority": _authority_name(case, authority)} if case.is_joint else {}
    code = f"DECISION_{decided.outcome.name}"
    case.tell(f"PART_{code}" if case.is_joint else code, decided.decided_at, unit, **facts)
    if is_decided(case):
        _close(case)
    granted = decided.outcome is DecisionOutcome.GRANTED
    kind = DocumentKind.GRANT_DECISION if granted else DocumentKind.DENIAL_DECISION
    act = Act(at=decided.decided_at, person=decided.decider)
    return case.draft(kind, act, signer=decided.decider, authority=authority)


def _authority_name(case: Case, authority: str) -> str:
    return joint_rules.part_of(case.terms, authority).authority_name


def _close(case: Case) -> None:
    made = [(each.decided_at, each) for each in case.decisions if each.decided_at is not None]
    case.decided_at, last = max(made, key=lambda pair: (pair[0], pair[1].ordinal))
    case.decider = last.decider
    case.outcome = joint_rules.outcome_of_all(each.outcome for _, each in made)
    case.state = CaseState.DECIDED


def close_withdrawn(case: Case) -> None:
    """Close a case that was withdrawn after some of its authorities had decided: those stand.

    Source: readings 21; domain.md 1.8.
    """
    if is_decided(case) and case.withdrawal is not None:
        case.withdrawal.overtaken = True
        _close(case)


def is_decided(case: Case) -> bool:
    """Tell whether every authority of the case has decided that still will.

    Once the applicant withdrew, those that had not decided never do.

    Source: readings 21.
    """
    decided = set(_decided_authorities(case))
    return bool(decided) and (case.withdrawal is not None or decided >= set(case.authorities))


def _decided_authorities(case: Case) -> list[str]:
    return [each.authority for each in case.decisions if each.decided_at is not None]


def documents_of_decisions(case: Case, authority: str = "") -> list[Document]:
    """Return the decisions in force, of `authority` or of all; a voided one is none."""
    return [
        each
        for each in case.documents
        if each.kind in DECISIONS and not each.is_voided and authority in ("", each.authority)
    ]


def returned(case: Case, authority: str) -> Bundle | None:
    """Return the bundle with the result of `authority`: sent after its decision was issued.

    A decision that was lost and made anew is returned anew.

    Source: R4.7; readings 12.
    """
    document = next(iter(documents_of_decisions(case, authority)), None)
    issued_at = None if document is None else document.issued_at
    if issued_at is None:
        return None
    sent = [
        each
        for each in case.bundles
        if each.direction is Direction.TO_WINDOW
        and (each.authority or case.authority) == authority
        and not each.lost_at
        and each.sent_at >= issued_at
    ]
    return max(sent, key=lambda each: each.ordinal, default=None)


def result_is_here(case: Case) -> bool:
    """Tell whether the result of every authority has come back to the accepting window.

    Source: R4.7; readings 21.
    """
    bundles = [returned(case, authority) for authority in _decided_authorities(case)]
    return is_decided(case) and all(
        each is not None and each.received_at is not None for each in bundles
    )
