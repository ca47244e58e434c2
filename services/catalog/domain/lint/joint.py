"""Rules about several authorities: 联合办理 with a decision of each, 征求意见 with one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.catalog.domain.items import ADMINISTRATIVE_PERMIT, HandlingKind, ItemVersion
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule
from services.catalog.domain.lint.worst_case import first_day_broken, starts_later
from services.catalog.domain.terms import AuthorityPart, ItemLimit, JointForm
from workdays import Limit, Start, Unit

__all__ = ["JOINT_LIMIT", "RULES", "is_joint"]

LEAST_PARTS: Final = 2
LEAST_PERSONS: Final = 2  # 审核, 审批; readings 2
# 统一办理、联合办理、集中办理, 行政许可法 第四十二条第二款.
JOINT_LIMIT: Final = Limit(45, Unit.WORKING_DAY, Start.ACCEPTED)


def is_joint(version: ItemVersion) -> bool:
    return version.joint_form is JointForm.JOINT_HANDLING


def joint_item_has_parts(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Handled jointly means that at least two authorities decide.

    Source: 行政许可法 第二十六条第二款; R1.4; readings 21.
    """
    if not is_joint(version) or len(version.parts) >= LEAST_PARTS:
        return None
    return Finding("JOINT_PARTS_TOO_FEW", {"least": str(LEAST_PARTS)})


def parts_need_joint_handling(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Where one authority decides alone, there are no parts.

    Source: readings 21.
    """
    if is_joint(version) or not version.parts:
        return None
    return Finding("PARTS_WITHOUT_JOINT")


def lead_is_the_first_part(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """The authority of a joint item leads: the first part is its own.

    Source: R1.4; readings 21.
    """
    if not is_joint(version) or not version.parts:
        return None
    if version.parts[0].authority == version.authority:
        return None
    return Finding("JOINT_LEAD_MISMATCH", {"authority": version.authority})


def each_authority_has_one_part(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """One authority makes one decision, whatever it rests on.

    Source: readings 21.
    """
    codes = [part.authority for part in version.parts]
    return _named(
        "JOINT_PART_REPEATED",
        (code for place, code in enumerate(codes) if code in codes[:place]),
        "authorities",
    )


def joint_item_is_promised(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """What several authorities decide, or are asked about, is not done on the spot.

    Source: readings 2, 21.
    """
    if version.joint_form is None or version.handling is HandlingKind.PROMISED:
        return None
    return Finding("JOINT_NOT_PROMISED")


def part_limits_are_countable(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Each part's limits have an amount that fits their unit, and none is on the spot."""
    return _parts(
        "PART_LIMIT_INVALID",
        (part for part in version.parts if not all(map(_is_countable, _limits(part)))),
    )


def part_limits_name_their_clause(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Every part of a permit has a limit by law, which names the law.

    Source: 行政许可法 第四十二条第一款; readings 15.
    """
    return _parts(
        "PART_LIMIT_MISSING",
        (part for part in version.parts if not _has_lawful_limit(part, version.item_type)),
    )


def part_promise_is_within_the_law(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Each part is promised within its own limit, and within 45 working days, on whatever day.

    Source: 行政许可法 第四十二条第二款; 优化营商环境条例 第三十六条; readings 16, 21.
    """
    return _parts(
        "PART_PROMISE_EXCEEDS_STATUTORY",
        (part for part in version.parts if _breaks_the_law(part, around)),
    )


def whole_promise_covers_the_parts(version: ItemVersion, around: Circumstances) -> Finding | None:
    """The promise of a joint item is not over before that of its last part.

    Source: R1.5; readings 21.
    """
    whole = version.promised_limit
    if not is_joint(version) or not _is_countable(whole):
        return None
    return _parts(
        "JOINT_PROMISE_TOO_SHORT",
        (
            part
            for part in version.parts
            if _is_countable(part.promised_limit)
            and first_day_broken(part.promised_limit.limit, whole.limit, around.calendar)
        ),
    )


def enough_persons_decide_each_part(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Each part is reviewed and decided by different persons.

    Source: R4.1; readings 2.
    """
    return _parts(
        "PART_PERSONS_TOO_FEW",
        (part for part in version.parts if part.persons_required < LEAST_PERSONS),
    )


def prerequisites_are_parts(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A part waits only for another part of the same item.

    Source: readings 21.
    """
    known = {part.authority for part in version.parts}
    return _parts(
        "PREREQUISITE_UNKNOWN",
        (part for part in version.parts if not known.issuperset(part.prerequisites)),
    )


def prerequisites_have_no_ring(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """No part waits for itself, directly or by way of others: none of them could ever be granted.

    Source: R1.13; readings 21.
    """
    waiting = {part.authority: set(part.prerequisites) for part in version.parts}
    while free := {code for code, others in waiting.items() if not others & waiting.keys()}:
        waiting = {code: others for code, others in waiting.items() if code not in free}
    return _parts(
        "PREREQUISITE_RING", (part for part in version.parts if part.authority in waiting)
    )


def consultation_names_who_is_asked(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Whoever may be asked is named, and only where opinions are asked for at all.

    Source: readings 21.
    """
    asks = version.joint_form is JointForm.CONSULTATION
    if asks == bool(version.consulted):
        return None
    return Finding("CONSULTED_MISSING" if asks else "CONSULTED_WITHOUT_FORM")


def authority_is_not_consulted(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Whoever decides does not ask itself.

    Source: readings 21.
    """
    if version.authority not in version.consulted:
        return None
    return Finding("CONSULTED_IS_AUTHORITY", {"authority": version.authority})


def _limits(part: AuthorityPart) -> tuple[ItemLimit, ...]:
    own = part.statutory_limit
    return (part.promised_limit,) if own is None else (part.promised_limit, own)


def _is_countable(limit: ItemLimit) -> bool:
    return limit.is_countable and limit.unit is not Unit.ON_THE_SPOT


def _has_lawful_limit(part: AuthorityPart, item_type: str) -> bool:
    if part.statutory_limit is None:
        return item_type != ADMINISTRATIVE_PERMIT
    return bool(part.statutory_limit.source.strip())


def _breaks_the_law(part: AuthorityPart, around: Circumstances) -> bool:
    if not all(map(_is_countable, _limits(part))):
        return False
    promised = part.promised_limit.limit
    laws = [JOINT_LIMIT]
    if part.statutory_limit is not None:
        laws.append(part.statutory_limit.limit)
    return any(
        starts_later(promised, law) or first_day_broken(promised, law, around.calendar)
        for law in laws
    )


def _parts(code: str, parts: Iterable[AuthorityPart]) -> Finding | None:
    return _named(code, (part.name for part in parts), "parts")


def _named(code: str, names: Iterable[str], fact: str) -> Finding | None:
    found = list(dict.fromkeys(names))
    return Finding(code, {fact: "、".join(found)}) if found else None


RULES: Final[tuple[Rule, ...]] = (
    joint_item_has_parts,
    parts_need_joint_handling,
    lead_is_the_first_part,
    each_authority_has_one_part,
    joint_item_is_promised,
    part_limits_are_countable,
    part_limits_name_their_clause,
    part_promise_is_within_the_law,
    whole_promise_covers_the_parts,
    enough_persons_decide_each_part,
    prerequisites_are_parts,
    prerequisites_have_no_ring,
    consultation_names_who_is_asked,
    authority_is_not_consulted,
)
