"""The documents of an ordinary case, from its receipt to its hand-out."""

from __future__ import annotations

from services.intake.domain import acceptance, bundle, site_check
from services.intake.domain.document import DocumentKind
from services.intake.domain.values import Act, Channel, DecisionOutcome, HandedIn
from services.intake.tests import builders as b
from services.intake.tests.papers import UNFIT, Paper


def _deemed():
    case = b.incomplete()
    acceptance.settle(case, Act(at=b.DEADLINE), b.CALENDAR)
    return case


def _taken_over():
    case = b.handed_over()
    bundle.receive(case, "B-1", 3, b.at_department())
    return case


def _cured_by_upload():
    case = b.noticed()
    b.correct(case, "M04", "M05")
    return b.accepted(case)


def _served():
    case = b.ready()
    b.hand_out(case)
    return case


def _online():
    return b.received(*b.on_paper("M01"), act=b.online(b.RECEIVED), channel=Channel.ONLINE)


def _counted():
    return b.received(
        HandedIn(material_code="M01", paper_pieces=2, copies=1, pages=6),
        HandedIn(material_code="M04", paper_pieces=1, copies=0, pages=12),
        HandedIn(material_code="M05", paper_pieces=2, copies=2, pages=2),
    )


def _checked():
    case = b.accepted()
    site_check.record(case, b.NEXT_DAY, b.AUTHORITY)
    return case


CASES = {
    "materials_receipt_online": Paper(_online, DocumentKind.MATERIALS_RECEIPT),
    "site_check_record": Paper(_checked, DocumentKind.SITE_CHECK_RECORD),
    "materials_receipt_counted": Paper(_counted, DocumentKind.MATERIALS_RECEIPT),
    "materials_receipt": Paper(b.incomplete, DocumentKind.MATERIALS_RECEIPT),
    "one_time_notice": Paper(b.noticed, DocumentKind.ONE_TIME_NOTICE),
    "acceptance_notice": Paper(b.accepted, DocumentKind.ACCEPTANCE_NOTICE),
    "acceptance_notice_corrected": Paper(_cured_by_upload, DocumentKind.ACCEPTANCE_NOTICE),
    "acceptance_notice_deemed": Paper(_deemed, DocumentKind.ACCEPTANCE_NOTICE),
    "handover_record": Paper(_taken_over, DocumentKind.HANDOVER_RECORD),
    "handover_record_result": Paper(b.returned, DocumentKind.HANDOVER_RECORD),
    "grant_decision": Paper(b.decided, DocumentKind.GRANT_DECISION),
    "denial_decision": Paper(
        lambda: b.decided(outcome=DecisionOutcome.DENIED),
        DocumentKind.DENIAL_DECISION,
        findings=UNFIT,
    ),
    "proof_of_service": Paper(_served, DocumentKind.PROOF_OF_SERVICE),
}
