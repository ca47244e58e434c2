"""Where a unit stands in the five-level tree."""

from __future__ import annotations

from services.catalog.domain.units import TOWN
from services.catalog.ports import CatalogUnitOfWork

__all__ = ["in_a_town_below"]


def in_a_town_below(window_unit: str, authority: str, uow: CatalogUnitOfWork) -> bool:
    """Tell whether a window stands in a town that the authority stands above.

    Source: R5.3; readings 5.
    """
    town = _town_of(window_unit, uow)
    return bool(town) and town != _town_of(authority, uow)


def _town_of(code: str, uow: CatalogUnitOfWork) -> str:
    unit = uow.units.look(code)
    while unit is not None and unit.level != TOWN:
        unit = uow.units.look(unit.parent) if unit.parent else None
    return "" if unit is None else unit.code
