"""Rules about what the published guide says: result, visits, telephones, authority, period."""

from __future__ import annotations

import re
from typing import Final

from services.catalog.domain.items import ItemVersion
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule

__all__ = ["RULES"]

# GB/T 39046-2020 A.1. The ranges 11 to 19 and from 21 are left to extensions nobody has made.
ITEM_TYPES: Final = frozenset({f"{number:02}" for number in range(11)} | {"20"})
MOST_VISITS: Final = 1  # 最多跑一次; R2.5
_PHONE: Final = re.compile(r"0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?")


def item_type_is_known(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """The type is one of GB/T 39046 A.1, else every statistic by type loses the item."""
    if version.item_type in ITEM_TYPES:
        return None
    return Finding("ITEM_TYPE_UNKNOWN", {"item_type": version.item_type})


def physical_result_has_a_name(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """What is handed out is named on the receipt."""
    if not version.result_physical or version.result_name.strip():
        return None
    return Finding("RESULT_NAME_MISSING")


def physical_result_is_couriered(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Every result on paper is offered by courier.

    Source: R2.7, R2.9.
    """
    if not version.result_physical or version.courier_offered:
        return None
    return Finding("COURIER_NOT_OFFERED")


def courier_has_something_to_carry(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A courier is not offered for a result that does not exist on paper.

    Source: R2.9.
    """
    if not version.courier_offered or version.result_physical:
        return None
    return Finding("COURIER_WITHOUT_RESULT")


def fully_online_needs_no_visit(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Fully online (Ⅳ级) means no visit.

    Source: R2.1.
    """
    if not version.declared_fully_online or version.declared_visits == 0:
        return None
    return Finding("FULLY_ONLINE_WITH_VISITS", {"visits": str(version.declared_visits)})


def fully_online_is_not_excluded(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An item is not both fully online and barred from being so.

    Source: R2.2.
    """
    if not (version.declared_fully_online and version.excluded_from_online):
        return None
    return Finding("FULLY_ONLINE_BUT_EXCLUDED")


def no_visit_needs_another_way(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Without a visit the application comes online or by courier.

    Source: R2.1, R2.7.
    """
    by_courier = version.courier_offered or version.courier_inbound
    if version.declared_visits or version.declared_fully_online or by_courier:
        return None
    return Finding("NO_WAY_WITHOUT_VISIT")


def admitted_item_takes_one_visit(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An item admitted to the centre takes one visit at the most.

    Source: R2.5.
    """
    if not version.admitted or version.declared_visits <= MOST_VISITS:
        return None
    return Finding("TOO_MANY_VISITS", {"visits": str(version.declared_visits)})


def phones_have_an_area_code(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Both telephones can be called from anywhere: 0533-2345678.

    Source: rules.md 2; domain.md 2.5.
    """
    phones = (version.advice_phone, version.complaint_phone)
    wrong = [phone for phone in phones if not _PHONE.fullmatch(phone)]
    return Finding("PHONE_INVALID", {"phones": "、".join(wrong)}) if wrong else None


def complaints_go_elsewhere(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Who is complained about does not answer the telephone for complaints.

    Source: rules.md 2; domain.md 2.5.
    """
    if version.advice_phone != version.complaint_phone:
        return None
    return Finding("PHONES_SAME")


def legal_bases_are_named(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An item rests on at least one law.

    Source: 行政许可法 第四条; 优化营商环境条例 第三十九条.
    """
    if version.legal_bases and all(basis.strip() for basis in version.legal_bases):
        return None
    return Finding("LEGAL_BASIS_MISSING")


def authority_is_known(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Whoever decides or is asked is registered."""
    named = dict.fromkeys((*version.authorities, *version.consulted))
    missing = [code for code in named if code not in around.authorities]
    if not missing:
        return None
    return Finding("AUTHORITY_NOT_REGISTERED", {"authority": "、".join(missing)})


def remedies_are_known(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Every deciding authority has a dated record of who reviews its decisions.

    A record that lacks the court, or the body, does not keep the item from being offered: it
    blocks each adverse document until it is completed.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    deciding = (around.authorities.get(code) for code in version.authorities)
    missing = [
        authority.name
        for authority in deciding
        if authority is not None and authority.record_on(version.in_force_from_date) is None
    ]
    return Finding("REMEDIES_UNKNOWN", {"authority": "、".join(missing)}) if missing else None


def period_is_not_empty(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A version ends after it begins."""
    until = version.in_force_until_date
    if until is None or until > version.in_force_from_date:
        return None
    return Finding("VERSION_PERIOD_EMPTY")


def later_version_begins_later(version: ItemVersion, around: Circumstances) -> Finding | None:
    """A version that follows another does not rewrite what was in force before it was published.

    Source: R3.7.
    """
    if around.is_first or version.in_force_from_date >= around.published_on:
        return None
    return Finding("VERSION_BACKDATED", {"published_on": around.published_on.isoformat()})


RULES: Final[tuple[Rule, ...]] = (
    item_type_is_known,
    physical_result_has_a_name,
    physical_result_is_couriered,
    courier_has_something_to_carry,
    fully_online_needs_no_visit,
    fully_online_is_not_excluded,
    no_visit_needs_another_way,
    admitted_item_takes_one_visit,
    phones_have_an_area_code,
    complaints_go_elsewhere,
    legal_bases_are_named,
    authority_is_known,
    remedies_are_known,
    period_is_not_empty,
    later_version_begins_later,
)
