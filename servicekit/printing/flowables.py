"""The pieces a page is made of: set text, the place of the seal, the query code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from reportlab.graphics.barcode import qrencoder
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from servicekit.printing.linebreak import Line, Measure, break_lines
from servicekit.printing.typeface import Typeface

__all__ = [
    "MARK_COLOUR",
    "SealArea",
    "TextBlock",
    "TextStyle",
    "draw_centred",
    "draw_qr",
    "draw_text",
]

# A pale red: read at a glance, and not mistaken for the vermilion of a seal.
MARK_COLOUR = (0.80, 0.45, 0.45)
# Stroke, as a part of the size, that makes the one weight of the font bold.
_BOLD_STROKE = 0.028
_SEAL_DIAMETER = 42 * mm
# The seal covers the date, which stands four characters from the right edge.
_DATE_INSET = 4


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a piece of text is set; sizes in points, the indent in characters."""

    size: float
    leading: float
    tracking: float = 0.0
    indent: int = 0
    align: str = "left"
    justify: bool = False
    bold: bool = False
    space_before: float = 0.0
    space_after: float = 0.0


def draw_text(
    canvas: Any, fonts: Typeface, text: str, at: tuple[float, float], style: TextStyle
) -> None:
    """Draw one line of text with its baseline starting `at`."""
    pen = canvas.beginText(*at)
    pen.setCharSpace(style.tracking)
    if style.bold:
        canvas.setLineWidth(style.size * _BOLD_STROKE)
        pen.setTextRenderMode(2)
    for font, run in fonts.runs(text):
        pen.setFont(font, style.size)
        pen.textOut(run)
    # Both outlast the text object unless they are taken back.
    pen.setTextRenderMode(0)
    pen.setCharSpace(0)
    canvas.drawText(pen)


def draw_centred(
    canvas: Any, fonts: Typeface, text: str, at: tuple[float, float], style: TextStyle
) -> None:
    """Draw one line of text centred on `at`."""
    x, y = at
    draw_text(canvas, fonts, text, (x - fonts.width(text, style.size) / 2, y), style)


class TextBlock(Flowable):
    """A paragraph of Chinese text that breaks by `linebreak` and may cross pages."""

    def __init__(
        self,
        fonts: Typeface,
        text: str,
        style: TextStyle,
        *,
        lines: list[Line] | None = None,
        first: bool = True,
    ) -> None:
        super().__init__()
        self._fonts, self._text, self._style = fonts, text, style
        self._lines = lines
        self._first = first
        self.spaceBefore = style.space_before if first else 0
        self.spaceAfter = style.space_after

    def minWidth(self) -> float:  # noqa: N802 - the library's name
        return self._style.size

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        style = self._style
        if self._lines is None:
            measure = Measure(self._fonts, style.size, style.tracking)
            self._lines = break_lines(
                self._text, measure, width, indent=self._indent(), justify=style.justify
            )
        self.width, self.height = width, len(self._lines) * style.leading
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        lines = self._lines or []
        fitting = int((height + 0.01) // self._style.leading)
        if not 0 < fitting < len(lines):
            return [] if fitting < len(lines) else [self]
        return [*self._divided(lines, fitting)]

    def apart(self, width: float, last: int) -> list[TextBlock]:
        """Return the same text with its `last` lines as a piece of their own."""
        self.wrap(width, 0)
        lines = self._lines or []
        return self._divided(lines, len(lines) - last) if len(lines) > last + 1 else [self]

    def in_parts(self, width: float, height: int) -> list[TextBlock]:
        """Return the same text, set to `width`, in pieces of at most `height` lines."""
        self.wrap(width, 0)
        if len(self._lines or []) <= height:
            return [self]
        head, tail = self._divided(self._lines or [], height)
        return [head, *tail.in_parts(width, height)]

    def _divided(self, lines: list[Line], at: int) -> list[TextBlock]:
        return [
            TextBlock(self._fonts, "", self._style, lines=lines[:at], first=self._first),
            TextBlock(self._fonts, "", self._style, lines=lines[at:], first=False),
        ]

    def draw(self) -> None:
        style = self._style
        # The character body stands in the middle of its line, 12 % of it below the baseline.
        baseline = self.height - (style.leading - style.size) / 2 - 0.88 * style.size
        for number, line in enumerate(self._lines or []):
            indent = self._indent() if self._first and number == 0 else 0.0
            spare = self.width - indent - line.width
            shift = {"left": 0.0, "center": spare / 2, "right": spare}[style.align]
            set_style = TextStyle(style.size, style.leading, line.tracking, bold=style.bold)
            draw_text(self.canv, self._fonts, line.text, (indent + shift, baseline), set_style)
            baseline -= style.leading

    def _indent(self) -> float:
        return self._style.indent * (self._style.size + self._style.tracking)


class SealArea(Flowable):
    """The issuing authority over the date, with room for the seal that covers both.

    The seal's lower half lies over the date and its upper edge stays clear of
    the text above. With a `mark` a dashed ring shows that nothing was sealed.

    Source: GB/T 9704-2012 (seal, signature and date of issue).
    """

    def __init__(
        self, fonts: Typeface, lines: tuple[str, str], style: TextStyle, mark: str | None
    ) -> None:
        super().__init__()
        self._fonts, self._lines, self._style, self._mark = fonts, lines, style, mark

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, _SEAL_DIAMETER + 2 * mm
        return self.width, self.height

    def draw(self) -> None:
        style, (authority, day) = self._style, self._lines
        half = self._fonts.width(authority, style.size) / 2
        half_of_day = self._fonts.width(day, style.size) / 2
        centre = min(self.width - _DATE_INSET * style.size - half_of_day, self.width - half)
        middle = self.height / 2
        draw_centred(self.canv, self._fonts, authority, (centre, middle + 0.35 * style.size), style)
        lower = middle + 0.35 * style.size - style.leading
        draw_centred(self.canv, self._fonts, day, (centre, lower), style)
        if self._mark:
            self._ring(centre, middle, self._mark)

    def _ring(self, x: float, y: float, mark: str) -> None:
        canvas = self.canv
        canvas.saveState()
        canvas.setStrokeColorRGB(*MARK_COLOUR)
        canvas.setFillColorRGB(*MARK_COLOUR)
        canvas.setLineWidth(0.8)
        canvas.setDash(4, 3)
        canvas.circle(x, y, _SEAL_DIAMETER / 2, stroke=1, fill=0)
        small = TextStyle(size=8, leading=10)
        draw_centred(canvas, self._fonts, mark, (x, y - _SEAL_DIAMETER / 2 + 20), small)
        canvas.restoreState()


@lru_cache(maxsize=64)
def _modules(value: str) -> tuple[tuple[bool, ...], ...]:
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(value)
    code.make()
    return tuple(tuple(map(bool, row)) for row in code.modules)


def draw_qr(canvas: Any, value: str, at: tuple[float, float], side: float) -> None:
    """Draw the code of `value` in a square whose lower left corner stands `at`."""
    rows = _modules(value)
    canvas.saveState()
    canvas.translate(*at)
    canvas.scale(side / len(rows), side / len(rows))
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        column = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                path.rect(column, len(rows) - number - 1, length, 1)
            column += length
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
