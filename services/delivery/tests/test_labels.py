"""The label of a parcel (快递暂行条例 第二十二条)."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from servicekit.printing.labels import Block, Label, render_label
from services.delivery.adapters.labels import label_of, label_pdf
from services.delivery.ports import CarrierOrder, Party

AT = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
CENTRE = Party("周村区政务服务中心", "0533-0000000", "山东省淄博市周村区政务服务中心")
CITIZEN = Party("李示例", "13800003210", "山东省淄博市周村区丝绸路街道车站社区1号")
ORDER = CarrierOrder("A1-OUT-1", "EMS", CENTRE, CITIZEN, 2, True, AT)


def test_a_label_says_who_where_and_which_number_and_nothing_of_the_case():
    label = label_of(ORDER, "EE123456785CN")
    said = [line for block in label.blocks for line in block.lines]
    assert said == [
        "李示例　13800003210", CITIZEN.address, "周村区政务服务中心　0533-0000000", CENTRE.address,
    ]  # fmt: skip
    assert label.code == "EE123456785CN"
    assert "A1" not in "".join([label.head, *label.foot, *said])


def test_a_label_is_one_page_of_100_by_150_millimetres():
    reader = PdfReader(BytesIO(label_pdf(ORDER, "EE123456785CN")))
    [page] = reader.pages
    width, height = (float(page.mediabox[index]) / 72 * 25.4 for index in (2, 3))
    assert (round(width), round(height)) == (100, 150)
    text = page.extract_text()
    assert "李示例" in text
    assert "EE123456785CN" in text


def test_the_same_label_is_the_same_file():
    assert label_pdf(ORDER, "EE123456785CN") == label_pdf(ORDER, "EE123456785CN")


def test_a_long_address_is_broken_and_lost_nowhere():
    address = "山东省淄博市周村区丝绸路街道车站社区" * 6
    long = CarrierOrder("A1", "EMS", CENTRE, Party("李示例", "1", address), 1, True, AT)
    [page] = PdfReader(BytesIO(label_pdf(long, "1234567890123"))).pages
    assert address in page.extract_text().replace("\n", "")


def test_a_label_needs_an_instant_with_its_zone():
    with pytest.raises(TypeError):
        render_label(Label("a", "1", (Block("b", ("c",)),)), created_at=AT.replace(tzinfo=None))
