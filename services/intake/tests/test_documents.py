"""The statutory documents, word by word: a golden file for each (domain.md 3).

A wanted change of wording is made in the template and in the golden file, and
read by whoever answers for the wording.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from servicekit.printing import DEMONSTRATION_MARK
from servicekit.texts import DocumentTemplates
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.printing import DocumentPrinter, PrintJob
from services.intake.domain import acceptance, bundle
from services.intake.domain.document import FORMS, DocumentKind
from services.intake.domain.errors import RemediesMissingError
from services.intake.domain.values import Act, DecisionOutcome
from services.intake.ports import Findings
from services.intake.tests import builders as b

GOLDEN = Path(__file__).with_name("golden")
PACKAGE = "services.intake"
FINDINGS = Findings(
    facts="经现场核查，经营场所布局合理，设备设施齐全。",
    reasons="申请符合食品经营许可条件。",
    legal_bases=(
        "《中华人民共和国食品安全法》第三十五条",
        "《食品经营许可和备案管理办法》第十二条",
    ),
)


@pytest.fixture(scope="module")
def printer():
    return DocumentPrinter(
        DocumentTemplates(PACKAGE), DocumentNames.load(PACKAGE), DEMONSTRATION_MARK
    )


def _numbered(case):
    for document in case.documents:
        if document.awaits_number:
            document.take_number(
                year=2026, site="01", ordinal=1, number="周审批某字〔2026〕01-00001号"
            )
    return case


def _deemed():
    case = b.incomplete()
    acceptance.settle(case, Act(at=b.DEADLINE), b.CALENDAR)
    return case


def _taken_over():
    case = b.handed_over()
    bundle.receive(case, "B-1", 3, b.at_department())
    return case


def _served():
    case = b.ready()
    b.hand_out(case)
    return case


CASES = {
    "materials_receipt": (b.incomplete, DocumentKind.MATERIALS_RECEIPT),
    "one_time_notice": (b.noticed, DocumentKind.ONE_TIME_NOTICE),
    "acceptance_notice": (b.accepted, DocumentKind.ACCEPTANCE_NOTICE),
    "acceptance_notice_deemed": (_deemed, DocumentKind.ACCEPTANCE_NOTICE),
    "handover_record": (_taken_over, DocumentKind.HANDOVER_RECORD),
    "handover_record_result": (b.returned, DocumentKind.HANDOVER_RECORD),
    "grant_decision": (b.decided, DocumentKind.GRANT_DECISION),
    "denial_decision": (
        lambda: b.decided(outcome=DecisionOutcome.DENIED),
        DocumentKind.DENIAL_DECISION,
    ),
    "proof_of_service": (_served, DocumentKind.PROOF_OF_SERVICE),
}


def _job(name):
    make, kind = CASES[name]
    case = _numbered(make())
    document = [each for each in case.documents if each.kind is kind][-1]
    return PrintJob(
        case=case, document=document, applicant=b.ADDRESSEE, signed_for="王小丽", findings=FINDINGS
    )


@pytest.mark.parametrize("name", CASES)
def test_a_document_says_word_by_word_what_its_golden_file_says(printer, name):
    golden = (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")
    assert printer.xml(_job(name)) == golden


@pytest.mark.parametrize("name", CASES)
def test_every_document_prints_and_twice_the_same(printer, name):
    job = _job(name)
    xml = printer.xml(job)
    pdf = printer.pdf(xml, job.document.drafted_at)
    assert pdf.startswith(b"%PDF-")
    assert pdf == printer.pdf(xml, job.document.drafted_at)


def test_every_kind_has_its_golden_file():
    assert {kind for _, kind in CASES.values()} == set(FORMS)
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(CASES)


def test_no_document_prints_the_whole_identity_number(printer):
    for name in CASES:
        xml = printer.xml(_job(name))
        assert b.ADDRESSEE.identity_number not in xml
        assert b.ADDRESSEE.phone not in xml


def test_art_38_2_a_denial_without_remedies_is_not_printed(printer):
    job = _job("denial_decision")
    job.case.terms = replace(job.case.terms, review_body="")
    with pytest.raises(RemediesMissingError):
        printer.xml(job)


def test_what_a_clerk_types_cannot_change_the_form(printer):
    case = b.accepted()
    case.summary = "</paragraph><note>免费</note>"
    b.decided(case)
    document = b.find(case, DocumentKind.GRANT_DECISION)
    job = PrintJob(
        case=_numbered(case), document=document, applicant=b.ADDRESSEE, findings=FINDINGS
    )
    assert "<note>免费" not in printer.xml(job)
