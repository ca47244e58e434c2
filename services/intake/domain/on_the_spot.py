"""On-the-spot items (即办件): accepted and granted in one step by whom the letter names.

The separation of acceptance and decision is the letter's here: it names the
person, only a grant is possible, and whatever must be verified goes the
promised way, where the separation holds in full.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import decisions, pre_acceptance_rules, result_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.case_history import SpotDecision
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.pre_acceptance_events import DecidedOnTheSpot, TurnedIntoPromised
from services.intake.domain.values import (
    Act,
    CaseState,
    DecisionOutcome,
    Power,
    WindowPowers,
)
from workdays import Due, WorkCalendar

__all__ = ["Finding", "decide", "turn_into_promised"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is decided, on which facts and clauses, and with which certificate."""

    outcome: DecisionOutcome
    facts: str
    legal_bases: tuple[str, ...]
    certificate_number: str


def decide(
    case: Case, finding: Finding, letter: WindowPowers, act: Act, calendar: WorkCalendar
) -> Document:
    """Accept and grant at one instant; return the decision, to be sealed by who decided.

    Source: 行政许可法 第三十四条第二款; R4.6a; readings 2.
    """
    _require_undetermined(case, act, calendar)
    pre_acceptance_rules.require_grant(case.number, finding.outcome)
    rules.require_power(case.number, Power.DECIDE_ON_THE_SPOT, letter.powers)
    pre_acceptance_rules.require_named(
        case.number, act.person, letter.on_the_spot_deciders, letter.letter
    )
    rules.require_complete(case.number, case.defective, case.terms)
    result_rules.require_certificate(
        case.number, case.terms, finding.outcome, finding.certificate_number
    )
    _decided(case, finding, act, calendar)
    document = case.draft(DocumentKind.GRANT_DECISION, act, signer=act.person)
    case.spot_decisions.append(
        SpotDecision(
            case_number=case.number,
            decider=act.person,
            letter=letter.letter,
            facts=finding.facts,
            legal_bases=finding.legal_bases,
            decided_at=act.at,
            document=document.document,
        )
    )
    case.tell("DECIDED_ON_THE_SPOT", act.at, act.unit)
    case.happened(_event(case, letter.letter, act))
    return document


def _decided(case: Case, finding: Finding, act: Act, calendar: WorkCalendar) -> None:
    case.accepted_at = case.completed_at = case.decided_at = act.at
    case.accepted_by = case.decider = act.person
    case.outcome = finding.outcome
    case.certificate_number = finding.certificate_number
    case.remember_front(act.person)
    statutory, _ = case.dates(act.at, act.at, calendar)
    promised = rules.limit_due(
        case.terms.promised_limit,
        received_at=case.received_at,
        completed_at=act.at,
        accepted_at=act.at,
        calendar=calendar,
    )
    case.promise(statutory, rules.promise_within_law(promised, statutory))
    case.state = CaseState.DECIDED
    row = decisions.decision_of(case, case.authority)
    row.decided_at, row.decider, row.outcome = act.at, act.person, finding.outcome
    row.certificate_number = finding.certificate_number
    row.promise(statutory, rules.promise_within_law(promised, statutory))


def _event(case: Case, letter: str, act: Act) -> DecidedOnTheSpot:
    promised = case.promise_due
    if promised is None:
        raise ValueError(f"{case.number} has no promise")
    return DecidedOnTheSpot(
        case_number=case.number,
        authority=case.authority,
        window_unit=case.window_unit,
        unit_path=case.unit_path,
        decider=act.person,
        letter=letter,
        outcome=case.outcome.name,
        decide_time=act.at,
        promise_kept=_is_kept(promised, act),
        statutory_kept=_is_kept(case.statutory_due, act),
        promise_due=promised,
        has_paper=case.paper_pieces > 0,
    )


def _is_kept(last: Due | None, act: Act) -> bool:
    return last is None or act.at < last.at


def turn_into_promised(case: Case, reason: str, act: Act, calendar: WorkCalendar) -> None:
    """Turn the case into a promised one, because its substance must be verified.

    Source: 行政许可法 第三十四条第三款; readings 2.
    """
    _require_undetermined(case, act, calendar)
    case.turned_at, case.turned_by = act.at, act.person
    case.remember_front(act.person)
    case.tell("TURNED_INTO_PROMISED", act.at, act.unit, reason=reason)
    case.happened(TurnedIntoPromised(case_number=case.number, turned_by=act.person))


def _require_undetermined(case: Case, act: Act, calendar: WorkCalendar) -> None:
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_on_the_spot(case.number, case.terms)
    pre_acceptance_rules.require_open(case.number, case.state)
    pre_acceptance_rules.require_not_turned(case.number, case.turned_at)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
