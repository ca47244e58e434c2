"""The register of numbers (文号): gapless, with what was voided in its place."""

from __future__ import annotations

from services.intake.domain import post_acceptance_rules, result_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.document import DECISIONS, Document, sealed_in_department
from services.intake.domain.post_acceptance_events import DocumentVoided
from services.intake.domain.values import Act, CaseState

__all__ = ["void"]


def void(case: Case, identity: str, reason: str, act: Act, *, lost: bool) -> Document:
    """Void a numbered document and draft it anew; return the new one, which takes the next number.

    A lost decision must be sealed and returned again, so the case waits for it.

    Source: readings 12; R4.7.
    """
    document = case.document(identity)
    of_department = sealed_in_department(document.kind) and not case.is_decided_on_the_spot
    if of_department:
        rules.require_department_post(case.number, act)
        post_acceptance_rules.require_own_document(document, act)
    else:
        rules.require_window_post(case.number, act)
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    post_acceptance_rules.require_voidable(document, lost=lost)
    if document.kind in DECISIONS and document.is_issued:
        under_way = case.state is CaseState.IN_DELIVERY
        result_rules.require_result_here(case.number, ready=not under_way)
        # Whatever was done to serve the lost one was done for nothing.
        case.service_open = case.announced_at = case.announced_until = None
        case.state = CaseState.DECIDED if case.state is CaseState.READY else case.state
    was_lost = document.is_issued
    document.void(reason, act.at)
    anew = case.draft(document.kind, act, signer=document.signer, authority=document.authority)
    for notice in case.process_notices:
        if notice.document == identity:
            notice.document = anew.document
    case.replaced(identity, anew.document)
    case.tell("DOCUMENT_VOIDED", act.at, act.unit, kind=document.kind.name, number=document.number)
    case.happened(
        DocumentVoided(
            case_number=case.number,
            document=identity,
            document_number=document.number,
            reason=reason,
            kind=document.kind.name,
            department=document.authority if of_department else "",
            lost=was_lost,
        )
    )
    return anew
