"""The ratios of the plan as pure functions over facts and declared items.

Each formula gives one verdict per case or per item; a fraction is the tally
of its verdicts. What is left out is counted beside it, because a ratio that
hides its exclusions can be made to say anything. With nothing in the
denominator there is no ratio: 0/0, never 100 %.

`adapters/ratios.py` says the same in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Final

from services.metrics.domain import rules
from services.metrics.domain.errors import RatioUnknownError
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.items import PERMIT, WINDOW, DeclaredItem
from services.metrics.domain.rating import Grade

__all__ = [
    "RATIOS",
    "CaseRatio",
    "CountedCase",
    "Fraction",
    "ItemRatio",
    "Ratio",
    "Verdict",
    "cases_behind",
    "declared_fraction",
    "proven_fraction",
    "ratio_named",
]


class Verdict(Enum):
    """What a case or an item is to a ratio."""

    COUNTS = "counts"  # numerator and denominator
    AGAINST = "against"  # denominator only
    EXCLUDED = "excluded"  # left out of both, and shown as left out
    OUTSIDE = "outside"  # the ratio is not about it


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator over a denominator, and what was left out of both."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Fraction:
        tally = dict.fromkeys(Verdict, 0)
        for verdict in verdicts:
            tally[verdict] += 1
        counts = tally[Verdict.COUNTS]
        return cls(counts, counts + tally[Verdict.AGAINST], tally[Verdict.EXCLUDED])


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCase:
    """The facts of a case with what the ratios join to them.

    `item` is the version under which the case was received, None until the
    catalogue told of it; `accepting_kind` the kind of unit that accepted it.
    """

    facts: CaseFacts
    item: DeclaredItem | None = None
    accepting_kind: str = ""
    grade: Grade | None = None


CaseFormula = Callable[[CountedCase, date], Verdict]
ItemFormula = Callable[[DeclaredItem, Sequence[CaseFacts]], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRatio:
    """A ratio over cases. It has no declared column: nobody publishes cases beforehand.

    `left_out` names the text that says what `Verdict.EXCLUDED` means here.
    """

    name: str
    formula: CaseFormula
    left_out: str = ""
    goal_percent: int | None = None
    version: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRatio:
    """A ratio over the items in force: as declared, and as their cases prove.

    `behind` is the formula over the cases by which an item is proven.
    """

    name: str
    declared: Callable[[DeclaredItem], Verdict]
    proven: ItemFormula
    behind: CaseFormula
    left_out: str = ""
    left_out_declared: str = ""
    goal_percent: int | None = None
    version: str = "1"


Ratio = CaseRatio | ItemRatio


def _verdict(counts: bool) -> Verdict:
    return Verdict.COUNTS if counts else Verdict.AGAINST


def fully_online_items_declared(item: DeclaredItem) -> Verdict:
    """Judge a permit item by its published guide; barred by law or secrecy is left out.

    Source: R2.2.
    """
    if item.item_type != PERMIT:
        return Verdict.OUTSIDE
    if item.excluded_from_online:
        return Verdict.EXCLUDED
    return _verdict(item.declared_fully_online)


def fully_online_items_proven(item: DeclaredItem, cases: Sequence[CaseFacts]) -> Verdict:
    """Judge a permit item by its cases: one that went fully online proves that it can.

    An item that nobody has yet proven stays in the denominator.

    Source: R2.2; readings 22.
    """
    if item.item_type != PERMIT:
        return Verdict.OUTSIDE
    if item.excluded_from_online:
        return Verdict.EXCLUDED
    return _verdict(any(rules.is_fully_online(case) for case in cases))


def fully_online_cases(case: CountedCase, _on: date) -> Verdict:
    """Judge a decided case, of whatever type of item, unless its item is barred.

    Source: R2.1, R2.2.
    """
    if case.facts.decided_at is None:
        return Verdict.OUTSIDE
    if case.item is not None and case.item.excluded_from_online:
        return Verdict.EXCLUDED
    return _verdict(rules.is_fully_online(case.facts))


def fully_online_permit_cases(case: CountedCase, on: date) -> Verdict:
    """Judge the cases behind `fully_online_items`: those of permit items only."""
    if case.item is None or case.item.item_type != PERMIT:
        return Verdict.OUTSIDE
    return fully_online_cases(case, on)


def at_most_one_visit_items_declared(item: DeclaredItem) -> Verdict:
    """Judge an admitted item by the visits its guide declares.

    Source: R2.5.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    return _verdict(item.declared_visits <= rules.MOST_VISITS)


def at_most_one_visit_items_proven(item: DeclaredItem, cases: Sequence[CaseFacts]) -> Verdict:
    """Judge an admitted item by its cases: one that took two visits is enough against it.

    An item without a case whose visits are final is left out: nothing is
    proven of it, neither way.

    Source: R2.5; readings 22.
    """
    if not item.admitted:
        return Verdict.OUTSIDE
    if any(rules.took_too_many_visits(case) for case in cases):
        return Verdict.AGAINST
    if any(rules.kept_to_one_visit(case) for case in cases):
        return Verdict.COUNTS
    return Verdict.EXCLUDED


def at_most_one_visit_cases(case: CountedCase, _on: date) -> Verdict:
    """Judge a decided case by its visits; until the result is served they are not final.

    Source: R2.5.
    """
    if case.facts.decided_at is None:
        return Verdict.OUTSIDE
    if case.facts.served_at is None:
        return Verdict.EXCLUDED
    return _verdict(rules.kept_to_one_visit(case.facts))


def at_most_one_visit_admitted_cases(case: CountedCase, _on: date) -> Verdict:
    """Judge the cases behind `at_most_one_visit_items`: what each shows of its item."""
    if case.item is None or not case.item.admitted or case.facts.decided_at is None:
        return Verdict.OUTSIDE
    if rules.took_too_many_visits(case.facts):
        return Verdict.AGAINST
    return Verdict.COUNTS if rules.kept_to_one_visit(case.facts) else Verdict.EXCLUDED


def on_time_completion(case: CountedCase, on: date) -> Verdict:
    """Judge whether the promise was kept, measured at the decision (按时办结率).

    An open case past its promise counts against it at once: otherwise the
    ratio could be held up by not deciding. Open cases in time are left out.

    Source: R1.5; readings 19; domain.md 2.6.
    """
    facts = case.facts
    if facts.decided_at is not None:
        return _verdict(bool(facts.promise_kept))
    if rules.is_overdue(facts, on):
        return Verdict.AGAINST
    return Verdict.OUTSIDE if facts.accepted_at is None else Verdict.EXCLUDED


def one_window_acceptance(case: CountedCase, _on: date) -> Verdict:
    """Judge whether a comprehensive window accepted the case (一窗受理率).

    About the items admitted to the centre; accepted cases of others are left
    out. A unit that the catalogue does not know as a window does not count.

    Source: R4.1, R4.4.
    """
    if case.facts.accepted_at is None:
        return Verdict.OUTSIDE
    if case.item is None or not case.item.admitted:
        return Verdict.EXCLUDED
    return _verdict(case.accepting_kind == WINDOW)


def one_time_notice(case: CountedCase, _on: date) -> Verdict:
    """Judge whether everything was told at once (一次告知率), where anything was told.

    Source: R1.2; 行政许可法 第三十二条第一款第四项.
    """
    if case.facts.notices == 0:
        return Verdict.OUTSIDE
    return _verdict(case.facts.notices == 1)


def satisfaction(case: CountedCase, _on: date) -> Verdict:
    """Judge a rating (好评率): 基本满意 or better.

    Source: 国办发〔2019〕51号; GB/T 39046 A.8.
    """
    if case.grade is None:
        return Verdict.OUTSIDE
    return _verdict(case.grade.is_good)


def rating_rate(case: CountedCase, _on: date) -> Verdict:
    """Judge whether a case that could be rated was rated (主动评价率).

    A case can be rated once its result is served; decided ones that are not
    are left out.

    Source: 国办发〔2019〕51号.
    """
    if case.facts.served_at is not None:
        return _verdict(case.grade is not None)
    return Verdict.OUTSIDE if case.facts.decided_at is None else Verdict.EXCLUDED


def courier_offer_coverage(case: CountedCase, _on: date) -> Verdict:
    """Judge whether free courier was offered where the result is on paper.

    Cases without a result that could be sent are left out.

    Source: R2.7, R2.9.
    """
    if not case.facts.courier_due:
        return Verdict.EXCLUDED
    return _verdict(case.facts.courier_offered_at is not None)


RATIOS: Final[Mapping[str, Ratio]] = {
    ratio.name: ratio
    for ratio in (
        CaseRatio(
            name="at_most_one_visit_cases",
            formula=at_most_one_visit_cases,
            left_out="RATIO_AT_MOST_ONE_VISIT_CASES_LEFT_OUT",
        ),
        ItemRatio(
            name="at_most_one_visit_items",
            declared=at_most_one_visit_items_declared,
            proven=at_most_one_visit_items_proven,
            behind=at_most_one_visit_admitted_cases,
            left_out="RATIO_AT_MOST_ONE_VISIT_ITEMS_LEFT_OUT",
            goal_percent=100,  # 二（二）2: “最多跑一次腿”比例达到100%
        ),
        CaseRatio(
            name="courier_offer_coverage",
            formula=courier_offer_coverage,
            left_out="RATIO_COURIER_OFFER_COVERAGE_LEFT_OUT",
        ),
        CaseRatio(
            name="fully_online_cases",
            formula=fully_online_cases,
            left_out="RATIO_FULLY_ONLINE_CASES_LEFT_OUT",
        ),
        ItemRatio(
            name="fully_online_items",
            declared=fully_online_items_declared,
            proven=fully_online_items_proven,
            behind=fully_online_permit_cases,
            left_out="RATIO_FULLY_ONLINE_ITEMS_LEFT_OUT",
            left_out_declared="RATIO_FULLY_ONLINE_ITEMS_LEFT_OUT",
            goal_percent=90,  # 二（二）1: 行政许可事项可全程网办比例达到90%
        ),
        CaseRatio(
            name="on_time_completion",
            formula=on_time_completion,
            left_out="RATIO_ON_TIME_COMPLETION_LEFT_OUT",
        ),
        CaseRatio(name="one_time_notice", formula=one_time_notice),
        CaseRatio(
            name="one_window_acceptance",
            formula=one_window_acceptance,
            left_out="RATIO_ONE_WINDOW_ACCEPTANCE_LEFT_OUT",
        ),
        CaseRatio(
            name="rating_rate",
            formula=rating_rate,
            left_out="RATIO_RATING_RATE_LEFT_OUT",
        ),
        CaseRatio(name="satisfaction", formula=satisfaction),
    )
}


def ratio_named(name: str) -> Ratio:
    """Return the ratio of that name, or refuse."""
    ratio = RATIOS.get(name)
    if ratio is None:
        raise RatioUnknownError("There is no such ratio", ratio=name)
    return ratio


@dataclass(frozen=True, slots=True)
class Population:
    """What a caller reaches: the items in force, and the cases that were told of."""

    items: Sequence[DeclaredItem] = ()
    cases: Sequence[CountedCase] = ()
    on: date = field(default=date.min)

    @property
    def known(self) -> list[CountedCase]:
        return [case for case in self.cases if case.facts.known]


def declared_fraction(ratio: Ratio, population: Population) -> Fraction | None:
    """Return the ratio from published data, None where nothing is declared."""
    if isinstance(ratio, CaseRatio):
        return None
    return Fraction.of(ratio.declared(item) for item in population.items)


def proven_fraction(ratio: Ratio, population: Population) -> Fraction:
    """Return the ratio from cases."""
    if isinstance(ratio, CaseRatio):
        return Fraction.of(ratio.formula(case, population.on) for case in population.known)
    by_item: dict[str, list[CaseFacts]] = {}
    for case in population.known:
        by_item.setdefault(case.facts.item_code, []).append(case.facts)
    return Fraction.of(
        ratio.proven(item, by_item.get(item.item_code, ())) for item in population.items
    )


def cases_behind(ratio: Ratio, population: Population) -> dict[str, bool]:
    """Return the numbers of the cases in the denominator, each with whether it counts."""
    formula = ratio.formula if isinstance(ratio, CaseRatio) else ratio.behind
    verdicts = {case.facts.case_number: formula(case, population.on) for case in population.known}
    return {
        number: verdict is Verdict.COUNTS
        for number, verdict in sorted(verdicts.items())
        if verdict in (Verdict.COUNTS, Verdict.AGAINST)
    }
