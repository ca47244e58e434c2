"""A withdrawal and a decision that meet: the earlier instant wins, whichever was heard of first."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain import pre_acceptance_rules
from services.intake.domain.case import Case
from services.intake.domain.values import CaseState

__all__ = ["decision_has_effect"]


def decision_has_effect(case: Case, decided_at: datetime, unit: str) -> bool:
    """Tell whether a decision that became known has effect; if so, a later withdrawal has none.

    Facts of two services meet here in any order and leave the same file.

    Source: domain.md 1.8; 行政许可法 第三十八条.
    """
    withdrawn = case.withdrawal
    if withdrawn is None:
        return True
    if not pre_acceptance_rules.decision_stands(decided_at, withdrawn.ended_at):
        case.tell("DECISION_WITHOUT_EFFECT", decided_at, unit)
        return False
    if not withdrawn.overtaken:
        withdrawn.overtaken = True
        case.state = CaseState.ACCEPTED
        case.tell("WITHDRAWAL_OVERTAKEN", withdrawn.ended_at, unit)
    return True
