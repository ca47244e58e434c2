"""What can be wrong with a document that is to be printed."""

from __future__ import annotations

import unicodedata

__all__ = [
    "DocumentXmlError",
    "MissingGlyphError",
    "PrintingError",
    "UnknownElementError",
    "UnprintableError",
]


class PrintingError(Exception):
    """A document cannot be printed; nothing was printed."""


class DocumentXmlError(PrintingError):
    """The XML of a document is malformed, or an element lacks what it needs."""


class UnknownElementError(DocumentXmlError):
    """The XML holds an element or an attribute that the printer does not know."""


class UnprintableError(PrintingError):
    """The document is well-formed, but something in it does not fit a page."""


class MissingGlyphError(PrintingError):
    """No font has some character of the document.

    A statutory document with an empty box in place of a person's name would
    be worse than none: the case needs a font that has the character, see
    `add_supplementary_font`.
    """

    def __init__(self, characters: str) -> None:
        self.characters = "".join(sorted(set(characters)))
        listed = ", ".join(
            f"{char if char.isprintable() and not unicodedata.combining(char) else '?'}"
            f" (U+{ord(char):04X})"
            for char in self.characters
        )
        super().__init__(f"no font has {listed}")
