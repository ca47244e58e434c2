"""The XML of a printable document, read strictly into plain values.

The elements are described in this package's README. Whatever is unknown,
misplaced or empty is refused: a typing mistake in a template must not become
a document that lacks a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from servicekit.printing.errors import DocumentXmlError, UnknownElementError

__all__ = [
    "Addressee",
    "Block",
    "Cell",
    "Document",
    "Header",
    "Heading",
    "Note",
    "Paragraph",
    "Qr",
    "Row",
    "SealPlace",
    "SignatureBlock",
    "SignatureField",
    "Table",
    "parse_document",
]

_ALIGNMENTS = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Header:
    authority: str
    title: str
    number: str


@dataclass(frozen=True, slots=True)
class Addressee:
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    indent: bool
    align: str


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    align: str
    span: int


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    header: bool


@dataclass(frozen=True, slots=True)
class Table:
    widths: tuple[float, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SignatureField:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    title: str
    fields: tuple[SignatureField, ...]


@dataclass(frozen=True, slots=True)
class SealPlace:
    authority: str
    date: str


@dataclass(frozen=True, slots=True)
class Qr:
    value: str
    caption: str


Block = Header | Addressee | Heading | Paragraph | Note | Table | SignatureBlock | SealPlace


@dataclass(frozen=True, slots=True)
class Document:
    kind: str
    blocks: tuple[Block, ...]
    qr: Qr | None

    @property
    def header(self) -> Header:
        first = self.blocks[0]
        if not isinstance(first, Header):
            raise DocumentXmlError("<document> must begin with <header>")
        return first


def parse_document(xml: str) -> Document:
    """Return the document that `xml` describes, or say what is wrong with it."""
    root = _root(xml)
    if root.tag != "document":
        raise UnknownElementError(f"<{root.tag}> is not a <document>")
    attributes = _attributes(root, required=("kind",))
    _no_text(root)
    codes = [child for child in root if child.tag == "qr"]
    if len(codes) > 1:
        raise DocumentXmlError("a document carries one <qr> at most")
    blocks = tuple(_block(child) for child in root if child.tag != "qr")
    if [isinstance(block, Header) for block in blocks].count(True) != 1:
        raise DocumentXmlError("<document> needs exactly one <header>")
    document = Document(attributes["kind"], blocks, _qr(codes[0]) if codes else None)
    _ = document.header
    return document


class _NoDoctype(TreeBuilder):
    """Refuses a DOCTYPE, and with it entities: no template has a use for them."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise DocumentXmlError("a document has no DOCTYPE")


def _root(xml: str) -> Element:
    # The text is our own template with escaped facts, and entities are refused above.
    parser = XMLParser(target=_NoDoctype())  # noqa: S314
    try:
        parser.feed(xml)
        root: Element = parser.close()
    except ParseError as error:
        raise DocumentXmlError(f"not well-formed: {error}") from error
    return root


def _block(element: Element) -> Block:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise UnknownElementError(f"<{element.tag}> is not an element of <document>")
    return reader(element)


def _header(element: Element) -> Header:
    found = _attributes(element, required=("authority", "title"), optional=("number",))
    _empty(element)
    number = found.get("number", "")
    if re.search(r"[\[\]［］【】()（）]", number):
        raise DocumentXmlError(f"the year of a document number stands in 〔〕: {number}")
    return Header(found["authority"], found["title"], number)


def _addressee(element: Element) -> Addressee:
    _attributes(element)
    return Addressee(_text(element))


def _heading(element: Element) -> Heading:
    _attributes(element)
    return Heading(_text(element))


def _paragraph(element: Element) -> Paragraph:
    found = _attributes(element, optional=("indent", "align"))
    indent = _choice(element, found, "indent", ("yes", "no"))
    return Paragraph(_text(element), indent == "yes", _choice(element, found, "align", _ALIGNMENTS))


def _note(element: Element) -> Note:
    _attributes(element)
    return Note(_text(element))


def _table(element: Element) -> Table:
    found = _attributes(element, required=("widths",))
    try:
        widths = tuple(float(width) for width in found["widths"].split())
    except ValueError as error:
        raise DocumentXmlError(f"<table widths>: {found['widths']} are not numbers") from error
    if not widths or min(widths) <= 0:
        raise DocumentXmlError("<table widths> must be positive")
    rows = tuple(_row(child, len(widths)) for child in _children(element, "row"))
    if not rows:
        raise DocumentXmlError("<table> has no <row>")
    heads = [row.header for row in rows]
    if heads != sorted(heads, reverse=True):
        raise DocumentXmlError("header rows of a <table> come first")
    return Table(widths, rows)


def _row(element: Element, columns: int) -> Row:
    found = _attributes(element, optional=("header",))
    cells = tuple(_cell(child) for child in _children(element, "cell"))
    if sum(cell.span for cell in cells) != columns:
        raise DocumentXmlError(f"a <row> fills {columns} columns, or says so by span")
    return Row(cells, _choice(element, found, "header", ("no", "yes")) == "yes")


def _cell(element: Element) -> Cell:
    found = _attributes(element, optional=("align", "span"))
    span = found.get("span", "1")
    if not re.fullmatch(r"[1-9][0-9]?", span):
        raise DocumentXmlError(f"<cell span>: {span}")
    align = _choice(element, found, "align", _ALIGNMENTS)
    return Cell(_text(element, may_be_empty=True), align, int(span))


def _signature_block(element: Element) -> SignatureBlock:
    found = _attributes(element, required=("title",))
    fields = []
    for child in _children(element, "field"):
        field = _attributes(child, required=("label",), optional=("value",))
        _empty(child)
        fields.append(SignatureField(field["label"], field.get("value", "")))
    if not fields:
        raise DocumentXmlError("<signature-block> has no <field>")
    return SignatureBlock(found["title"], tuple(fields))


def _seal_place(element: Element) -> SealPlace:
    found = _attributes(element, required=("authority", "date"))
    _empty(element)
    return SealPlace(found["authority"], found["date"])


def _qr(element: Element) -> Qr:
    found = _attributes(element, required=("value",), optional=("caption",))
    _empty(element)
    return Qr(found["value"], found.get("caption", ""))


_READERS: dict[str, Callable[[Element], Block]] = {
    "header": _header,
    "addressee": _addressee,
    "heading": _heading,
    "paragraph": _paragraph,
    "note": _note,
    "table": _table,
    "signature-block": _signature_block,
    "seal-place": _seal_place,
}


def _attributes(
    element: Element, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> dict[str, str]:
    unknown = element.attrib.keys() - {*required, *optional}
    if unknown:
        raise UnknownElementError(f"<{element.tag}> has no attribute {', '.join(sorted(unknown))}")
    found = {name: _squeezed(value) for name, value in element.attrib.items()}
    for name in required:
        if not found.get(name):
            raise DocumentXmlError(f"<{element.tag}> needs {name}")
    return found


def _choice(element: Element, found: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = found.get(name, choices[0])
    if value not in choices:
        raise DocumentXmlError(f"<{element.tag} {name}> is one of {', '.join(choices)}: {value}")
    return value


def _children(element: Element, tag: str) -> Iterator[Element]:
    _no_text(element)
    for child in element:
        if child.tag != tag:
            raise UnknownElementError(f"<{child.tag}> is not an element of <{element.tag}>")
        yield child


def _no_text(element: Element) -> None:
    loose = [element.text or "", *(child.tail or "" for child in element)]
    if "".join(loose).strip():
        raise DocumentXmlError(f"loose text in <{element.tag}>: {''.join(loose).strip()[:40]}")


def _empty(element: Element) -> None:
    if len(element) or (element.text or "").strip():
        raise DocumentXmlError(f"<{element.tag}> holds nothing; its facts are attributes")


def _text(element: Element, *, may_be_empty: bool = False) -> str:
    if len(element):
        raise UnknownElementError(f"<{element[0].tag}> is not an element of <{element.tag}>")
    text = _squeezed(element.text or "")
    if not text and not may_be_empty:
        raise DocumentXmlError(f"<{element.tag}> is empty")
    return text


_WIDE = r"[\u2014\u2018-\u201d\u2026\u3000-\u9fff\uff00-\uffef\U00020000-\U0003ffff]"
_FOLD = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_FOLD_IN_CHINESE = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n]*(?={_WIDE})")


def _squeezed(text: str) -> str:
    """Undo the folding of lines in a template: Chinese joins without a space.

    Full-width spaces are content (`　　年　　月`) and stay.
    """
    text = _FOLD_IN_CHINESE.sub("", text.strip(" \t\r\n"))
    return re.sub(r"[ \t]+", " ", _FOLD.sub(" ", text))
