"""The ratios over items in force as pure functions: as declared, and as their cases prove.

`adapters/item_verdicts.py` says the same in SQL, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.metrics.domain import case_formulas, rules
from services.metrics.domain.facts import ONLINE, CaseFacts
from services.metrics.domain.items import ON_THE_SPOT, PERMIT, DeclaredItem
from services.metrics.domain.verdicts import AsOf, CountedCase, Verdict, Weight, verdict

__all__ = [
    "at_most_one_visit_admitted_cases",
    "at_most_one_visit_items_declared",
    "at_most_one_visit_items_proven",
    "cases_of_items_applied_for_online",
    "courier_items_declared",
    "courier_items_proven",
    "courier_offers_of_paper_results",
    "fully_online_items_declared",
    "fully_online_items_proven",
    "fully_online_permit_cases",
    "on_the_spot_items_declared",
    "on_the_spot_items_proven",
    "online_items_declared",
    "online_items_proven",
    "promise_compression_declared",
    "promise_compression_proven",
    "promises_of_comparable_items",
    "zero_visit_admitted_cases",
    "zero_visit_items_declared",
    "zero_visit_items_proven",
]

Cases = Sequence[CaseFacts]


def fully_online_items_declared(item: DeclaredItem) -> Verdict:
    """Judge a permit item by its published guide; barred by law or secrecy is left out.

    Source: R2.2.
    """
    if item.item_type != PERMIT:
        return Verdict.OUTSIDE
    if item.excluded_from_online:
        return Verdict.EXCLUDED
    return verdict(item.declared_fully_online)


def fully_online_items_proven(item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge a permit item by its cases: one that went fully online proves that it can.

    An item that nobody has yet proven stays in the denominator.

    Source: R2.2; readings 22.
    """
    if item.item_type != PERMIT:
        return Verdict.OUTSIDE
    if item.excluded_from_online:
        return Verdict.EXCLUDED
    return verdict(any(rules.is_fully_online(case) for case in cases))


def fully_online_permit_cases(case: CountedCase, as_of: AsOf) -> Verdict:
    """Judge the cases behind `fully_online_items`: those of permit items only."""
    if case.item is None or case.item.item_type != PERMIT:
        return Verdict.OUTSIDE
    return case_formulas.fully_online_cases(case, as_of)


def online_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an item by whether its guide says that all of it can be done online (网上可办率).

    The catalogue publishes no lesser depth than Ⅳ级, so this is the least that is declared.

    Source: R2.2; domain.md 2.6.
    """
    return verdict(item.declared_fully_online)


def online_items_proven(_item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge an item by whether anybody has applied for it online (网上可办率).

    Source: R2.2; domain.md 2.6.
    """
    return verdict(any(case.channel == ONLINE for case in cases))


def cases_of_items_applied_for_online(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge the cases behind `online_items`: those that were applied for online count."""
    return verdict(case.facts.channel == ONLINE)


def at_most_one_visit_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an admitted item by the visits its guide declares.

    Source: R2.5.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    return verdict(item.declared_visits <= rules.MOST_VISITS)


def at_most_one_visit_items_proven(item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge an admitted item by its cases: one that took two visits is enough against it.

    An item without a case whose visits are final is left out: nothing is
    proven of it, neither way.

    Source: R2.5; readings 22.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    if any(rules.took_too_many_visits(case) for case in cases):
        return Verdict.AGAINST
    if any(rules.kept_to_visits(case, rules.MOST_VISITS) for case in cases):
        return Verdict.COUNTS
    return Verdict.EXCLUDED


def at_most_one_visit_admitted_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge the cases behind `at_most_one_visit_items`: what each shows of its item."""
    if case.item is None or not case.item.admitted:
        return Verdict.OUTSIDE
    if rules.took_too_many_visits(case.facts):
        return Verdict.AGAINST
    if case.facts.completed_at is None:
        return Verdict.OUTSIDE
    return (
        Verdict.COUNTS if rules.kept_to_visits(case.facts, rules.MOST_VISITS) else Verdict.EXCLUDED
    )


def zero_visit_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an admitted item by whether its guide declares no visit (零跑腿).

    Source: domain.md 2.6.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    return verdict(item.declared_visits == 0)


def zero_visit_items_proven(item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge an admitted item by its cases: one completed with a visit is enough against it.

    Source: domain.md 2.6; readings 22.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    if any(case.completed_at is not None and case.visits > 0 for case in cases):
        return Verdict.AGAINST
    if any(rules.kept_to_visits(case, 0) for case in cases):
        return Verdict.COUNTS
    return Verdict.EXCLUDED


def zero_visit_admitted_cases(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge the cases behind `zero_visit_items`: what each shows of its item."""
    facts = case.facts
    if case.item is None or not case.item.admitted or facts.completed_at is None:
        return Verdict.OUTSIDE
    if facts.visits > 0:
        return Verdict.AGAINST
    return Verdict.COUNTS if rules.kept_to_visits(facts, 0) else Verdict.EXCLUDED


def promise_compression_declared(item: DeclaredItem) -> Verdict | Weight:
    """Weigh by how much an item's promise is shorter than the law (承诺时限压缩比).

    (Σ statutory − Σ promised) ÷ Σ statutory over the promised items whose two
    limits are counted in one unit; the others are left out.

    Source: 优化营商环境条例 第三十六条; domain.md 2.6.
    """
    statutory, promised = item.statutory_limit, item.promised_limit
    if not item.has_comparable_limits or statutory is None or promised is None:
        return Verdict.EXCLUDED
    return Weight(statutory.amount - promised.amount, promised.amount)


def promise_compression_proven(item: DeclaredItem, cases: Cases) -> Verdict | Weight:
    """Weigh what an item promised only if every decided case kept it; else nothing was won.

    Without a decided case nothing is proven, and the item is left out.

    Source: 优化营商环境条例 第三十六条; readings 22.
    """
    statutory = item.statutory_limit
    decided = [case for case in cases if case.decision_at is not None]
    if not item.has_comparable_limits or statutory is None or not decided:
        return Verdict.EXCLUDED
    if all(case.in_time for case in decided):
        return promise_compression_declared(item)
    return Weight(against=statutory.amount)


def promises_of_comparable_items(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge the cases behind `promise_compression`: each kept its promise or did not."""
    if case.item is None or not case.item.has_comparable_limits:
        return Verdict.OUTSIDE
    if case.facts.decision_at is None:
        return Verdict.OUTSIDE
    return verdict(case.facts.in_time)


def on_the_spot_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an item by whether it is published as decided on the spot (即办件占比).

    Source: GB/T 39046 A.6; domain.md 2.6.
    """
    return verdict(item.handling == ON_THE_SPOT)


def on_the_spot_items_proven(_item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge an item by whether a case of it was decided on the spot; without cases it is left out.

    Source: 行政许可法 第三十四条第二款; readings 22.
    """
    decided = [case for case in cases if case.decision_at is not None]
    if not decided:
        return Verdict.EXCLUDED
    return verdict(any(case.spot_decided_at is not None for case in decided))


def courier_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an item with a result on paper by whether courier is offered for it (寄递覆盖率).

    Source: R2.9.
    """
    if not item.result_physical:
        return Verdict.OUTSIDE
    return verdict(item.courier_offered)


def courier_items_proven(item: DeclaredItem, cases: Cases) -> Verdict:
    """Judge an item with a result on paper by whether every case of it was offered courier.

    Source: R2.7, R2.9; readings 22.
    """
    if not item.result_physical:
        return Verdict.OUTSIDE
    known = [case for case in cases if case.known]
    if not known:
        return Verdict.EXCLUDED
    return verdict(all(case.courier_offered_at is not None for case in known))


def courier_offers_of_paper_results(case: CountedCase, _as_of: AsOf) -> Verdict:
    """Judge the cases behind `courier_items`: each was offered courier or was not."""
    if case.item is None or not case.item.result_physical:
        return Verdict.OUTSIDE
    return verdict(case.facts.courier_offered_at is not None)
