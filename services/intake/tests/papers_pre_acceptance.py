"""The documents before acceptance, each of a case that needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from services.intake.adapters.pre_acceptance_printing import spot_findings
from services.intake.domain.document import DocumentKind
from services.intake.tests import builders as b
from services.intake.tests import pre_acceptance_builders as f
from services.intake.tests.papers import Paper

__all__ = ["CASES"]

_OVER = datetime(2026, 10, 13, 16, 0, tzinfo=UTC)


def _succeeded():
    terms = replace(b.TERMS, name="小餐饮登记（旧，示例）", successor_item="370306-01-001")
    case = b.incomplete(terms=terms, in_force=False)
    return f.told_not_required(case, successor_name="食品经营许可")


def _reminded():
    case = f.corrected("M04")
    f.remind(case)
    return case


def _noticed_again():
    case = f.corrected()
    f.propose(case, "M04")
    f.approve(case)
    return case


CASES = {
    "not_required_notice": Paper(_succeeded, DocumentKind.NOT_REQUIRED_NOTICE),
    "not_required_notice_plain": Paper(f.told_not_required, DocumentKind.NOT_REQUIRED_NOTICE),
    "acceptance_refusal": Paper(f.refused, DocumentKind.ACCEPTANCE_REFUSAL),
    "termination": Paper(lambda: f.terminated(at=_OVER), DocumentKind.TERMINATION),
    "withdrawal_record": Paper(f.withdrawn, DocumentKind.WITHDRAWAL_RECORD),
    "withdrawal_record_window": Paper(
        lambda: f.withdrawn(act=b.at_window(f.LATER), request="d" * 64, reason=""),
        DocumentKind.WITHDRAWAL_RECORD,
    ),
    "correction_reminder": Paper(_reminded, DocumentKind.CORRECTION_REMINDER),
    "further_notice": Paper(_noticed_again, DocumentKind.FURTHER_NOTICE),
    "filing_receipt": Paper(lambda: b.complete(terms=f.FILING), DocumentKind.FILING_RECEIPT),
    "grant_decision_on_the_spot": Paper(
        f.decide, DocumentKind.GRANT_DECISION, findings=spot_findings(f.decide())
    ),
}
