"""A label of 100 by 150 millimetres: a bar code over blocks of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from reportlab.graphics.barcode import code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from servicekit.printing.flowables import TextStyle, draw_centred, draw_text
from servicekit.printing.render import one_at_a_time
from servicekit.printing.typeface import BUNDLED_FONT, Typeface, typeface

__all__ = ["Block", "Label", "render_label"]

_WIDTH: Final = 100 * mm
_HEIGHT: Final = 150 * mm
_EDGE: Final = 5 * mm
_HEAD: Final = TextStyle(size=14, leading=18, bold=True)
_CODE: Final = TextStyle(size=12, leading=15)
_HEADING: Final = TextStyle(size=10, leading=14, bold=True)
_TEXT: Final = TextStyle(size=12, leading=17)
_SMALL: Final = TextStyle(size=8, leading=11)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and its lines; a line that is too long is broken."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says; `code` is printed as Code 128 and in clear."""

    head: str
    code: str
    blocks: tuple[Block, ...]
    foot: tuple[str, ...] = ()


def render_label(label: Label, *, created_at: datetime) -> bytes:
    """Return the PDF of a label. The same arguments give the same bytes."""
    if created_at.tzinfo is None:
        raise TypeError("the moment of creation needs a time zone")
    with one_at_a_time:
        fonts = typeface()
        fonts.require("".join(_texts(label)))
        output = BytesIO()
        make: Any = Canvas  # its stubs take the name of the font for a number
        canvas = make(
            output,
            pagesize=(_WIDTH, _HEIGHT),
            initialFontName=BUNDLED_FONT,
            invariant=1,
            pageCompression=1,
        )
        canvas.setTitle(label.code)
        canvas.setCreator("liandong")
        canvas.setProducer("liandong")
        zone = f"{created_at:%z}"
        stamp = f"D:{created_at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"
        canvas.setDateFormatter(lambda *_: stamp)
        _draw(canvas, fonts, label)
        canvas.showPage()
        canvas.save()
        return output.getvalue()


def _texts(label: Label) -> Iterator[str]:
    yield from (label.head, label.code, *label.foot)
    for block in label.blocks:
        yield from (block.heading, *block.lines)


def _draw(canvas: Any, fonts: Typeface, label: Label) -> None:
    y = _HEIGHT - _EDGE - _HEAD.size
    draw_text(canvas, fonts, label.head, (_EDGE, y), _HEAD)
    y -= 24 * mm
    bars = code128.Code128(label.code, barHeight=18 * mm, barWidth=1.1, quiet=0)
    bars.drawOn(canvas, (_WIDTH - bars.width) / 2, y)
    y -= _CODE.leading
    draw_centred(canvas, fonts, label.code, (_WIDTH / 2, y), _CODE)
    for block in label.blocks:
        y = _rule(canvas, y - 3 * mm)
        y -= _HEADING.leading
        draw_text(canvas, fonts, block.heading, (_EDGE, y), _HEADING)
        for line in block.lines:
            for part in _broken(fonts, line, _TEXT.size):
                y -= _TEXT.leading
                draw_text(canvas, fonts, part, (_EDGE, y), _TEXT)
    y = _rule(canvas, y - 3 * mm)
    for line in label.foot:
        y -= _SMALL.leading
        draw_text(canvas, fonts, line, (_EDGE, y), _SMALL)


def _rule(canvas: Any, y: float) -> float:
    canvas.setLineWidth(0.6)
    canvas.line(_EDGE, y, _WIDTH - _EDGE, y)
    return y


def _broken(fonts: Typeface, text: str, size: float) -> Iterator[str]:
    """Break a line where the next character would run over the edge."""
    line = ""
    for char in text:
        if line and fonts.width(line + char, size) > _WIDTH - 2 * _EDGE:
            yield line
            line = ""
        line += char
    yield line
