"""Reads the tables shipped with the package."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Final

DATA: Final = files("workdays") / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table, by column name."""
    text = (DATA / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
