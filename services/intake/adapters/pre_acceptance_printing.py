"""What the documents before acceptance say: endings, notices, reminders, decisions on the spot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.intake.domain.case import Case, NoticeEntry
from services.intake.domain.case_history import FurtherNotice
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.values import CaseState, civil_day
from services.intake.ports import Findings

__all__ = ["front_persons", "pre_acceptance_facts", "spot_findings"]

_OF_ENDINGS = frozenset(
    {
        DocumentKind.NOT_REQUIRED_NOTICE,
        DocumentKind.ACCEPTANCE_REFUSAL,
        DocumentKind.TERMINATION,
        DocumentKind.WITHDRAWAL_RECORD,
    }
)


def pre_acceptance_facts(case: Case, document: Document) -> dict[str, Any]:
    """Return what the templates of these documents use beside what every template may."""
    return {
        "ending": case.endings[-1] if case.endings else None,
        "further": _further(case, document),
        "noticed_on": civil_day(case.noticed_at) if case.noticed_at else None,
        "entries": [
            (entry, case.material(entry.material_code).name) for entry in _entries(case, document)
        ],
    }


def front_persons(case: Case, document: Document) -> Iterable[str]:
    """Return the staff whom the document names; an account that withdrew is none."""
    if document.kind in _OF_ENDINGS and case.endings:
        ending = case.endings[-1]
        by_account = ending.kind is CaseState.WITHDRAWN and not ending.request_sha256
        return [] if by_account else [ending.ended_by]
    further = _further(case, document)
    if document.kind is DocumentKind.FURTHER_NOTICE and further is not None:
        return [further.proposed_by, further.approved_by]
    return []


def spot_findings(case: Case) -> Findings | None:
    """Return what a decision on the spot rests on; nobody else is asked for it."""
    if not case.spot_decisions:
        return None
    decision = case.spot_decisions[-1]
    return Findings(decision.facts, "", decision.legal_bases)


def _further(case: Case, document: Document) -> FurtherNotice | None:
    given = [each for each in case.further_notices if each.approved_at is not None]
    named = [each for each in given if each.document == document.document]
    return next(iter(named or given[-1:]), None)


def _entries(case: Case, document: Document) -> list[NoticeEntry]:
    further = _further(case, document)
    if document.kind is DocumentKind.FURTHER_NOTICE and further is not None:
        return case.entries_of(further.ordinal)
    if document.kind is DocumentKind.CORRECTION_REMINDER:
        return _repeated(case, document)
    return case.entries_of(0)


def _repeated(case: Case, document: Document) -> list[NoticeEntry]:
    """Return what the notices said of each material that a reminder repeats, the newest word."""
    [reminder] = [each for each in case.reminders if each.document == document.document]
    given = {
        each.ordinal for each in case.further_notices if _was_given(each, reminder.reminded_at)
    }
    said = {each.material_code: each for each in case.notice_entries if each.further in {0, *given}}
    return [said[code] for code in reminder.material_codes if code in said]


def _was_given(further: FurtherNotice, at: datetime) -> bool:
    return further.approved_at is not None and further.approved_at <= at
