"""Rules about time and about how many persons decide."""

from __future__ import annotations

from typing import Final

from services.catalog.domain.items import ADMINISTRATIVE_PERMIT, HandlingKind, ItemVersion
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule
from services.catalog.domain.lint.worst_case import first_day_broken, starts_later
from workdays import Limit, Unit

__all__ = ["RULES"]

LEAST_PERSONS_PROMISED: Final = 2  # 审核, 审批; readings 2


def promised_limit_is_countable(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A promise of 0 working days, or of 3 days on the spot, means nothing."""
    if version.promised_limit.is_countable:
        return None
    return Finding("PROMISED_LIMIT_INVALID")


def statutory_limit_is_countable(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """The statutory limit, where there is one, has an amount that fits its unit."""
    if version.statutory_limit is None or version.statutory_limit.is_countable:
        return None
    return Finding("STATUTORY_LIMIT_INVALID")


def permit_has_statutory_limit(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Every permit has a limit by law, twenty working days where no other law sets one.

    Source: 行政许可法 第四十二条第一款.
    """
    if version.item_type != ADMINISTRATIVE_PERMIT or version.statutory_limit is not None:
        return None
    return Finding("STATUTORY_LIMIT_MISSING")


def statutory_limit_names_its_clause(
    version: ItemVersion, _around: Circumstances
) -> Finding | None:
    """A limit by law names the law.

    Source: readings 15.
    """
    limit = version.statutory_limit
    if limit is None or limit.source.strip():
        return None
    return Finding("STATUTORY_SOURCE_MISSING")


def promise_starts_with_the_law(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A promise does not run from a later event than the statutory limit.

    Source: readings 15, 16.
    """
    limits = _comparable(version)
    if limits is None or not starts_later(*limits):
        return None
    return Finding("PROMISE_STARTS_LATER")


def promise_is_within_the_law(version: ItemVersion, around: Circumstances) -> Finding | None:
    """The promise never ends after the statutory limit, whatever the day and the holidays.

    Source: 优化营商环境条例 第三十六条; readings 16.
    """
    limits = _comparable(version)
    if limits is None:
        return None
    day = first_day_broken(*limits, around.calendar)
    return None if day is None else Finding("PROMISE_EXCEEDS_STATUTORY", {"day": day.isoformat()})


def on_the_spot_means_at_once(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An item is on the spot exactly if its promise is; a filing is done when it is received.

    Source: 行政许可法 第三十四条第二款; readings 2, 14.
    """
    at_once = version.promised_limit.unit is Unit.ON_THE_SPOT
    if at_once == (version.handling is not HandlingKind.PROMISED):
        return None
    return Finding("ON_THE_SPOT_MISMATCH")


def site_check_needs_a_promised_item(
    version: ItemVersion, _around: Circumstances
) -> Finding | None:
    """What is verified on the site by two persons is not decided on the spot.

    Source: 行政许可法 第三十四条第三款; readings 2.
    """
    if not version.site_check_required or version.handling is HandlingKind.PROMISED:
        return None
    return Finding("SITE_CHECK_ON_THE_SPOT")


def enough_persons_decide(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A promised item is reviewed and decided by different persons.

    Source: R4.1; readings 2.
    """
    if version.handling is not HandlingKind.PROMISED:
        return None
    if version.persons_required >= LEAST_PERSONS_PROMISED:
        return None
    return Finding("PERSONS_TOO_FEW", {"least": str(LEAST_PERSONS_PROMISED)})


def one_person_decides_at_once(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """On the spot, one person receives, accepts and decides in one step.

    Source: 行政许可法 第三十四条第二款; readings 2.
    """
    if version.handling is HandlingKind.PROMISED or version.persons_required == 1:
        return None
    return Finding("PERSONS_TOO_MANY")


def permit_is_deemed_accepted(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Silence for five working days is acceptance of every permit.

    Source: 行政许可法 第三十二条第一款第四项; readings 14.
    """
    if version.item_type != ADMINISTRATIVE_PERMIT or version.deemed_acceptance:
        return None
    return Finding("DEEMED_ACCEPTANCE_MISSING")


def filing_is_not_accepted(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A filing knows no acceptance, so there is none to be deemed.

    Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
    """
    if version.handling is not HandlingKind.FILING or not version.deemed_acceptance:
        return None
    return Finding("FILING_DEEMED_ACCEPTED")


def _comparable(version: ItemVersion) -> tuple[Limit, Limit] | None:
    """Return the promised and the statutory limit if both make sense."""
    promised, statutory = version.promised_limit, version.statutory_limit
    if statutory is None or not (promised.is_countable and statutory.is_countable):
        return None
    return promised.limit, statutory.limit


RULES: Final[tuple[Rule, ...]] = (
    promised_limit_is_countable,
    statutory_limit_is_countable,
    permit_has_statutory_limit,
    statutory_limit_names_its_clause,
    promise_starts_with_the_law,
    promise_is_within_the_law,
    on_the_spot_means_at_once,
    site_check_needs_a_promised_item,
    enough_persons_decide,
    one_person_decides_at_once,
    permit_is_deemed_accepted,
    filing_is_not_accepted,
)
