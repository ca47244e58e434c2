from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.graphics.barcode import qrencoder

from servicekit.printing import (
    DEMONSTRATION_MARK,
    MissingGlyphError,
    UnprintableError,
    render_pdf,
)

PRINTED_AT = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
QUERY = "https://example.cn/q/ZC-2026-0914-00012-7"
MILLIMETRE = 72 / 25.4

NOTICE = f"""
<document kind="acceptance-notice">
  <qr value="{QUERY}" caption="扫码查询办件"/>
  <header authority="某市某区行政审批服务局" title="行政许可申请受理通知书"
          number="某审批受字〔2026〕00001号"/>
  <addressee>丝绸小馆（经营者：张𣲗）：</addressee>
  <paragraph>你单位于2026年9月14日提交的食品经营许可申请，材料齐全。
    本机关决定予以受理。</paragraph>
  <heading>一、办理期限</heading>
  <paragraph>承诺期限为10个工作日。</paragraph>
  <seal-place authority="某市某区行政审批服务局" date="2026年9月14日"/>
  <signature-block title="签收栏">
    <field label="受送达人签名"/><field label="收到日期" value="　年　月　日"/>
    <field label="送达人"/>
  </signature-block>
  <note>监督投诉电话：12345。</note>
</document>
"""


def printed(xml, watermark=DEMONSTRATION_MARK, created_at=PRINTED_AT):
    return render_pdf(xml, watermark=watermark, created_at=created_at)


def read(pdf):
    return PdfReader(BytesIO(pdf))


def text_of(page):
    return page.extract_text().replace("\n", "")


def document(body):
    return f'<document kind="k"><header authority="局" title="书"/>{body}</document>'


def table(rows, *, cell="食品经营许可申请书"):
    body = "".join(
        f'<row><cell align="center">第{n}项</cell><cell>{cell}</cell></row>' for n in range(rows)
    )
    head = '<row header="yes"><cell>序号</cell><cell>材料名称</cell></row>'
    last = '<row><cell span="2">以上为全部材料。</cell></row>'
    return document(f'<table widths="1 4">{head}{body}{last}</table>')


def operations(page):
    contents = page.get_contents()
    assert contents is not None
    return contents.operations


@pytest.mark.parametrize(
    "sentence",
    [
        "某市某区行政审批服务局",
        "行政许可申请受理通知书",
        "某审批受字〔2026〕00001号",
        "你单位于2026年9月14日提交的食品经营许可申请，材料齐全。本机关决定予以受理。",
        "一、办理期限",
        "扫码查询办件",
        "签收栏",
        "受送达人签名",
        "监督投诉电话：12345。",
        "— 1 —",
    ],
)
def test_what_the_template_says_can_be_read_in_the_pdf(sentence):
    assert sentence in text_of(read(printed(NOTICE)).pages[0])


def test_a_name_beyond_the_basic_plane_can_be_copied_from_the_pdf():
    assert "张𣲗" in text_of(read(printed(NOTICE)).pages[0])


def test_the_same_document_has_the_same_digest():
    digests = {hashlib.sha256(printed(NOTICE)).hexdigest() for _ in range(3)}

    assert len(digests) == 1


def test_printing_in_several_threads_gives_the_same_document():
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: printed(NOTICE), range(8)))

    assert found == {printed(NOTICE)}


def test_the_moment_of_creation_is_part_of_the_document():
    later = printed(NOTICE, created_at=PRINTED_AT + timedelta(seconds=1))

    assert later != printed(NOTICE)
    assert read(printed(NOTICE)).metadata.creation_date == PRINTED_AT


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        printed(NOTICE, created_at=PRINTED_AT.replace(tzinfo=None))


def test_the_metadata_names_authority_title_and_number():
    metadata = read(printed(NOTICE)).metadata

    assert metadata.title == "行政许可申请受理通知书"
    assert metadata.author == "某市某区行政审批服务局"
    assert metadata.subject == "acceptance-notice 某审批受字〔2026〕00001号"


def test_every_font_is_embedded_and_only_the_used_glyphs():
    pdf = printed(NOTICE + "\n")
    fonts = [font.get_object() for font in read(pdf).pages[0]["/Resources"]["/Font"].values()]

    assert fonts
    for font in fonts:
        assert re.match(r"/[A-Z]{6}\+NotoSerifSC-Regular", font["/BaseFont"])
        assert "/FontFile2" in font["/FontDescriptor"]
    assert len(pdf) < 150_000


def test_every_page_says_that_nothing_was_sealed():
    pages = read(printed(table(60))).pages

    assert len(pages) > 2
    assert all(DEMONSTRATION_MARK in text_of(page) for page in pages)


def test_a_sealed_document_bears_no_mark():
    assert "示例" not in text_of(read(printed(NOTICE, watermark=None)).pages[0])


def test_a_table_repeats_its_header_on_every_page():
    pages = [text_of(page) for page in read(printed(table(60))).pages]

    assert all("序号" in page and "材料名称" in page for page in pages)
    assert [f"第{n}项" in "".join(pages) for n in range(60)] == [True] * 60
    assert "以上为全部材料。" in pages[-1]


def test_a_cell_longer_than_a_page_goes_on_overleaf():
    pages = read(printed(table(1, cell="说明文字。" * 400))).pages

    assert len(pages) > 2
    assert "".join(text_of(page) for page in pages).count("说明文字") > 390


def test_a_header_row_that_leaves_no_room_is_refused():
    tall = "".join(f"<cell>{'题' * 24}</cell>" for _ in range(20))
    xml = document(
        f'<table widths="{"1 " * 20}"><row header="yes">{tall}</row><row>{tall}</row></table>'
    )

    with pytest.raises(UnprintableError):
        printed(xml)


def test_a_paragraph_goes_on_overleaf_and_loses_nothing():
    sentence = "本机关依法作出决定，"
    pages = read(printed(document(f"<paragraph>{sentence * 90}</paragraph>"))).pages

    assert len(pages) == 2
    assert text_of(pages[0]).count("本机关") + text_of(pages[1]).count("本机关") >= 89


def test_a_page_holds_22_lines_of_28_characters():
    xml = document(f'<paragraph indent="no">{"字" * 28 * 60}</paragraph>')
    page = read(printed(xml)).pages[1]

    lines = [line for line in page.extract_text().splitlines() if "字" in line]

    assert lines == ["字" * 28] * 22


@pytest.mark.parametrize("lines", range(12, 20))
def test_a_seal_is_never_alone_on_a_page(lines):
    body = f'<paragraph indent="no">{"文" * 28 * lines}</paragraph>'
    seal = '<seal-place authority="某局" date="2026年9月14日"/>'
    pages = [text_of(page) for page in read(printed(document(body + seal), None)).pages]

    assert "文" * 28 in pages[-1]
    assert "某局" in pages[-1]
    assert "2026年9月14日" in pages[-1]


def test_text_stays_inside_the_type_area():
    page = read(printed(table(60))).pages[1]
    seen = []
    page.extract_text(visitor_text=lambda text, cm, tm, font, size: seen.append((text, cm, tm)))
    inside = [
        (cm[4] + tm[4], cm[5] + tm[5]) for text, cm, tm in seen if re.search("第|食品|材料", text)
    ]

    assert inside
    assert min(x for x, _ in inside) >= 28 * MILLIMETRE
    assert max(x for x, _ in inside) <= 184 * MILLIMETRE
    assert min(y for _, y in inside) >= 35 * MILLIMETRE
    assert max(y for _, y in inside) <= 260 * MILLIMETRE


def test_odd_page_numbers_stand_at_the_right_and_even_ones_at_the_left():
    places = []
    for page in read(printed(table(60))).pages[:2]:
        page.extract_text(
            visitor_text=lambda text, cm, tm, font, size: (
                places.append(tm[4] + cm[4]) if "— " in text else None
            )
        )

    assert places[0] > 105 * MILLIMETRE > places[1]


def test_the_query_code_carries_its_value():
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(QUERY)
    code.make()
    wanted = {
        (column, len(code.modules) - 1 - row)
        for row, modules in enumerate(code.modules)
        for column, dark in enumerate(modules)
        if dark
    }

    drawn = {
        (int(operands[0]) + step, int(operands[1]))
        for operands, operator in operations(read(printed(NOTICE, None)).pages[0])
        if operator == b"re" and operands[3] == 1
        for step in range(int(operands[2]))
    }

    assert drawn == wanted


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        pytest.param("<addressee>张\U00030edd：</addressee>", "\U00030edd", id="a-rare-name"),
        pytest.param("<paragraph>好\u200b的</paragraph>", "\u200b", id="an-invisible-character"),
        pytest.param('<table widths="1"><row><cell>☑☐</cell></row></table>', "☐☑", id="in-a-table"),
        pytest.param('<qr value="1" caption="😀"/>', "😀", id="under-the-code"),
        pytest.param('<seal-place authority="ก局" date="今天"/>', "ก", id="at-the-seal"),
    ],
)
def test_a_character_without_a_glyph_is_named_instead_of_printed_as_a_box(body, missing):
    with pytest.raises(MissingGlyphError) as refused:
        printed(document(body))

    assert refused.value.characters == missing
    assert f"U+{ord(missing[0]):04X}" in str(refused.value)


def test_a_mark_without_glyphs_is_refused_as_well():
    with pytest.raises(MissingGlyphError):
        printed(NOTICE, watermark="😀")


@pytest.mark.parametrize(
    "characters",
    [
        pytest.param("喆堃玥垚犇甯䶮㛃㵮䲠䮄", id="names-outside-gb2312"),
        pytest.param("𬱖𬱟𪟝𫍯𨱏𫖮𬸪𣲗", id="names-beyond-the-basic-plane"),
        pytest.param("，。、；：？！“”‘’（）《》〈〉【】〔〕—…·①②③℃№□√×", id="signs"),
    ],
)
def test_the_bundled_font_has_the_characters_of_names(characters):
    page = read(printed(document(f"<paragraph>{characters}</paragraph>"))).pages[0]

    assert characters in text_of(page)


def test_the_bundled_font_has_all_unified_ideographs_of_the_basic_plane():
    body = "".join(map(chr, [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)]))

    from servicekit.printing.typeface import typeface  # noqa: PLC0415

    typeface().require(body)


@pytest.mark.parametrize("lines", range(8, 20))
def test_a_heading_before_the_last_lines_and_the_seal_goes_with_them(lines):
    body = f'<paragraph indent="no">{"文" * 28 * lines}</paragraph><heading>四、救济</heading>'
    body += f"<paragraph>{'诉' * 70}</paragraph>"
    seal = '<seal-place authority="周村区行政审批服务局" date="2026年9月22日"/>'
    pages = [text_of(page) for page in read(printed(document(body + seal))).pages]

    [heading] = [number for number, page in enumerate(pages) if "四、救济" in page]
    assert "诉" in pages[heading]


@pytest.mark.parametrize("lines", range(12, 20))
def test_a_heading_stays_with_what_it_heads(lines):
    body = f'<paragraph indent="no">{"文" * 28 * lines}</paragraph><heading>一、材料</heading>'
    rows = '<table widths="1"><row><cell>第一项</cell></row></table>'
    pages = [text_of(page) for page in read(printed(document(body + rows))).pages]

    assert ["一、材料" in page for page in pages] == ["第一项" in page for page in pages]
