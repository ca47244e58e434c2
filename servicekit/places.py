"""Where in the five-level tree a unit is, by its path: the labels of the drill-down."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["DISTRICT", "TOWNSHIP", "VILLAGE", "Place", "place_of"]

DISTRICT: Final = "district"
TOWNSHIP: Final = "township"
VILLAGE: Final = "village"

_DIGITS: Final = 12  # of a division code; 6 of the county, 3 of the township, 3 of the village


class Place(NamedTuple):
    """A level, and the division code of the township; empty at the district itself."""

    level: str
    township: str


def place_of(unit_path: str) -> Place:
    """Return the level and the township of a unit.

    Source: GB/T 39046-2020 A.2.
    """
    divisions = [part for part in unit_path.split("/") if len(part) == _DIGITS and part.isdecimal()]
    township = next((each for each in divisions if _is_township(each)), "")
    if not township:
        return Place(DISTRICT, "")
    in_village = any(each[6:9] != "000" and each[9:] != "000" for each in divisions)
    return Place(VILLAGE if in_village else TOWNSHIP, township)


def _is_township(code: str) -> bool:
    return code[6:9] != "000" and code[9:] == "000"
