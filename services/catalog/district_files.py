"""The files that say what a district is: those that ship with the project, or a copy of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

__all__ = ["SHIPPED", "DistrictFiles", "DistrictFilesError"]

SHIPPED: Final[Traversable] = resources.files("services.catalog").joinpath("data")


class DistrictFilesError(Exception):
    """A file of a district is missing or cannot be loaded; says which, and where in it."""


class DistrictFiles:
    """Reads the files of one folder, and knows what was read last."""

    def __init__(self, folder: Traversable = SHIPPED) -> None:
        self._folder = folder
        self.place = ""

    def rows(self, name: str) -> Iterator[dict[str, str]]:
        """Yield the rows of a CSV file; one that is shorter or longer than its head is wrong."""
        reader = csv.DictReader(self.text(name).splitlines())
        for row in reader:
            self.place = f"{name}, line {reader.line_num}"
            if None in row or None in row.values():
                raise DistrictFilesError(f"{self.place}: not as many fields as its first line has")
            yield row

    def text(self, name: str) -> str:
        self.place = name
        file = self._folder.joinpath(name)
        if not file.is_file():
            raise DistrictFilesError(f"{name} is missing: a district has all files, if only a head")
        return file.read_text("utf-8")
