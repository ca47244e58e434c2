"""The ratios of the plan: which there are, and what they give over a population.

Each formula gives one verdict per case or per item; a fraction is the tally
of its verdicts. What is left out is counted beside it, because a ratio that
hides its exclusions can be made to say anything. With nothing in the
denominator there is no ratio: 0/0, never 100 %.

`adapters/ratios.py` says the same in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from services.metrics.domain import case_formulas as cases
from services.metrics.domain import item_formulas as items
from services.metrics.domain.errors import RatioUnknownError
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.items import DeclaredItem
from services.metrics.domain.verdicts import AsOf, CountedCase, Fraction, Verdict, Weight
from workdays import WorkCalendar

__all__ = [
    "RATIOS",
    "CaseRatio",
    "CountedCase",
    "Fraction",
    "ItemRatio",
    "Population",
    "Ratio",
    "Verdict",
    "cases_behind",
    "declared_fraction",
    "proven_fraction",
    "ratio_named",
]

CaseFormula = Callable[[CountedCase, AsOf], Verdict | Weight]
ItemFormula = Callable[[DeclaredItem, Sequence[CaseFacts]], Verdict | Weight]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRatio:
    """A ratio over cases. It has no declared column: nobody publishes cases beforehand.

    `left_out` names the text that says what `Verdict.EXCLUDED` means here;
    `unit` the one of what a mean is counted in, empty for a share. Of a ratio
    that is `by_amount` a case counts if it adds to the numerator. Where
    `fewer_is_better`, what counts is what should not have been.
    """

    name: str
    formula: CaseFormula
    left_out: str = ""
    goal_percent: int | None = None
    version: str = "1"
    unit: str = ""
    by_amount: bool = False
    fewer_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRatio:
    """A ratio over the items in force: as declared, and as their cases prove.

    `behind` is the formula over the cases by which an item is proven.
    """

    name: str
    declared: Callable[[DeclaredItem], Verdict | Weight]
    proven: ItemFormula
    behind: CaseFormula
    left_out: str = ""
    left_out_declared: str = ""
    goal_percent: int | None = None
    version: str = "1"


Ratio = CaseRatio | ItemRatio

_OF_CASES: Final = (
    CaseRatio(name="assisted_cases", formula=cases.assisted_cases),
    CaseRatio(
        name="at_most_one_visit_cases",
        formula=cases.at_most_one_visit_cases,
        left_out="RATIO_AT_MOST_ONE_VISIT_CASES_LEFT_OUT",
        version="2",
    ),
    CaseRatio(
        name="courier_offer_coverage",
        formula=cases.courier_offer_coverage,
        left_out="RATIO_COURIER_OFFER_COVERAGE_LEFT_OUT",
    ),
    CaseRatio(name="courier_use", formula=cases.courier_use, left_out="RATIO_COURIER_USE_LEFT_OUT"),
    CaseRatio(name="deemed_acceptance", formula=cases.deemed_acceptance, fewer_is_better=True),
    CaseRatio(
        name="early_completion",
        formula=cases.early_completion,
        left_out="RATIO_EARLY_COMPLETION_LEFT_OUT",
    ),
    CaseRatio(name="first_pass", formula=cases.first_pass),
    CaseRatio(
        name="fully_online_cases",
        formula=cases.fully_online_cases,
        left_out="RATIO_FULLY_ONLINE_CASES_LEFT_OUT",
        version="2",
    ),
    CaseRatio(
        name="mean_duration",
        formula=cases.mean_duration,
        left_out="RATIO_MEAN_DURATION_LEFT_OUT",
        unit="UNIT_WORKING_DAYS",
        by_amount=True,
    ),
    CaseRatio(name="on_the_spot_cases", formula=cases.on_the_spot_cases),
    CaseRatio(
        name="on_time_completion",
        formula=cases.on_time_completion,
        left_out="RATIO_ON_TIME_COMPLETION_LEFT_OUT",
        version="2",
    ),
    CaseRatio(name="one_time_notice", formula=cases.one_time_notice, version="2"),
    CaseRatio(
        name="one_window_acceptance",
        formula=cases.one_window_acceptance,
        left_out="RATIO_ONE_WINDOW_ACCEPTANCE_LEFT_OUT",
    ),
    CaseRatio(
        name="overdue_cases",
        formula=cases.overdue_cases,
        left_out="RATIO_OVERDUE_CASES_LEFT_OUT",
        fewer_is_better=True,
    ),
    CaseRatio(
        name="parcel_delivery",
        formula=cases.parcel_delivery,
        left_out="RATIO_PARCEL_DELIVERY_LEFT_OUT",
    ),
    CaseRatio(
        name="rating_rate",
        formula=cases.rating_rate,
        left_out="RATIO_RATING_RATE_LEFT_OUT",
        version="2",
    ),
    CaseRatio(
        name="returned_cases",
        formula=cases.returned_cases,
        left_out="RATIO_RETURNED_CASES_LEFT_OUT",
        fewer_is_better=True,
    ),
    CaseRatio(
        name="reworked_cases",
        formula=cases.reworked_cases,
        left_out="RATIO_REWORKED_CASES_LEFT_OUT",
        fewer_is_better=True,
    ),
    CaseRatio(name="satisfaction", formula=cases.satisfaction),
    CaseRatio(
        name="service_within_ten_days",
        formula=cases.service_within_ten_days,
        left_out="RATIO_SERVICE_WITHIN_TEN_DAYS_LEFT_OUT",
    ),
    CaseRatio(
        name="speed_up",
        formula=cases.speed_up,
        left_out="RATIO_SPEED_UP_LEFT_OUT",
        by_amount=True,
    ),
    CaseRatio(
        name="zero_visit_cases",
        formula=cases.zero_visit_cases,
        left_out="RATIO_ZERO_VISIT_CASES_LEFT_OUT",
    ),
)

_OF_ITEMS: Final = (
    ItemRatio(
        name="at_most_one_visit_items",
        declared=items.at_most_one_visit_items_declared,
        proven=items.at_most_one_visit_items_proven,
        behind=items.at_most_one_visit_admitted_cases,
        left_out="RATIO_AT_MOST_ONE_VISIT_ITEMS_LEFT_OUT",
        goal_percent=100,  # 二（二）2: “最多跑一次腿”比例达到100%
        version="2",
    ),
    ItemRatio(
        name="courier_items",
        declared=items.courier_items_declared,
        proven=items.courier_items_proven,
        behind=items.courier_offers_of_paper_results,
        left_out="RATIO_COURIER_ITEMS_LEFT_OUT",
        goal_percent=100,  # 二（二）3: 证照快递寄送服务全覆盖
    ),
    ItemRatio(
        name="fully_online_items",
        declared=items.fully_online_items_declared,
        proven=items.fully_online_items_proven,
        behind=items.fully_online_permit_cases,
        left_out="RATIO_FULLY_ONLINE_ITEMS_LEFT_OUT",
        left_out_declared="RATIO_FULLY_ONLINE_ITEMS_LEFT_OUT",
        goal_percent=90,  # 二（二）1: 行政许可事项可全程网办比例达到90%
        version="2",
    ),
    ItemRatio(
        name="on_the_spot_items",
        declared=items.on_the_spot_items_declared,
        proven=items.on_the_spot_items_proven,
        behind=cases.on_the_spot_cases,
        left_out="RATIO_ON_THE_SPOT_ITEMS_LEFT_OUT",
    ),
    ItemRatio(
        name="online_items",
        declared=items.online_items_declared,
        proven=items.online_items_proven,
        behind=items.cases_of_items_applied_for_online,
        version="2",
    ),
    ItemRatio(
        name="promise_compression",
        declared=items.promise_compression_declared,
        proven=items.promise_compression_proven,
        behind=items.promises_of_comparable_items,
        left_out="RATIO_PROMISE_COMPRESSION_LEFT_OUT",
        left_out_declared="RATIO_PROMISE_COMPRESSION_LEFT_OUT_DECLARED",
    ),
    ItemRatio(
        name="zero_visit_items",
        declared=items.zero_visit_items_declared,
        proven=items.zero_visit_items_proven,
        behind=items.zero_visit_admitted_cases,
        left_out="RATIO_ZERO_VISIT_ITEMS_LEFT_OUT",
    ),
)

RATIOS: Final[Mapping[str, Ratio]] = {ratio.name: ratio for ratio in (*_OF_CASES, *_OF_ITEMS)}


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
    calendar: WorkCalendar = field(default_factory=WorkCalendar.official)
    authority: str = ""  # the caller's, where its reach is what it works on

    @property
    def known(self) -> list[CountedCase]:
        return [case for case in self.cases if case.facts.known]

    @property
    def as_of(self) -> AsOf:
        return AsOf(self.on, self.calendar, self.authority)


def declared_fraction(ratio: Ratio, population: Population) -> Fraction | None:
    """Return the ratio from published data, None for one over cases."""
    if isinstance(ratio, CaseRatio):
        return None
    return Fraction.of(ratio.declared(item) for item in population.items)


def proven_fraction(ratio: Ratio, population: Population) -> Fraction:
    """Return the ratio from cases."""
    if isinstance(ratio, CaseRatio):
        return Fraction.of(ratio.formula(case, population.as_of) for case in population.known)
    by_item: dict[str, list[CaseFacts]] = {}
    for case in population.known:
        by_item.setdefault(case.facts.item_code, []).append(case.facts)
    return Fraction.of(
        ratio.proven(item, by_item.get(item.item_code, ())) for item in population.items
    )


def cases_behind(ratio: Ratio, population: Population) -> dict[str, bool]:
    """Return the numbers of the cases in the denominator, each with whether it counts.

    One that adds more than one to the ratio counts if it adds nothing against
    it; of a ratio by amount, if it adds anything for it.
    """
    by_amount = isinstance(ratio, CaseRatio) and ratio.by_amount
    formula = ratio.formula if isinstance(ratio, CaseRatio) else ratio.behind
    weights = {
        case.facts.case_number: Weight.of(formula(case, population.as_of))
        for case in population.known
    }
    return {
        number: weight.counts > 0 if by_amount else weight.against == 0
        for number, weight in sorted(weights.items())
        if weight.denominator > 0
    }
