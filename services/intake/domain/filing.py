"""Filing (备案): the full information received is the filing; nobody accepts or decides it."""

from __future__ import annotations

from services.intake.domain.case import Case
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.pre_acceptance_events import FilingRecorded
from services.intake.domain.values import Act, CaseState

__all__ = ["record"]


def record(case: Case, act: Act) -> Document | None:
    """Record the filing as of the arrival of what completed it; return its receipt (备案回执).

    Nothing happens to what is no filing, not complete, or recorded already.

    Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
    """
    filed_at = case.filed_as_of
    if filed_at is None or case.state is CaseState.FILED:
        return None
    case.filed_at = filed_at
    case.state = CaseState.FILED
    case.tell("CASE_FILED", filed_at, case.window_unit)
    case.happened(
        FilingRecorded(case_number=case.number, authority=case.authority, file_time=filed_at)
    )
    return case.draft(DocumentKind.FILING_RECEIPT, act)
