"""The statutory documents, word by word: a golden file for each (domain.md 3).

A wanted change of wording is made in the template and in the golden file, and
read by whoever answers for the wording.
"""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from servicekit.printing import DEMONSTRATION_MARK
from servicekit.texts import DocumentTemplates
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.printing import DocumentPrinter, PrintJob
from services.intake.domain.document import ADVERSE, FORMS, DocumentKind
from services.intake.domain.errors import RemediesMissingError
from services.intake.domain.item_terms import Remedies
from services.intake.tests import builders as b
from services.intake.tests.papers import FINDINGS, GOLDEN, SITE_CHECK, all_papers, job_of, numbered

PACKAGE = "services.intake"
CASES = all_papers()
# Codes that stand on paper as they are, and those that the tests made up for them.
CODES = re.compile(r"EMS|A1\?QUERYCODE|A1|QUERYCODE|M0\d|B-\d|JY1|370306-01-\d{3}|S1")
LATIN = re.compile(r"[A-Za-z]")
PLACEHOLDER = re.compile(r"\{|\}|None|待定|待填|某某|XX|□|_{2}|\?\?")
ISO_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d")
DATE = re.compile(r"\d+年\d+月\d+日")
GOOD_DATE = re.compile(r"20\d\d年([1-9]|1[0-2])月([1-9]|[12]\d|3[01])日")


@pytest.fixture(scope="module")
def printer():
    return DocumentPrinter(
        DocumentTemplates(PACKAGE), DocumentNames.load(PACKAGE), DEMONSTRATION_MARK
    )


def said(xml):
    """Return all that a reader sees: every text and every attribute but the codes of the form."""
    root = ET.fromstring(xml)
    words = []
    for element in root.iter():
        words.append(element.text or "")
        seen = ("authority", "title", "number", "label", "value", "caption", "date")
        words += [element.get(name, "") for name in seen]
    return "\n".join(word.strip() for word in words if word.strip())


@pytest.mark.parametrize("name", CASES)
def test_a_document_says_word_by_word_what_its_golden_file_says(printer, name):
    golden = (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")
    assert printer.xml(job_of(CASES[name])) == golden


@pytest.mark.parametrize("name", CASES)
def test_nobody_reads_an_opaque_identity_or_the_code_of_a_unit(printer, name):
    xml = printer.xml(job_of(CASES[name]))
    assert "p-" not in xml
    assert "a-1" not in xml
    assert f'"{b.W01}"' not in xml
    assert f'"{b.AUTHORITY}"' not in xml


@pytest.mark.parametrize("name", CASES)
def test_a_document_is_chinese_but_for_codes(printer, name):
    words = CODES.sub("", said(printer.xml(job_of(CASES[name]))))
    assert LATIN.findall(words) == []


@pytest.mark.parametrize("name", CASES)
def test_a_document_has_no_gap_and_no_placeholder(printer, name):
    xml = printer.xml(job_of(CASES[name]))
    assert PLACEHOLDER.findall(xml.replace("A1?QUERYCODE", "")) == []
    cells = re.findall(r"<cell[^>]*>(.*?)</cell>", xml)
    labelled = re.findall(r"<row><cell>[^<]+</cell><cell>(.*?)</cell></row>", xml)
    assert all(cell.strip() for cell in labelled) or len(labelled) == 0, cells


@pytest.mark.parametrize("name", CASES)
def test_dates_are_written_as_an_official_document_writes_them(printer, name):
    words = CODES.sub("", said(printer.xml(job_of(CASES[name]))))
    assert ISO_DATE.findall(words) == []
    assert all(GOOD_DATE.fullmatch(date) for date in DATE.findall(words))


@pytest.mark.parametrize("name", CASES)
def test_a_document_bears_a_number_exactly_where_its_kind_has_one(printer, name):
    job = job_of(CASES[name])
    header = ET.fromstring(printer.xml(job)).find("header")
    assert bool(header.get("number")) is FORMS[job.document.kind].numbered
    assert bool(job.document.number) is FORMS[job.document.kind].numbered


ADVERSE_CASES = [name for name, paper in CASES.items() if paper.kind in ADVERSE]


@pytest.mark.parametrize("name", ADVERSE_CASES)
def test_readings_11_every_adverse_document_names_body_court_and_periods(printer, name):
    words = said(printer.xml(job_of(CASES[name])))
    for needed in ("周村区人民政府", "淄博市周村区人民法院", "六十日内", "六个月内"):
        assert needed in words


@pytest.mark.parametrize("name", CASES)
def test_a_sealed_document_leaves_room_for_seal_and_date(printer, name):
    job = job_of(CASES[name])
    place = ET.fromstring(printer.xml(job)).find("seal-place")
    sealed = FORMS[job.document.kind].seal.name != "NONE"
    assert (place is not None) is sealed
    if place is not None:
        assert GOOD_DATE.fullmatch(place.get("date"))


@pytest.mark.parametrize("name", CASES)
def test_every_document_prints_and_twice_the_same(printer, name):
    job = job_of(CASES[name])
    xml = printer.xml(job)
    pdf = printer.pdf(xml, job.document.drafted_at)
    assert pdf.startswith(b"%PDF-")
    assert pdf == printer.pdf(xml, job.document.drafted_at)
    pages = PdfReader(BytesIO(pdf)).pages
    printed = "".join(page.extract_text() for page in pages).replace("\n", "")
    title = ET.fromstring(xml).find("header").get("title")
    assert title in printed.replace(" ", "")


def test_every_kind_has_its_golden_file():
    assert {paper.kind for paper in CASES.values()} == set(FORMS)
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_no_document_prints_the_whole_identity_number(printer, name):
    xml = printer.xml(job_of(CASES[name]))
    assert b.ADDRESSEE.identity_number not in xml
    assert b.ADDRESSEE.phone not in xml


def test_a_person_the_catalogue_does_not_know_is_printed_as_such(printer):
    job = job_of(CASES["proof_of_service"])
    stranger = replace(job, names={"p-colleague": None})
    assert 'value="p-colleague（未登记）"' in printer.xml(stranger)


def test_art_34_3_a_record_says_also_that_the_substance_does_not_comply(printer):
    job = job_of(CASES["site_check_record"])
    found = replace(job, site_check=replace(SITE_CHECK, complies=False))
    assert "实质内容不符合要求" in printer.xml(found)
    assert "实质内容符合要求" in printer.xml(job)


def test_art_34_3_every_checker_and_the_applicant_have_a_field_to_sign(printer):
    xml = printer.xml(job_of(CASES["site_check_record"]))
    assert xml.count('<field label="核查人员签名"/>') == len(SITE_CHECK.checkers)
    assert '<field label="申请人签名"/>' in xml
    assert "<seal-place" not in xml


def test_art_38_2_a_denial_without_remedies_is_not_printed(printer):
    job = job_of(CASES["denial_decision"])
    with pytest.raises(RemediesMissingError):
        printer.xml(replace(job, remedies=replace(job.remedies, review_body="")))


def test_readings_11_a_denial_names_the_remedies_that_are_recorded_on_its_day(printer):
    now = Remedies(review_body="淄博市人民政府", court="淄博市中级人民法院")
    words = said(printer.xml(replace(job_of(CASES["denial_decision"]), remedies=now)))
    assert "向淄博市人民政府申请行政复议" in words
    assert "向淄博市中级人民法院提起行政诉讼" in words


@pytest.mark.parametrize("name", CASES)
def test_only_a_permit_is_called_one_and_rests_on_the_law_of_permits(printer, name):
    job = job_of(CASES[name])
    words = said(printer.xml(job))
    of_permits = re.search("行政许可法|予行政许可|十个工作日内送达|公众有权查阅", words)
    assert job.case.terms.is_permit or not of_permits


def test_a_permit_rests_on_the_law_of_permits(printer):
    assert "准予行政许可" in said(printer.xml(job_of(CASES["grant_decision"])))


def test_what_a_clerk_types_cannot_change_the_form(printer):
    case = b.accepted()
    case.summary = "</paragraph><note>免费</note>"
    b.decided(case)
    document = b.find(case, DocumentKind.GRANT_DECISION)
    job = PrintJob(case=numbered(case), document=document, applicant=b.ADDRESSEE, findings=FINDINGS)
    assert "<note>免费" not in printer.xml(job)
