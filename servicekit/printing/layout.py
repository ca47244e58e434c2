"""From the blocks of a document to the pieces on its pages.

Sizes follow the official layout: A4, a type area of 156 mm by 225 mm holding
22 lines of 28 characters, title in size 二号 (22 pt), text in 三号 (16 pt).

Source: GB/T 9704-2012 (page, type area, lines and characters).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer
from reportlab.platypus import Table as GridTable

from servicekit.printing import document as doc
from servicekit.printing.flowables import SealArea, TextBlock, TextStyle
from servicekit.printing.typeface import BUNDLED_FONT, Typeface

__all__ = ["LEFT_MARGIN", "TOP_MARGIN", "TYPE_HEIGHT", "TYPE_WIDTH", "body_story"]

TOP_MARGIN = 37 * mm
LEFT_MARGIN = 28 * mm
TYPE_WIDTH = 156 * mm
TYPE_HEIGHT = 225 * mm

_LEADING = TYPE_HEIGHT / 22
_TRACKING = TYPE_WIDTH / 28 - 16

_TEXT = TextStyle(size=16, leading=_LEADING, tracking=_TRACKING, justify=True)
_AUTHORITY = TextStyle(size=18, leading=32, align="center", bold=True)
_TITLE = TextStyle(size=22, leading=36, align="center", bold=True)
_NUMBER = replace(_TEXT, align="right", justify=False, space_before=6, space_after=10)
_HEADING = replace(_TEXT, indent=2, bold=True, justify=False)
_NOTE = TextStyle(size=12, leading=19, justify=True, space_before=4)
_CELL = TextStyle(size=12, leading=17)
_GAP = 8.0
_CELL_PADDING = 4.0
# More lines of a cell go on in a further row, so that no row is higher than a page.
_ROW_LINES = 24
# A line of a signature block leaves room for a hand to write in.
_LABEL = TextStyle(size=12, leading=24, align="center")
_SIGNED = TextStyle(size=12, leading=24)


def body_story(document: doc.Document, fonts: Typeface, mark: str | None) -> list[Any]:
    """Return the pieces of the document in the order in which they are printed."""
    story: list[Any] = []
    for block in document.blocks:
        if isinstance(block, doc.SealPlace):
            _append_seal(story, block, fonts, mark)
        else:
            story += _pieces(block, fonts)
    return story


def _append_seal(story: list[Any], block: doc.SealPlace, fonts: Typeface, mark: str | None) -> None:
    # A seal alone on a page seals nothing: the last lines before it come along.
    together: list[Any] = [SealArea(fonts, (block.authority, block.date), _TEXT, mark)]
    if story and isinstance(story[-1], TextBlock):
        *rest, tail = story.pop().apart(TYPE_WIDTH, last=2)
        story += rest
        together.insert(0, tail)
    if story and story[-1].getKeepWithNext():
        together.insert(0, story.pop())  # the library does not keep it with a group
    story.append(KeepTogether(together))


@singledispatch
def _pieces(block: doc.Block, fonts: Typeface) -> list[Any]:  # noqa: ARG001 - see below
    raise TypeError(f"{type(block).__name__} has no layout")


@_pieces.register
def _(block: doc.Header, fonts: Typeface) -> list[Any]:
    head = [TextBlock(fonts, block.authority, _AUTHORITY), TextBlock(fonts, block.title, _TITLE)]
    if block.number:
        return [*head, TextBlock(fonts, block.number, _NUMBER)]
    return [*head, Spacer(0, _LEADING / 2)]


@_pieces.register
def _(block: doc.Addressee, fonts: Typeface) -> list[Any]:
    return [TextBlock(fonts, block.text, replace(_TEXT, justify=False))]


@_pieces.register
def _(block: doc.Heading, fonts: Typeface) -> list[Any]:
    heading = TextBlock(fonts, block.text, _HEADING)
    heading.keepWithNext = 1
    return [heading]


@_pieces.register
def _(block: doc.Paragraph, fonts: Typeface) -> list[Any]:
    style = replace(_TEXT, indent=2 if block.indent else 0, align=block.align)
    return [TextBlock(fonts, block.text, replace(style, justify=block.align == "left"))]


@_pieces.register
def _(block: doc.Note, fonts: Typeface) -> list[Any]:
    return [TextBlock(fonts, block.text, _NOTE)]


@_pieces.register
def _(block: doc.Table, fonts: Typeface) -> list[Any]:
    return [_table(block, fonts)]


@_pieces.register
def _(block: doc.SignatureBlock, fonts: Typeface) -> list[Any]:
    return [KeepTogether([_signatures(block, fonts)])]


def _grid(
    cells: Sequence[list[Any]],
    widths: Sequence[float],
    commands: Sequence[tuple[Any, ...]],
    **options: Any,
) -> Any:
    total = sum(widths)
    return GridTable(
        cells,
        colWidths=[TYPE_WIDTH * width / total for width in widths],
        style=[
            # The library's default would be named in the file without being embedded.
            ("FONTNAME", (0, 0), (-1, -1), BUNDLED_FONT),
            ("GRID", (0, 0), (-1, -1), 0.6, (0, 0, 0)),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("BOTTOMPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            *commands,
        ],
        spaceBefore=_GAP,
        spaceAfter=_GAP,
        **options,
    )


def _table(block: doc.Table, fonts: Typeface) -> Any:
    unit = TYPE_WIDTH / sum(block.widths)
    rows: list[list[Any]] = []
    spans: list[tuple[Any, ...]] = []
    for row in block.rows:
        cells: list[Any] = []
        for cell in row.cells:
            width = unit * sum(block.widths[len(cells) : len(cells) + cell.span])
            style = replace(_CELL, align="center" if row.header else cell.align, bold=row.header)
            text = TextBlock(fonts, cell.text, style)
            cells += [text.in_parts(width - 2 * _CELL_PADDING, _ROW_LINES)]
            cells += [None] * (cell.span - 1)
        for part in range(max(len(parts) for parts in cells if parts)):
            spans += _spans(row, len(rows))
            rows.append([parts[part] if parts and part < len(parts) else None for parts in cells])
    heads = sum(row.header for row in block.rows)
    return _grid(rows, block.widths, spans, repeatRows=heads)


def _spans(row: doc.Row, number: int) -> list[tuple[Any, ...]]:
    found, first = [], 0
    for cell in row.cells:
        if cell.span > 1:
            found.append(("SPAN", (first, number), (first + cell.span - 1, number)))
        first += cell.span
    return found


def _signatures(block: doc.SignatureBlock, fonts: Typeface) -> Any:
    title = TextBlock(fonts, block.title, replace(_CELL, align="center", bold=True))
    rows: list[list[Any]] = [[title, None, None, None]]
    spans: list[tuple[Any, ...]] = [("SPAN", (0, 0), (3, 0))]
    for start in range(0, len(block.fields), 2):
        row: list[Any] = []
        for field in block.fields[start : start + 2]:
            row.append(TextBlock(fonts, field.label, _LABEL))
            row.append(TextBlock(fonts, field.value, _SIGNED))
        if len(row) == 2:  # noqa: PLR2004 - one field: its value takes the rest of the row
            row += [None, None]
            spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
        rows.append(row)
    return _grid(rows, (2, 3, 2, 3), spans)
