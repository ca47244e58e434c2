from __future__ import annotations

import pytest

from servicekit.printing import DocumentXmlError, UnknownElementError
from servicekit.printing.document import Paragraph, parse_document

HEAD = '<header authority="区行政审批服务局" title="受理通知书"/>'


def parse(body, *, head=HEAD):
    return parse_document(f'<document kind="k">{head}{body}</document>')


def test_folded_lines_of_a_template_join_without_a_space_in_chinese():
    document = parse("<paragraph>\n  根据法律，\n  决定\n  受理 EMS\n  123。　　年</paragraph>")

    assert document.blocks[1] == Paragraph(
        "根据法律，决定受理 EMS 123。　　年", indent=True, align="left"
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<paragraf>文</paragraf>", id="unknown-element"),
        pytest.param("<paragraph><b>文</b></paragraph>", id="markup-in-text"),
        pytest.param('<paragraph colour="red">文</paragraph>', id="unknown-attribute"),
        pytest.param('<table widths="1"><line/></table>', id="unknown-in-table"),
        pytest.param("<document/>", id="document-in-document"),
    ],
)
def test_what_the_printer_does_not_know_is_refused(body):
    with pytest.raises(UnknownElementError):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<paragraph></paragraph>", id="empty-paragraph"),
        pytest.param("<paragraph>", id="not-well-formed"),
        pytest.param("<paragraph>\x00</paragraph>", id="control-character"),
        pytest.param("文", id="loose-text"),
        pytest.param(HEAD, id="two-headers"),
        pytest.param('<paragraph align="middle">文</paragraph>', id="unknown-alignment"),
        pytest.param('<seal-place authority="局" date=""/>', id="seal-without-a-date"),
        pytest.param('<seal-place authority="局" date="今天">文</seal-place>', id="seal-with-text"),
        pytest.param('<qr value="1"/><qr value="2"/>', id="two-codes"),
        pytest.param('<table widths="1 2"></table>', id="table-without-rows"),
        pytest.param('<table widths="1 x"><row/></table>', id="width-is-not-a-number"),
        pytest.param('<table widths="1 0"><row/></table>', id="column-without-width"),
        pytest.param('<table widths="1 2"><row><cell>文</cell></row></table>', id="row-too-short"),
        pytest.param(
            '<table widths="1"><row><cell span="0">文</cell></row></table>', id="span-of-nothing"
        ),
        pytest.param(
            '<table widths="1"><row><cell>1</cell></row>'
            '<row header="yes"><cell>2</cell></row></table>',
            id="header-row-below",
        ),
        pytest.param('<signature-block title="签收栏"/>', id="nothing-to-sign"),
    ],
)
def test_a_document_with_a_gap_is_refused(body):
    with pytest.raises(DocumentXmlError):
        parse(body)


@pytest.mark.parametrize("number", ["周审批〔2026〕1号", ""])
def test_a_document_may_have_a_number(number):
    head = f'<header authority="局" title="书" number="{number}"/>'

    assert parse("", head=head).header.number == number


@pytest.mark.parametrize("number", ["周审批[2026]1号", "周审批（2026）1号", "周审批【2026】1号"])
def test_the_year_of_a_number_stands_in_tortoise_shell_brackets(number):
    with pytest.raises(DocumentXmlError, match="〔〕"):
        parse("", head=f'<header authority="局" title="书" number="{number}"/>')


def test_a_document_begins_with_its_header():
    with pytest.raises(DocumentXmlError, match="begin"):
        parse("", head=f"<paragraph>文</paragraph>{HEAD}")


def test_another_root_is_not_a_document():
    with pytest.raises(UnknownElementError):
        parse_document("<letter/>")


def test_entities_are_refused():
    bomb = '<!DOCTYPE document [<!ENTITY a "文">]><document kind="k">&a;</document>'

    with pytest.raises(DocumentXmlError, match="DOCTYPE"):
        parse_document(bomb)
