"""Prints statutory documents: strict XML in, a PDF in the official layout out."""

from servicekit.printing.errors import (
    DocumentXmlError,
    MissingGlyphError,
    PrintingError,
    UnknownElementError,
    UnprintableError,
)
from servicekit.printing.render import DEMONSTRATION_MARK, render_pdf
from servicekit.printing.typeface import add_supplementary_font

__all__ = [
    "DEMONSTRATION_MARK",
    "DocumentXmlError",
    "MissingGlyphError",
    "PrintingError",
    "UnknownElementError",
    "UnprintableError",
    "add_supplementary_font",
    "render_pdf",
]
