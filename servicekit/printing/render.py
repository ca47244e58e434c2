"""From the XML of a statutory document to the bytes of its PDF."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.doctemplate import LayoutError

from servicekit.printing.document import Document, parse_document
from servicekit.printing.errors import UnprintableError
from servicekit.printing.flowables import MARK_COLOUR, TextStyle, draw_centred, draw_qr, draw_text
from servicekit.printing.layout import (
    LEFT_MARGIN,
    TOP_MARGIN,
    TYPE_HEIGHT,
    TYPE_WIDTH,
    body_story,
)
from servicekit.printing.typeface import BUNDLED_FONT, Typeface, typeface

__all__ = ["DEMONSTRATION_MARK", "one_at_a_time", "render_pdf"]

# Printed on every page while no certified seal is attached (demonstrations, tests).
DEMONSTRATION_MARK = "示例 · 未加盖有效印章"

_PAGE_WIDTH, _PAGE_HEIGHT = A4
_BOTTOM_MARGIN = _PAGE_HEIGHT - TOP_MARGIN - TYPE_HEIGHT
_PAGE_NUMBER = TextStyle(size=14, leading=18)
_MARK = TextStyle(size=10.5, leading=14)
_CAPTION = TextStyle(size=8, leading=10)
_QR_SIDE = 22 * mm

# The library's fonts keep state while a document is written.
one_at_a_time = Lock()


def render_pdf(xml: str, *, watermark: str | None, created_at: datetime) -> bytes:
    """Return the PDF of the document that `xml` describes.

    The same arguments give the same bytes, so the SHA-256 of a document that
    is printed again can be compared with the one that was recorded when it was
    issued. `watermark` stands on every page of a document that bears no valid
    seal, and is `None` only for a document that does.
    """
    if created_at.tzinfo is None:
        raise TypeError("the moment of creation needs a time zone")
    document = parse_document(xml)
    with one_at_a_time:
        fonts = typeface()
        fonts.require(_printed_text(document, watermark))
        pages = _Pages(document, fonts, watermark, created_at)
        try:
            return pages.render()
        except LayoutError as error:
            raise UnprintableError(f"{document.kind}: a row is higher than a page") from error


def _printed_text(document: Document, watermark: str | None) -> str:
    found: list[str] = [watermark or "", "—0123456789 "]
    queue: list[Any] = [document.blocks, document.qr.caption if document.qr else ""]
    while queue:
        value = queue.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            queue += value
        elif hasattr(value, "__slots__"):
            queue += [getattr(value, name) for name in value.__slots__]
    return "".join(found)


class _Pages:
    """One document on its way to paper: the story, and what stands around it."""

    def __init__(
        self, document: Document, fonts: Typeface, mark: str | None, created_at: datetime
    ) -> None:
        self._document, self._fonts, self._mark = document, fonts, mark
        self._created_at = created_at

    def render(self) -> bytes:
        output = BytesIO()
        header = self._document.header
        template = BaseDocTemplate(
            output,
            pagesize=A4,
            title=header.title,
            author=header.authority,
            subject=" ".join(filter(None, (self._document.kind, header.number))),
            creator="liandong",
            producer="liandong",
            lang="zh-CN",
            initialFontName=BUNDLED_FONT,
            invariant=1,
            pageCompression=1,
        )
        frame = Frame(
            LEFT_MARGIN,
            _BOTTOM_MARGIN,
            TYPE_WIDTH,
            # The 22 lines fill the area exactly; a rounding error must not cost the last.
            TYPE_HEIGHT + 0.1,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        template.addPageTemplates([PageTemplate(frames=[frame], onPage=self._furniture)])
        template.build(body_story(self._document, self._fonts, self._mark))
        return output.getvalue()

    def _furniture(self, canvas: Any, template: Any) -> None:
        number = canvas.getPageNumber()
        canvas.saveState()
        if number == 1:
            canvas.setDateFormatter(lambda *_: f"D:{self._created_at:%Y%m%d%H%M%S}{self._zone()}")
            self._qr(canvas)
        self._page_number(canvas, number)
        if self._mark:
            self._watermark(canvas, self._mark)
        canvas.restoreState()

    def _zone(self) -> str:
        zone = f"{self._created_at:%z}"
        return f"{zone[:3]}'{zone[3:5]}'"

    def _page_number(self, canvas: Any, number: int) -> None:
        """Odd numbers stand one character from the right edge, even ones from the left."""
        text = f"— {number} —"
        width = self._fonts.width(text, _PAGE_NUMBER.size)
        x = LEFT_MARGIN + _PAGE_NUMBER.size
        if number % 2:
            x = LEFT_MARGIN + TYPE_WIDTH - _PAGE_NUMBER.size - width
        y = _BOTTOM_MARGIN - 7 * mm - _PAGE_NUMBER.size
        draw_text(canvas, self._fonts, text, (x, y), _PAGE_NUMBER)

    def _watermark(self, canvas: Any, mark: str) -> None:
        canvas.setFillColorRGB(*MARK_COLOUR)
        canvas.setStrokeColorRGB(*MARK_COLOUR)
        width = self._fonts.width(mark, _MARK.size)
        x, y = LEFT_MARGIN, _PAGE_HEIGHT - 22 * mm
        canvas.setLineWidth(0.6)
        canvas.rect(x, y - 5, width + 12, 18, stroke=1, fill=0)
        draw_text(canvas, self._fonts, mark, (x + 6, y), _MARK)

    def _qr(self, canvas: Any) -> None:
        code = self._document.qr
        if code is None:
            return
        x = LEFT_MARGIN + TYPE_WIDTH - _QR_SIDE
        y = _PAGE_HEIGHT - 32 * mm
        draw_qr(canvas, code.value, (x, y), _QR_SIDE)
        draw_centred(canvas, self._fonts, code.caption, (x + _QR_SIDE / 2, y - 10), _CAPTION)
