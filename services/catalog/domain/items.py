"""Service items (政务服务事项) and their versions, which never change once published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.authorities import Authority
from services.catalog.domain.errors import ItemNotInForceError
from services.catalog.domain.events import ItemFlagged, ItemVersionPublished
from services.catalog.domain.terms import (
    AuthorityPart,
    Extension,
    ItemLimit,
    JointForm,
    SpecialProcedureTerms,
)

__all__ = [
    "ADMINISTRATIVE_PERMIT",
    "HandlingKind",
    "ItemLimit",
    "ItemVersion",
    "Material",
    "Necessity",
    "PublishedVersion",
    "ServiceItem",
    "version_on",
]

ADMINISTRATIVE_PERMIT: Final = "01"  # 行政许可, GB/T 39046-2020 A.1


class HandlingKind(StrEnum):
    """How an item is handled, as in GB/T 39046 A.6."""

    ON_THE_SPOT = "ON_THE_SPOT"  # 即办件
    PROMISED = "PROMISED"  # 承诺件
    FILING = "FILING"  # 备案: full information received is the filing


class Necessity(StrEnum):
    """Whether a material must be there."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    LATER = "LATER"  # 容缺后补


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One material (申请材料); with a `sharing_source` it may not be asked of the applicant.

    Source: 行政许可法 第三十一条; 国务院令第716号 第七条.
    """

    material_code: str
    name: str
    necessity: Necessity
    sharing_source: str = ""
    originals: int = 0
    copies: int = 0
    legal_basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersion:
    """What holds for an item over a period (事项版本): the guide, the limits, the materials.

    The names are those of the proto. What the server sets (identity, names and remedies of the
    authority) is empty in a draft.
    """

    item_code: str
    name: str
    item_type: str
    authority: str
    handling: HandlingKind
    promised_limit: ItemLimit
    materials: tuple[Material, ...]
    legal_bases: tuple[str, ...]
    in_force_from_date: date
    advice_phone: str
    complaint_phone: str
    persons_required: int
    statutory_limit: ItemLimit | None = None
    deemed_acceptance: bool = False
    site_check_required: bool = False
    result_name: str = ""
    result_physical: bool = False
    admitted: bool = False
    declared_visits: int = 0
    declared_fully_online: bool = False
    excluded_from_online: bool = False
    courier_offered: bool = False
    in_force_until_date: date | None = None
    illustrative: bool = False
    item_version: str = ""
    authority_name: str = ""
    authority_prefix: str = ""
    review_body: str = ""
    court: str = ""
    extension: Extension | None = None
    special_procedures: tuple[SpecialProcedureTerms, ...] = ()
    joint_form: JointForm | None = None
    parts: tuple[AuthorityPart, ...] = ()
    consulted: tuple[str, ...] = ()
    designation: str = ""
    verification_limit: ItemLimit | None = None
    correction_limit: ItemLimit | None = None
    presence_basis: str = ""
    receiving_posts: tuple[str, ...] = ()
    town_receiving_record: str = ""
    courier_inbound: bool = False
    successor_item: str = ""

    @property
    def draft(self) -> ItemVersion:
        """The same version without what the server sets."""
        return replace(
            self,
            item_version="",
            authority_name="",
            authority_prefix="",
            review_body="",
            court="",
            parts=tuple(part.draft for part in self.parts),
        )

    @property
    def authorities(self) -> tuple[str, ...]:
        """Every authority that decides something here, the lead first."""
        return tuple(dict.fromkeys((self.authority, *(part.authority for part in self.parts))))


@dataclass(eq=False, kw_only=True)
class PublishedVersion:
    """One version as it stands in the catalogue; nothing here ever changes.

    Source: R3.7.
    """

    item_version: str
    item_code: str
    number: int
    in_force_from_date: date
    in_force_until_date: date | None
    content: ItemVersion
    published_at: datetime

    def covers(self, day: date) -> bool:
        until = self.in_force_until_date
        return self.in_force_from_date <= day and (until is None or day < until)


def version_on(item_code: str, versions: list[PublishedVersion], day: date) -> PublishedVersion:
    """Return the version in force on `day`: of several that cover it, the last published.

    A new version therefore ends the one before without touching it.

    Source: R3.7; readings 4.
    """
    covering = [version for version in versions if version.covers(day)]
    if not covering:
        raise ItemNotInForceError(
            "no version is in force on that day", item=item_code, day=day.isoformat()
        )
    return max(covering, key=lambda version: version.number)


@dataclass(eq=False, kw_only=True)
class ServiceItem(Aggregate):
    """An item with all its versions, and the flag that supervision sets on it.

    `red` means that a completed case took two visits or more and the explanation is due.

    Source: R2.5, R3.7.
    """

    item_code: str
    authority: str
    versions: list[PublishedVersion] = field(default_factory=list)
    red: bool = False
    red_case_number: str = ""
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, draft: ItemVersion) -> Self:
        """Return an item that has no version yet."""
        return cls(item_code=draft.item_code, authority=draft.authority)

    def publish(
        self, draft: ItemVersion, authorities: Mapping[str, Authority], at: datetime
    ) -> PublishedVersion:
        """Publish a draft that passed the lint (`lint.require_sound`) as the next version.

        Who reviews the decisions of each authority is copied from its record of the first day in
        force.

        Source: R3.5, R3.7; readings 11, 21.
        """
        day = draft.in_force_from_date
        number = len(self.versions) + 1
        content = replace(
            draft.draft,
            item_version=f"{self.item_code}@{number}",
            parts=tuple(
                replace(part.draft, **_as_printed(authorities[part.authority], day))
                for part in draft.parts
            ),
            **_as_printed(authorities[draft.authority], day),
        )
        published = PublishedVersion(
            item_version=content.item_version,
            item_code=self.item_code,
            number=number,
            in_force_from_date=content.in_force_from_date,
            in_force_until_date=content.in_force_until_date,
            content=content,
            published_at=at,
        )
        self.versions.append(published)
        self.authority = content.authority
        self.happened(_published(content))
        return published

    def flag(self, *, red: bool, case_number: str) -> bool:
        """Set or take back the flag; tell whether it changed.

        Source: R2.5.
        """
        if red == self.red:
            return False
        self.red = red
        self.red_case_number = case_number if red else ""
        self.happened(ItemFlagged(item_code=self.item_code, red=red, case_number=case_number))
        return True

    @property
    def stream_id(self) -> str:
        return self.item_code

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.authority, authority=self.authority)


def _as_printed(authority: Authority, day: date) -> dict[str, Any]:
    """Return what documents in the name of the authority say of it from `day` on."""
    record = authority.record_on(day)
    if record is None:
        raise ValueError("the lint lets no version pass whose authority has no record")
    return {
        "authority_name": authority.name,
        "authority_prefix": authority.prefix,
        "review_body": record.review_body,
        "court": record.court,
    }


def _published(content: ItemVersion) -> ItemVersionPublished:
    return ItemVersionPublished(
        item_code=content.item_code,
        item_version=content.item_version,
        name=content.name,
        authority=content.authority,
        item_type=content.item_type,
        admitted=content.admitted,
        declared_visits=content.declared_visits,
        declared_fully_online=content.declared_fully_online,
        excluded_from_online=content.excluded_from_online,
        courier_offered=content.courier_offered,
        in_force_from_date=content.in_force_from_date,
        handling=content.handling.name,
        statutory_limit=content.statutory_limit,
        promised_limit=content.promised_limit,
        result_physical=content.result_physical,
        in_force_until_date=content.in_force_until_date,
    )
