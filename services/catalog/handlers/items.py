"""Publishing versions of service items, and the flag that metrics sets."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalog.domain import lint
from services.catalog.domain.authorities import Authority
from services.catalog.domain.calendar_years import calendar_with
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import ItemUnknownError
from services.catalog.domain.items import ItemVersion, ServiceItem
from services.catalog.domain.units import UnitKind
from services.catalog.handlers.places import in_a_town_below
from services.catalog.ports import CatalogUnitOfWork, Say
from workdays import WorkCalendar

__all__ = [
    "ItemLightChanged",
    "ItemVersionIdentity",
    "PublishItemVersion",
    "flag_item",
    "publish_item_version",
]


@dataclass(frozen=True, slots=True)
class PublishItemVersion:
    """Publish a version; what the server sets is ignored."""

    version: ItemVersion


@dataclass(frozen=True, slots=True)
class ItemVersionIdentity:
    """Which version it has become."""

    item_version: str


@dataclass(frozen=True, slots=True)
class ItemLightChanged:
    """The light of an item under 最多跑一次 changed; what the catalogue needs of it."""

    item_code: str
    red: bool
    case_number: str


def publish_item_version(
    command: PublishItemVersion, *, uow: CatalogUnitOfWork, shipped: WorkCalendar, say: Say
) -> ItemVersionIdentity:
    """Publish a version that has no findings; all findings are told at once."""
    draft = command.version.draft
    item = uow.items.find(draft.item_code)
    authorities = _authorities(draft, uow)
    windows = (
        ()
        if item is None
        else uow.letters.windows_accepting(draft.item_code, draft.in_force_from_date)
    )
    circumstances = lint.Circumstances(
        authorities=authorities,
        calendar=calendar_with(shipped, uow.years.notices()),
        published_on=civil_day(uow.call.at),
        is_first=item is None,
        accepting_windows=windows,
        town_windows=tuple(
            window for window in windows if in_a_town_below(window, draft.authority, uow)
        ),
        village_posts=_village_posts(draft, uow),
        successor_known=bool(uow.items.authorities_of([draft.successor_item])),
    )
    lint.require_sound(draft, circumstances, say)
    if item is None:
        item = ServiceItem.of(draft)
        published = item.publish(draft, authorities, uow.call.at)
        uow.items.add(item)
    else:
        published = item.publish(draft, authorities, uow.call.at)
    return ItemVersionIdentity(published.item_version)


def _authorities(draft: ItemVersion, uow: CatalogUnitOfWork) -> dict[str, Authority]:
    """Return those of the authorities that the version names which are registered."""
    named = (*draft.authorities, *draft.consulted)
    found = {code: uow.authorities.look(code) for code in named}
    return {code: authority for code, authority in found.items() if authority is not None}


def _village_posts(draft: ItemVersion, uow: CatalogUnitOfWork) -> frozenset[str]:
    """Return the receiving posts of the version that are registered posts of villages."""
    found = (uow.units.look(code) for code in draft.receiving_posts)
    return frozenset(
        unit.code for unit in found if unit is not None and unit.kind is UnitKind.VILLAGE_POST
    )


def flag_item(fact: ItemLightChanged, *, uow: CatalogUnitOfWork) -> None:
    """Set or take back the flag of an item, as its completed cases show."""
    item = uow.items.find(fact.item_code)
    if item is None:
        raise ItemUnknownError("metrics tells of an item nobody published", item=fact.item_code)
    item.flag(red=fact.red, case_number=fact.case_number)
