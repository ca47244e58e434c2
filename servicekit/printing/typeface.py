"""The fonts a document is printed in, parsed once per process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from servicekit.printing.errors import MissingGlyphError

__all__ = ["BUNDLED_FONT", "Typeface", "add_supplementary_font", "typeface"]

# Its name inside the documents.
BUNDLED_FONT = "Song"
_BUNDLED_FILE = "NotoSerifSC-Regular.ttf"
_BEYOND_BMP = re.compile(r"(?<= <)[0-9A-F]{5,6}(?=>)")


class _EmbeddedFont(TTFont):
    """A font whose rare characters can be copied and searched in the PDF.

    The library writes the text code of a character beyond U+FFFF as five hex
    digits, where the format wants UTF-16; readers then lose the name of a
    person who has such a character in it.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - the library's name
        super().addObjects(doc)
        for key, entry in doc.idToObject.items():
            if str(key).startswith("toUnicodeCMap:"):
                entry.content = _BEYOND_BMP.sub(_utf16, entry.content)


def _utf16(found: re.Match[str]) -> str:
    return chr(int(found[0], 16)).encode("utf-16-be").hex().upper()


class Typeface:
    """One or more fonts; a character is printed in the first that has it."""

    def __init__(self) -> None:
        self._fonts: list[Any] = []
        self._places: dict[str, tuple[str, float]] = {}

    def add(self, name: str, content: bytes) -> None:
        font = _EmbeddedFont(name, BytesIO(content))
        pdfmetrics.registerFont(font)
        self._fonts.append(font)
        self._places.clear()

    def require(self, text: str) -> None:
        """Refuse a text with a character that no font has."""
        missing = [char for char in set(text) if self._place(char) is None]
        if missing:
            raise MissingGlyphError("".join(missing))

    def width(self, text: str, size: float) -> float:
        """Return how wide `text` runs at `size` points, without tracking."""
        return sum(self._known(char)[1] for char in text) * size

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield (font name, stretch of text to print in it)."""
        for name, chars in groupby(text, lambda char: self._known(char)[0]):
            yield name, "".join(chars)

    def _known(self, char: str) -> tuple[str, float]:
        place = self._place(char)
        if place is None:
            raise MissingGlyphError(char)
        return place

    def _place(self, char: str) -> tuple[str, float] | None:
        if char not in self._places:
            code = ord(char)
            for font in self._fonts:
                if code in font.face.charToGlyph:
                    self._places[char] = (font.fontName, font.face.getCharWidth(code) / 1000)
                    break
        return self._places.get(char)


@lru_cache(maxsize=1)
def typeface() -> Typeface:
    """Return the fonts of this process; the first call takes a tenth of a second."""
    fonts = Typeface()
    file = resources.files("servicekit").joinpath("fonts", _BUNDLED_FILE)
    fonts.add(BUNDLED_FONT, file.read_bytes())
    return fonts


def add_supplementary_font(path: Path) -> None:
    """Print the characters that the bundled font lacks in the TrueType font at `path`.

    For a place whose residents' names need more than the bundled font has,
    and which holds the licence of a font for GB 18030-2022 level 3.
    """
    typeface().add(f"Supplement-{path.stem}", path.read_bytes())
