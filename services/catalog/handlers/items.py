"""Publishing versions of service items, and the flag that metrics sets."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalog.domain import lint
from services.catalog.domain.calendar_years import calendar_with
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import AuthorityUnknownError, ItemUnknownError
from services.catalog.domain.items import ItemVersion, ServiceItem
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
    authority = uow.authorities.look(draft.authority)
    circumstances = lint.Circumstances(
        authority=authority,
        calendar=calendar_with(shipped, uow.years.notices()),
        published_on=civil_day(uow.call.at),
        is_first=item is None,
    )
    lint.require_sound(draft, circumstances, say)
    if authority is None:
        raise AuthorityUnknownError("not registered", authority=draft.authority)
    if item is None:
        item = ServiceItem.of(draft)
        published = item.publish(draft, authority, uow.call.at)
        uow.items.add(item)
    else:
        published = item.publish(draft, authority, uow.call.at)
    return ItemVersionIdentity(published.item_version)


def flag_item(fact: ItemLightChanged, *, uow: CatalogUnitOfWork) -> None:
    """Set or take back the flag of an item, as its completed cases show."""
    item = uow.items.find(fact.item_code)
    if item is None:
        raise ItemUnknownError("metrics tells of an item nobody published", item=fact.item_code)
    item.flag(red=fact.red, case_number=fact.case_number)
