"""Answers that are no acceptance: not required (不受理), refused (不予受理), terminated (终止)."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import pre_acceptance_rules, result_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.case_history import Ending
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.item_terms import Remedies
from services.intake.domain.pre_acceptance_events import (
    AcceptanceRefused,
    CaseNotRequired,
    CaseTerminated,
)
from services.intake.domain.values import Act, CaseState, Power
from workdays import WorkCalendar

__all__ = ["CompetentAuthority", "Ground", "refuse", "tell_not_required", "terminate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why, and under which clauses, as the document prints them."""

    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetentAuthority:
    """The authority to apply to, and whether a window accepts for it."""

    name: str
    served: bool


def tell_not_required(
    case: Case,
    ground: Ground,
    act: Act,
    *,
    powers: frozenset[Power],
    successor_name: str,
    calendar: WorkCalendar,
) -> Document:
    """Tell that the item needs no licence, or names its successor; return the document.

    Source: 行政许可法 第三十二条第一款第一项, 第三十二条第二款; readings 3, 4.
    """
    _require_answerable(case, Power.NOT_REQUIRED, act, powers, calendar)
    document = case.draft(DocumentKind.NOT_REQUIRED_NOTICE, act)
    case.end(
        Ending(
            case_number=case.number,
            kind=CaseState.NOT_REQUIRED,
            ended_at=act.at,
            ended_by=act.person,
            document=document.document,
            reason=ground.reason,
            legal_basis=ground.legal_basis,
            successor_item=case.terms.successor_item,
            successor_name=successor_name,
        )
    )
    case.remember_front(act.person)
    case.tell("CASE_NOT_REQUIRED", act.at, act.unit)
    case.happened(
        CaseNotRequired(
            case_number=case.number,
            told_by=act.person,
            tell_time=act.at,
            successor_item=case.terms.successor_item,
        )
    )
    return document


def refuse(
    case: Case,
    competent: CompetentAuthority,
    ground: Ground,
    act: Act,
    *,
    powers: frozenset[Power],
    remedies: Remedies,
    calendar: WorkCalendar,
) -> Document:
    """Refuse acceptance and name the authority to apply to; return the document.

    Source: 行政许可法 第三十二条第一款第二项, 第三十二条第二款; readings 3, 4, 11.
    """
    _require_answerable(case, Power.REFUSE_ACCEPTANCE, act, powers, calendar)
    pre_acceptance_rules.require_not_served(case.number, competent.name, served=competent.served)
    result_rules.require_remedies(case.number, remedies)
    document = case.draft(DocumentKind.ACCEPTANCE_REFUSAL, act)
    case.end(
        Ending(
            case_number=case.number,
            kind=CaseState.REFUSED,
            ended_at=act.at,
            ended_by=act.person,
            document=document.document,
            reason=ground.reason,
            legal_basis=ground.legal_basis,
            competent_authority=competent.name,
        )
    )
    case.remember_front(act.person)
    case.tell("ACCEPTANCE_REFUSED", act.at, act.unit, authority=competent.name)
    case.happened(
        AcceptanceRefused(
            case_number=case.number,
            refused_by=act.person,
            refuse_time=act.at,
            competent_authority=competent.name,
        )
    )
    return document


def terminate(
    case: Case,
    act: Act,
    *,
    powers: frozenset[Power],
    remedies: Remedies,
    calendar: WorkCalendar,
) -> Document:
    """End a case whose period for correction passed; return the document.

    Only the period that the item's own law gives ends it; otherwise it waits.

    Source: readings 8, 11.
    """
    _require_answerable(case, Power.REFUSE_ACCEPTANCE, act, powers, calendar)
    case.require_noticed()
    limit = case.terms.correction_limit
    last = pre_acceptance_rules.require_correction_limit(
        case.number, pre_acceptance_rules.correction_due(limit, case.last_noticed_at, calendar)
    )
    pre_acceptance_rules.require_outstanding(case.number, case.defective)
    pre_acceptance_rules.require_correction_over(case.number, last, act.at)
    result_rules.require_remedies(case.number, remedies)
    source = limit.source if limit is not None else ""
    document = case.draft(DocumentKind.TERMINATION, act)
    case.end(
        Ending(
            case_number=case.number,
            kind=CaseState.TERMINATED,
            ended_at=act.at,
            ended_by=act.person,
            document=document.document,
            legal_basis=source,
        )
    )
    case.tell("CASE_TERMINATED", act.at, act.unit)
    case.happened(CaseTerminated(case_number=case.number, terminate_time=act.at, source=source))
    return document


def _require_answerable(
    case: Case, power: Power, act: Act, powers: frozenset[Power], calendar: WorkCalendar
) -> None:
    rules.require_window_post(case.number, act)
    rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    accepted = case.standing(act.at, calendar).accepted_at is not None
    rules.require_not_accepted(case.number, accepted=accepted)
    rules.require_power(case.number, power, powers)
