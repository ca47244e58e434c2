"""The statutory documents, word by word: a golden file for each (domain.md 3).

A wanted change of wording is made in the template and in the golden file, and
read by whoever answers for the wording.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servicekit.printing import DEMONSTRATION_MARK
from servicekit.texts import DocumentTemplates
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.printing import DocumentPrinter, PrintJob, persons_of, units_of
from services.intake.domain import acceptance, bundle, site_check
from services.intake.domain.document import FORMS, DocumentKind
from services.intake.domain.errors import RemediesMissingError
from services.intake.domain.values import Act, Channel, DecisionOutcome
from services.intake.ports import Findings, SiteCheck
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
SITE_CHECK = SiteCheck(
    check_time=datetime(2026, 9, 22, 1, 30, tzinfo=UTC),
    place="周村区丝市街12号",
    checkers=("p-checker", "p-reviewer"),
    findings="经营场所布局与布局图一致，原料区、加工区、就餐区分开，设备设施齐全。",
    complies=True,
)
NAMES = {
    "p-clerk": "王芳（示例）",
    "p-colleague": "李伟（示例）",
    "p-reviewer": "赵敏（示例）",
    "p-checker": "孙强（示例）",
    b.W01: "综合受理窗口（1号）",
    b.AUTHORITY: "周村区行政审批服务局",
}


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


def _checked():
    case = b.accepted()
    site_check.record(case, b.NEXT_DAY, b.AUTHORITY)
    return case


CASES = {
    "materials_receipt_online": (_online, DocumentKind.MATERIALS_RECEIPT),
    "site_check_record": (_checked, DocumentKind.SITE_CHECK_RECORD),
    "materials_receipt": (b.incomplete, DocumentKind.MATERIALS_RECEIPT),
    "one_time_notice": (b.noticed, DocumentKind.ONE_TIME_NOTICE),
    "acceptance_notice": (b.accepted, DocumentKind.ACCEPTANCE_NOTICE),
    "acceptance_notice_corrected": (_cured_by_upload, DocumentKind.ACCEPTANCE_NOTICE),
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
    job = PrintJob(
        case=case,
        document=document,
        applicant=b.ADDRESSEE,
        signed_for="王小丽",
        findings=FINDINGS,
        site_check=SITE_CHECK if kind is DocumentKind.SITE_CHECK_RECORD else None,
    )
    return replace(job, names={each: NAMES[each] for each in persons_of(job) | units_of(job)})


@pytest.mark.parametrize("name", CASES)
def test_a_document_says_word_by_word_what_its_golden_file_says(printer, name):
    golden = (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")
    assert printer.xml(_job(name)) == golden


@pytest.mark.parametrize("name", CASES)
def test_nobody_reads_an_opaque_identity_or_the_code_of_a_unit(printer, name):
    xml = printer.xml(_job(name))
    assert "p-" not in xml
    assert "a-1" not in xml
    assert f'"{b.W01}"' not in xml
    assert f'"{b.AUTHORITY}"' not in xml


def test_a_person_the_catalogue_does_not_know_is_printed_as_such(printer):
    job = _job("proof_of_service")
    stranger = replace(job, names={"p-colleague": None})
    assert 'value="p-colleague（未登记）"' in printer.xml(stranger)


def test_art_34_3_a_record_says_also_that_the_substance_does_not_comply(printer):
    job = _job("site_check_record")
    found = replace(job, site_check=replace(SITE_CHECK, complies=False))
    assert "实质内容不符合要求" in printer.xml(found)
    assert "实质内容符合要求" in printer.xml(job)


def test_art_34_3_every_checker_and_the_applicant_have_a_field_to_sign(printer):
    xml = printer.xml(_job("site_check_record"))
    assert xml.count('<field label="核查人员签名"/>') == len(SITE_CHECK.checkers)
    assert '<field label="申请人签名"/>' in xml
    assert "<seal-place" not in xml


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
