"""The check on the site (现场核查), as the file of the case keeps it."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain.case import Case
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.values import Act

__all__ = ["record", "which_of_them"]


def record(case: Case, at: datetime, unit: str) -> Document:
    """Draft the record of one more check (现场核查笔录); the checkers and the applicant sign it.

    Source: 行政许可法 第三十四条第三款.
    """
    case.tell("SITE_CHECK_RECORDED", at, unit)
    authority = unit if unit in case.authorities else case.authority
    act = Act(at=at, unit=unit)
    return case.draft(DocumentKind.SITE_CHECK_RECORD, act, authority=authority)


def which_of_them(case: Case, document: Document) -> int:
    """Return which check of its authority `document` records, from 0.

    Each check was told and drafted in turn.
    """
    records = [
        each
        for each in case.documents
        if each.kind is DocumentKind.SITE_CHECK_RECORD and each.authority == document.authority
    ]
    return records.index(document)
