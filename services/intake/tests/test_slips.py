"""The 代办接件单, word by word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from servicekit.printing import DEMONSTRATION_MARK
from servicekit.texts import DocumentTemplates
from services.intake.adapters.slip_printing import Slip, SlipPrinter
from services.intake.domain import assistance
from services.intake.domain.values import Act, ApplicantKind, HandedIn, ResultDelivery
from services.intake.tests import builders as b

GOLDEN = Path(__file__).with_name("golden") / "slips"
POST = "V1-P1"
NAMES = {"p-agent": "代办员（示例）", POST: "丝绸路村代办点（示例）"}


@pytest.fixture(scope="module")
def printer():
    return SlipPrinter(DocumentTemplates("services.intake"), DEMONSTRATION_MARK)


def taken(*, may_collect=True):
    return assistance.take(
        assistance.Request(
            applicant_person="a-1",
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            materials=(
                HandedIn(material_code="M01", paper_pieces=2, sha256="a" * 64),
                HandedIn(material_code="M04", sha256="a" * 64),
            ),
            mandate=assistance.Mandate(
                scan_sha256="d" * 64,
                scope="提交申请材料、领取结果",
                may_collect=may_collect,
                agent_name="代办员（示例）",
            ),
            result_delivery=ResultDelivery.COLLECTION,
            summary="小吃店",
            fee_fen=0,
        ),
        b.TERMS,
        (b.WINDOW,),
        Act(at=b.RECEIVED, person="p-agent", post_kind="VILLAGE", unit=POST),
        number="A-1",
        unit_path=f"/V1/{POST}/",
        calendar=b.CALENDAR,
    )


def slip(carried, query=""):
    return Slip(
        carried=carried, applicant=b.ADDRESSEE, agent="代办员（示例）", query=query, names=NAMES
    )


def at_a_receiving_point():
    carried = taken(may_collect=False)
    assistance.become(carried, "C-1")
    return slip(carried, "C-1?QUERYCODE")


SLIPS = {
    "assistance_slip": lambda: slip(taken()),
    "assistance_slip_receiving_point": at_a_receiving_point,
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_says_word_by_word_what_its_golden_file_says(printer, name):
    golden = (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")
    assert printer.xml(SLIPS[name]()) == golden


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_prints_twice_the_same_and_shows_no_identity(printer, name):
    made = SLIPS[name]()
    xml = printer.xml(made)
    assert b.ADDRESSEE.identity_number not in xml
    assert "p-agent" not in xml
    assert POST not in xml
    pdf = printer.pdf(xml, made.carried.taken_at)
    assert pdf.startswith(b"%PDF-")
    assert pdf == printer.pdf(xml, made.carried.taken_at)


def test_an_organisation_is_printed_with_its_code(printer):
    made = slip(taken())
    code = "91370306MA3C0XYZ1K"
    company = replace(made.applicant, kind=ApplicantKind.ORGANISATION, identity_number=code)
    assert code in printer.xml(replace(made, applicant=company))
