"""The rows of the table: what was measured, beside what, and whether it is what we ask for."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from bench.targets import TARGETS, Target

__all__ = ["Met", "Row", "row", "save", "table"]

Met = Literal["goal", "floor", "no"]

_SIGNIFICANT: Final = 4
_WHOLE: Final = 1000  # from here on without decimals
_HEAD: Final = ("measure", "value", "unit", "beside", "ratio", "floor", "goal", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `beside` is what stands for comparison, `ratio` the value over it."""

    name: str
    value: float
    unit: str
    beside: float | None
    ratio: float | None
    floor: float | None
    goal: float | None
    met: Met


def row(name: str, value: float, *, beside: float | None = None) -> Row:
    """Return the row of a measurement, judged by its target.

    A row without floor and goal is reported and asks for nothing; it counts as met.
    """
    target = TARGETS[name.split("[", 1)[0]]
    ratio = value / beside if beside else None
    return Row(
        name=name,
        value=_rounded(value),
        unit=target.unit,
        beside=None if beside is None else _rounded(beside),
        ratio=None if ratio is None else _rounded(ratio),
        floor=target.floor,
        goal=target.goal,
        met=_met(target, ratio if target.of_ratio else value),
    )


def save(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as a list of objects, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    content = json.dumps([asdict(each) for each in rows], ensure_ascii=False, indent=1)
    draft.write_text(content + "\n", encoding="utf-8")
    draft.replace(path)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, aligned for reading in a terminal."""
    lines = [_HEAD, *(_cells(each) for each in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(_HEAD))]
    padded = [_line(line, widths) for line in lines]
    rule = "| " + " | ".join("-" * w for w in widths) + " |"
    return "\n".join([padded[0], rule, *padded[1:]])


def _met(target: Target, value: float | None) -> Met:
    if target.floor is None or target.goal is None:
        return "goal"
    if value is None:
        raise ValueError("a ratio is asked for, and nothing stands beside the value")
    if target.reaches(value, target.goal):
        return "goal"
    return "floor" if target.reaches(value, target.floor) else "no"


def _cells(each: Row) -> tuple[str, ...]:
    numbers = (each.beside, each.ratio, each.floor, each.goal)
    return (each.name, _text(each.value), each.unit, *map(_text, numbers), each.met)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (w - _width(cell)) for cell, w in zip(cells, widths, strict=True))
    return "| " + " | ".join(padded) + " |"


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.{_SIGNIFICANT}g}"


def _rounded(value: float) -> float:
    return float(f"{value:.{_SIGNIFICANT}g}")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
