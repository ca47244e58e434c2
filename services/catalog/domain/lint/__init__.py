"""The lint of a version before it is published (发布检查).

Each rule is a pure function with one finding; all findings are reported at once. What a rule
looks at besides the version stands in `Circumstances`.

Source: rules.md 2; domain.md 2.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from services.catalog.domain.errors import LintFailedError
from services.catalog.domain.items import ItemVersion
from services.catalog.domain.lint import guide, joint, limits, materials, places, procedures
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule

__all__ = ["RULES", "Circumstances", "Finding", "Rule", "Say", "findings", "require_sound"]

RULES: Final[tuple[Rule, ...]] = (
    *limits.RULES,
    *joint.RULES,
    *procedures.RULES,
    *materials.RULES,
    *guide.RULES,
    *places.RULES,
)

Say = Callable[[str, Mapping[str, str]], str]


def findings(version: ItemVersion, circumstances: Circumstances) -> tuple[Finding, ...]:
    """Return everything that keeps `version` from being published, in the order of the rules."""
    found = (rule(version, circumstances) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)


def require_sound(version: ItemVersion, circumstances: Circumstances, say: Say) -> None:
    """Refuse a version with findings; the refusal carries one sentence for each.

    `say` puts a finding into words; the facts of the refusal are those sentences by code.
    """
    found = findings(version, circumstances)
    if found:
        sentences = {finding.code: say(finding.code, finding.facts) for finding in found}
        raise LintFailedError(
            f"not publishable: {', '.join(sentences)}",
            item=version.item_code,
            count=str(len(found)),
            **sentences,
        )
