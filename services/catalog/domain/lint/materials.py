"""Rules about what the applicant hands in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.catalog.domain.items import ItemVersion, Material, Necessity
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule

__all__ = ["RULES"]

_MOST_NAMED = 20  # a sentence that names more is not read


def required_material_has_a_basis(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Nothing may be required of an applicant that no clause requires.

    Source: 行政许可法 第三十一条; R3.5.
    """
    return _about(
        "MATERIAL_BASIS_MISSING",
        (
            material
            for material in version.materials
            if material.necessity is Necessity.REQUIRED and not material.legal_basis.strip()
        ),
    )


def shared_material_is_not_on_paper(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """What is obtained by data sharing is not asked for on paper.

    Source: 国务院令第716号 第七条.
    """
    return _about(
        "SHARED_MATERIAL_ON_PAPER",
        (
            material
            for material in version.materials
            if material.sharing_source and (material.originals or material.copies)
        ),
    )


def material_codes_differ(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """A notice names a material by its code, so a code means one material."""
    codes = [material.material_code for material in version.materials]
    return _about(
        "MATERIAL_CODE_REPEATED",
        (
            material
            for place, material in enumerate(version.materials)
            if material.material_code in codes[:place]
        ),
    )


def _about(code: str, materials: Iterable[Material]) -> Finding | None:
    named = list(dict.fromkeys(material.material_code for material in materials))
    if not named:
        return None
    return Finding(code, {"materials": "、".join(named[:_MOST_NAMED]), "count": str(len(named))})


RULES: Final[tuple[Rule, ...]] = (
    required_material_has_a_basis,
    shared_material_is_not_on_paper,
    material_codes_differ,
)
