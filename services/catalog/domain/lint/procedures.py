"""Rules about what changes a limit: extension, excluded time, verification, end of correction."""

from __future__ import annotations

from typing import Final

from services.catalog.domain.items import HandlingKind, ItemVersion
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule
from services.catalog.domain.lint.joint import JOINT_LIMIT, is_joint
from services.catalog.domain.lint.worst_case import first_day_broken, starts_later
from services.catalog.domain.terms import ExtensionApprover, ItemLimit, SpecialProcedureKind
from workdays import Unit

__all__ = ["RULES"]

PERMIT_LAW: Final = "行政许可法"
MOST_DAYS_ALONE: Final = 20  # 行政许可法 第四十二条第一款
# By how many working days that law lets each head extend, and no more.
MOST_EXTENSION: Final = {
    ExtensionApprover.AUTHORITY_HEAD: 10,
    ExtensionApprover.GOVERNMENT_HEAD: 15,
}
LARGEST_EXTENSION: Final = 100
LARGEST_PROCEDURE: Final = 200


def joint_limit_needs_a_designation(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """The 45 days of joint handling exist only where the government designated it.

    Source: 行政许可法 第二十六条第二款, 第四十二条第二款; readings 21.
    """
    limit = version.statutory_limit
    if limit is None or not _is_longer_permit_limit(limit):
        return None
    if is_joint(version) and version.designation.strip():
        return None
    return Finding("DESIGNATION_MISSING", {"amount": str(limit.amount)})


def permit_law_sets_no_longer_limit(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """That law gives 45 working days at the most, and an authority alone 20.

    Source: 行政许可法 第四十二条; readings 21.
    """
    own = version.statutory_limit
    limits = [(version.name, own, JOINT_LIMIT.amount)] if own is not None else []
    limits += [
        (part.name, part.statutory_limit, MOST_DAYS_ALONE)
        for part in version.parts
        if part.statutory_limit is not None
    ]
    too_long = [
        name
        for name, limit, most in limits
        if _rests_on_permit_law(limit.source) and _working_days(limit) > most
    ]
    return Finding("PERMIT_LAW_EXCEEDED", {"parts": "、".join(too_long)}) if too_long else None


def designation_needs_joint_handling(
    version: ItemVersion, _around: Circumstances
) -> Finding | None:
    """A designation is of several authorities, so it says nothing about one.

    Source: 行政许可法 第二十六条第二款; readings 21.
    """
    if not version.designation.strip() or is_joint(version):
        return None
    return Finding("DESIGNATION_WITHOUT_JOINT")


def extension_is_countable(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An extension is of something: there is a limit by law, counted in the same unit.

    Source: 行政许可法 第四十二条.
    """
    extension, law = version.extension, version.statutory_limit
    if extension is None:
        return None
    counts = 1 <= extension.amount <= LARGEST_EXTENSION and extension.unit is not Unit.ON_THE_SPOT
    if counts and law is not None and law.unit is extension.unit:
        return None
    return Finding("EXTENSION_INVALID")


def extension_names_its_clause(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """No limit is extended without a clause that allows it.

    Source: 行政许可法 第四十二条; readings 15.
    """
    if version.extension is None or version.extension.source.strip():
        return None
    return Finding("EXTENSION_SOURCE_MISSING")


def extension_is_within_the_law(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """An extension stays within what the law that it names allows.

    The law of permits lets the head of the authority extend by 10 working days, and the head of
    the government by 15.

    Source: 行政许可法 第四十二条.
    """
    extension = version.extension
    if extension is None or not _rests_on_permit_law(extension.source):
        return None
    most = MOST_EXTENSION[extension.approver]
    if extension.unit is Unit.WORKING_DAY and extension.amount <= most:
        return None
    return Finding("EXTENSION_TOO_LONG", {"most": str(most)})


def government_extends_what_it_designated(
    version: ItemVersion, _around: Circumstances
) -> Finding | None:
    """The head of the government extends only joint handling that the government designated.

    Source: 行政许可法 第四十二条第二款; readings 21.
    """
    extension = version.extension
    if extension is None or extension.approver is not ExtensionApprover.GOVERNMENT_HEAD:
        return None
    if is_joint(version) and version.designation.strip():
        return None
    return Finding("EXTENSION_WITHOUT_DESIGNATION")


def excluded_time_names_its_clause(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """No time is excluded without a clause; what art. 45 does not name needs another law.

    Source: 行政许可法 第四十五条; readings 18.
    """
    unfounded = [
        terms.kind.name
        for terms in version.special_procedures
        if not terms.source.strip()
        or (terms.kind is SpecialProcedureKind.ASSESSMENT and _rests_on_permit_law(terms.source))
    ]
    if not unfounded:
        return None
    return Finding("SPECIAL_PROCEDURE_UNFOUNDED", {"kinds": "、".join(map(_spoken, unfounded))})


def excluded_time_is_bounded(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Each procedure stands once, with how many working days it may take at the most.

    Source: 行政许可法 第四十五条; readings 18.
    """
    kinds = [terms.kind for terms in version.special_procedures]
    bounded = all(1 <= terms.max_days <= LARGEST_PROCEDURE for terms in version.special_procedures)
    if bounded and len(kinds) == len(frozenset(kinds)):
        return None
    return Finding("SPECIAL_PROCEDURE_INVALID", {"most": str(LARGEST_PROCEDURE)})


def verification_belongs_to_the_spot(
    version: ItemVersion, _around: Circumstances
) -> Finding | None:
    """An on-the-spot item says what is promised once substance must be verified; no other does.

    Source: 行政许可法 第三十四条第三款; readings 2.
    """
    on_the_spot = version.handling is HandlingKind.ON_THE_SPOT
    if on_the_spot == (version.verification_limit is not None):
        return None
    return Finding("VERIFICATION_MISSING" if on_the_spot else "VERIFICATION_UNEXPECTED")


def verification_is_within_the_law(version: ItemVersion, around: Circumstances) -> Finding | None:
    """What is promised after a verification can be counted, and never ends after the law's limit.

    Source: 优化营商环境条例 第三十六条; readings 2, 16.
    """
    own, law = version.verification_limit, version.statutory_limit
    if own is None:
        return None
    if not own.is_countable or own.unit is Unit.ON_THE_SPOT:
        return Finding("VERIFICATION_INVALID")
    if law is None or not law.is_countable:
        return None
    within = not starts_later(own.limit, law.limit) and (
        first_day_broken(own.limit, law.limit, around.calendar) is None
    )
    return None if within else Finding("VERIFICATION_EXCEEDS_STATUTORY")


def correction_ends_by_law(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A case that is never corrected ends only after a period that a law gives.

    Source: readings 8.
    """
    limit = version.correction_limit
    if limit is None:
        return None
    counts = limit.is_countable and limit.unit is not Unit.ON_THE_SPOT
    return None if counts and limit.source.strip() else Finding("CORRECTION_LIMIT_INVALID")


def filing_has_no_procedure(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Full information received is the filing: nothing is examined, extended or excluded.

    Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
    """
    if version.handling is not HandlingKind.FILING:
        return None
    if version.extension is None and not version.special_procedures:
        return None
    return Finding("FILING_WITH_PROCEDURE")


def _rests_on_permit_law(source: str) -> bool:
    return PERMIT_LAW in source


def _working_days(limit: ItemLimit) -> int:
    return limit.amount if limit.unit is Unit.WORKING_DAY else 0


def _is_longer_permit_limit(limit: ItemLimit) -> bool:
    return _rests_on_permit_law(limit.source) and (
        MOST_DAYS_ALONE < _working_days(limit) <= JOINT_LIMIT.amount
    )


_SPOKEN: Final = {
    SpecialProcedureKind.HEARING: "听证",
    SpecialProcedureKind.TENDER: "招标",
    SpecialProcedureKind.AUCTION: "拍卖",
    SpecialProcedureKind.INSPECTION: "检验",
    SpecialProcedureKind.TESTING: "检测",
    SpecialProcedureKind.QUARANTINE: "检疫",
    SpecialProcedureKind.APPRAISAL: "鉴定",
    SpecialProcedureKind.EXPERT_REVIEW: "专家评审",
    SpecialProcedureKind.ASSESSMENT: "委托评估",
}


def _spoken(kind: str) -> str:
    return _SPOKEN[SpecialProcedureKind[kind]]


RULES: Final[tuple[Rule, ...]] = (
    joint_limit_needs_a_designation,
    permit_law_sets_no_longer_limit,
    designation_needs_joint_handling,
    extension_is_countable,
    extension_names_its_clause,
    extension_is_within_the_law,
    government_extends_what_it_designated,
    excluded_time_names_its_clause,
    excluded_time_is_bounded,
    verification_belongs_to_the_spot,
    verification_is_within_the_law,
    correction_ends_by_law,
    filing_has_no_procedure,
)
