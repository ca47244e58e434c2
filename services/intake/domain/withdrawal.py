"""Withdrawal (撤回): the applicant's own, before the decision; the earlier instant wins."""

from __future__ import annotations

from services.intake.domain import decisions, pre_acceptance_rules, rules
from services.intake.domain.case import Case
from services.intake.domain.case_history import Ending
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.pre_acceptance_events import CaseWithdrawn
from services.intake.domain.values import Act, CaseState, PostKind

__all__ = ["withdraw"]


def withdraw(case: Case, reason: str, request_sha256: str, act: Act) -> Document:
    """Withdraw the application; return the record of it (撤回申请确认书).

    Source: domain.md 1.8; readings 8.
    """
    if act.post_kind != PostKind.APPLICANT:
        rules.require_window_post(case.number, act)
        rules.require_receiving_window(case.number, case.window_unit, act, name=case.window_name)
    pre_acceptance_rules.require_open(case.number, case.state)
    pre_acceptance_rules.require_undecided(case.number, case.decided_at)
    pre_acceptance_rules.require_signed_request(case.number, request_sha256, act)
    document = case.draft(DocumentKind.WITHDRAWAL_RECORD, act)
    case.end(
        Ending(
            case_number=case.number,
            kind=CaseState.WITHDRAWN,
            ended_at=act.at,
            ended_by=act.person,
            document=document.document,
            reason=reason,
            request_sha256=request_sha256,
        )
    )
    case.tell("CASE_WITHDRAWN", act.at, act.unit or case.window_unit)
    decisions.close_withdrawn(case)
    case.happened(CaseWithdrawn(case_number=case.number, withdraw_time=act.at))
    return document
