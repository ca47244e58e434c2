"""The five-level tree (五级联动) and the units inside its nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.errors import (
    MergedIntoItselfError,
    MergerBackdatedError,
    NotAWindowError,
    UnitCodeInvalidError,
    UnitMisplacedError,
    WindowMergedError,
)
from services.catalog.domain.events import UnitRegistered, WindowMerged

__all__ = [
    "COUNTY",
    "PROVINCE",
    "TOWN",
    "VILLAGE",
    "Merger",
    "Unit",
    "UnitKind",
    "predecessors_of",
]

# Levels of GB/T 39046-2020 A.2, and how many digits of a division code each one fixes.
PROVINCE: Final = 2
CITY: Final = 3
COUNTY: Final = 4
TOWN: Final = 5
VILLAGE: Final = 6
_DIGITS: Final = {PROVINCE: 2, CITY: 4, COUNTY: 6, TOWN: 9, VILLAGE: 12}
_CODE_LENGTH: Final = 12
_SUFFIX: Final = re.compile(r"-[A-Z][0-9]{1,3}")


class UnitKind(StrEnum):
    """What a unit is."""

    DIVISION = "DIVISION"
    CENTRE = "CENTRE"
    WINDOW = "WINDOW"
    DEPARTMENT = "DEPARTMENT"
    VILLAGE_POST = "VILLAGE_POST"


# Which parents a unit may have: the kind, and for a division the levels.
_DIVISION_LEVELS: Final = {
    UnitKind.CENTRE: frozenset({CITY, COUNTY, TOWN}),
    UnitKind.DEPARTMENT: frozenset({PROVINCE, CITY, COUNTY, TOWN}),
    UnitKind.VILLAGE_POST: frozenset({VILLAGE}),
}
_INNER_PARENTS: Final = {
    UnitKind.WINDOW: frozenset({UnitKind.CENTRE}),
    UnitKind.DEPARTMENT: frozenset({UnitKind.DEPARTMENT}),
}


@dataclass(eq=False, kw_only=True)
class Unit(Aggregate):
    """A division, or a unit inside one; `unit_path` names all units above it.

    `level` is 0 for a unit inside another. `site` stands in the numbers of the documents that
    are issued here; it is empty where nothing is issued. A window that was merged into another
    ends before `merged_from_date`.

    Source: GB/T 39046-2020 A.2; R5.1.
    """

    code: str
    name: str
    kind: UnitKind
    parent: str
    unit_path: str
    level: int = 0
    site: str = ""
    merged_into: str = ""
    merged_from_date: date | None = None
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def register(
        cls, *, code: str, name: str, kind: UnitKind, parent: Unit | None, site: str = ""
    ) -> Self:
        """Put a new unit into the tree, under `parent`; only the province has none."""
        level = _division_level(code, parent) if kind is UnitKind.DIVISION else 0
        if kind is not UnitKind.DIVISION:
            _check_inner(code, kind, parent)
        unit = cls(
            code=code,
            name=name,
            kind=kind,
            parent=parent.code if parent else "",
            unit_path=f"{parent.unit_path if parent else '/'}{code}/",
            level=level,
            site=site,
        )
        unit._registered()
        return unit

    def change(self, *, name: str, site: str) -> bool:
        """Take over what may change of a unit; tell whether anything did."""
        if (name, site) == (self.name, self.site):
            return False
        self.name, self.site = name, site
        self._registered()
        return True

    def merge_into(self, successor: Unit, from_date: date, today: date) -> None:
        """End this window; from `from_date` the successor hands out what was accepted here.

        A window that ends takes nothing over, so no chain of mergers closes into a ring.

        Source: R4.7; readings 6.
        """
        for window in (self, successor):
            if window.kind is not UnitKind.WINDOW:
                raise NotAWindowError("only windows are merged", unit=window.code)
        if successor.code == self.code:
            raise MergedIntoItselfError("a window is merged into another", unit=self.code)
        for window in (self, successor):
            if window.merged_into:
                raise WindowMergedError(
                    "the window ended before", unit=window.code, successor=window.merged_into
                )
        if from_date < today:
            raise MergerBackdatedError("the day has gone by", today=today.isoformat())
        self.merged_into, self.merged_from_date = successor.code, from_date
        self.happened(
            WindowMerged(window_unit=self.code, successor=successor.code, from_date=from_date)
        )

    def has_ended(self, day: date) -> bool:
        """Tell whether the window was merged into another by `day`."""
        return self.merged_from_date is not None and self.merged_from_date <= day

    @property
    def stream_id(self) -> str:
        return self.code

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.code, unit_path=self.unit_path)

    def _registered(self) -> None:
        self.happened(
            UnitRegistered(
                unit=self.code,
                name=self.name,
                level=self.level,
                kind=self.kind.name,
                unit_path=self.unit_path,
            )
        )


@dataclass(frozen=True, slots=True)
class Merger:
    """One window that was merged into another from a day on."""

    window_unit: str
    successor: str
    from_date: date


def predecessors_of(window: str, mergers: Iterable[Merger], day: date) -> tuple[str, ...]:
    """Return every window that was merged into `window` by `day`, at whatever remove.

    What any of them accepted, `window` hands out. A window that was itself merged away hands out
    nothing any more, and still answers for who went before it.

    Source: R4.7; readings 6.
    """
    begun = [merger for merger in mergers if merger.from_date <= day]
    found: set[str] = set()
    wanted = {window}
    while wanted:
        wanted = {each.window_unit for each in begun if each.successor in wanted} - found
        found |= wanted
    return tuple(sorted(found))


def _division_level(code: str, parent: Unit | None) -> int:
    """Return the level of a division, whose code continues that of its parent.

    A city of the second level is told from a county by its parent, never by guessing from
    zeros: a village code may end in zeros too.
    """
    if parent is not None and parent.kind is not UnitKind.DIVISION:
        raise UnitMisplacedError("a division stands under a division", unit=code)
    level = PROVINCE if parent is None else parent.level + 1
    if level not in _DIGITS:
        raise UnitMisplacedError("a village has no divisions", unit=code)
    own = code[: _DIGITS[level]]
    above = "" if parent is None else parent.code[: _DIGITS[parent.level]]
    well_formed = len(code) == _CODE_LENGTH and code.isascii() and code.isdigit()
    if not (well_formed and own.startswith(above) and own.ljust(_CODE_LENGTH, "0") == code):
        raise UnitCodeInvalidError("the code does not continue the parent's", unit=code)
    return level


def _check_inner(code: str, kind: UnitKind, parent: Unit | None) -> None:
    if parent is None:
        raise UnitMisplacedError("only a province has no parent", unit=code)
    if parent.kind is UnitKind.DIVISION:
        fits = parent.level in _DIVISION_LEVELS.get(kind, frozenset())
    else:
        fits = parent.kind in _INNER_PARENTS.get(kind, frozenset())
    if not fits:
        raise UnitMisplacedError(
            f"a {kind} does not stand under a {parent.kind}", unit=code, parent=parent.code
        )
    if not (code.startswith(parent.code) and _SUFFIX.fullmatch(code[len(parent.code) :])):
        raise UnitCodeInvalidError("the code does not continue the parent's", unit=code)
