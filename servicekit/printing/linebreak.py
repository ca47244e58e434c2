"""Breaking Chinese text into lines that obey the rules of official typesetting.

No line begins with closing punctuation or ends with opening punctuation; a
number, a short code or a Latin word stays whole, and so do —— and ……. The
library's own breaker leaves ，；：！？》” at the start of lines, hence this one.

Source: GB/T 9704-2012 (numbers and years are not divided); GB/T 15834-2011 (5.1, places
of the punctuation marks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from servicekit.printing.typeface import Typeface

__all__ = ["CANNOT_END", "CANNOT_START", "Line", "Measure", "break_lines"]

CANNOT_START = "、。，．；：？！…—～·）〕］｝》〉」』】〗”’％‰℃),.;:?!]}%°"
CANNOT_END = "（〔［｛《〈「『【〖“‘￥＄№([{￥$#"

_CLUSTER = re.compile(
    rf"(?:[{re.escape(CANNOT_END)}] *)*"
    r"(?:——|……|[0-9A-Za-z](?:[0-9A-Za-z.,:/@_+*\-]*[0-9A-Za-z])?|.)"
    rf"(?: *[{re.escape(CANNOT_START)}])*",
    re.DOTALL,
)
# Characters may move together by this part of their size before it shows.
_SQUEEZE = 0.05
# And apart by this part; beyond it, a ragged line looks better than a stretched one.
_STRETCH = 0.25
_TOLERANCE = 0.01
# Longer codes may be divided: an implementation code of 31 characters would otherwise
# leave half a line empty, while a credit code or an identity number (18) stays whole.
_WHOLE = 24


@dataclass(frozen=True, slots=True)
class Measure:
    """How wide text runs: its fonts, its size, and the space after each character."""

    fonts: Typeface
    size: float
    tracking: float = 0.0

    def __call__(self, text: str) -> float:
        return self.fonts.width(text, self.size) + self.tracking * len(text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, its width as set, and the tracking that makes it so."""

    text: str
    width: float
    tracking: float


def break_lines(
    text: str, measure: Measure, width: float, *, indent: float = 0.0, justify: bool = True
) -> list[Line]:
    """Return `text` as lines no wider than `width`, the first shorter by `indent`."""
    lines: list[Line] = []
    current, used, room = "", 0.0, width - indent
    for cluster in _clusters(text, measure, width - indent):
        advance = measure(cluster)
        if used + advance <= room + _TOLERANCE:
            current, used = current + cluster, used + advance
            continue
        if _fits_squeezed(current + cluster, used + advance - room, cluster, measure):
            lines.append(_set(current + cluster, measure, room, justify=True))
            current, used = "", 0.0
        else:
            if current:
                lines.append(_set(current, measure, room, justify=justify))
            current = cluster.lstrip(" ")
            used = measure(current)
        room = width
    if current.rstrip(" ") or not lines:
        lines.append(_set(current, measure, room, justify=False))
    return lines


def _clusters(text: str, measure: Measure, width: float) -> Iterator[str]:
    """Yield the pieces between which a line may end."""
    for cluster in _CLUSTER.findall(text):
        if len(cluster) <= _WHOLE and measure(cluster) <= width:
            yield cluster
        else:
            body = cluster.rstrip(CANNOT_START + " ")
            yield from body[:-1]
            yield body[-1:] + cluster[len(body) :]


def _fits_squeezed(line: str, excess: float, cluster: str, measure: Measure) -> bool:
    """Tell whether closing punctuation at the end still fits if the line is set tighter."""
    if cluster[-1] not in CANNOT_START:
        return False
    return excess / max(len(line) - 1, 1) <= _SQUEEZE * measure.size


def _set(text: str, measure: Measure, room: float, *, justify: bool) -> Line:
    text = text.rstrip(" ")
    natural = measure(text)
    gaps = len(text) - 1
    spare = (room - natural) / gaps if gaps > 0 else 0.0
    if not justify or spare > _STRETCH * measure.size:
        return Line(text, natural, measure.tracking)
    return Line(text, room, measure.tracking + spare)
