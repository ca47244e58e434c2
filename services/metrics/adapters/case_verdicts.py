"""The ratios over cases in SQL: each verdict of `domain/case_formulas.py` as one expression.

The branches stand in the order of the pure functions, so that the two can be
read side by side; a test compares them on random facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Text, case, false, func, literal, not_, null, or_

from services.metrics.adapters.case_rules import (
    ACCEPTED,
    CAN_BE_RATED,
    COMPLETED,
    DECIDED,
    ENDED_UNDECIDED,
    FULLY_ONLINE,
    IN_TIME,
    OVER,
    RESULT,
    SERVED,
    SPOT,
    TOO_MANY_VISITS,
    accepting,
    kept_to_visits,
    overdue,
    received_version,
    served_by,
)
from services.metrics.adapters.orm import case_facts, rating
from services.metrics.domain.facts import DENIED, ONLINE
from services.metrics.domain.items import PERMIT, PROMISED, WINDOW
from services.metrics.domain.rating import Grade
from services.metrics.domain.rules import MOST_VISITS
from workdays import Unit, deadline_instant

__all__ = ["OF_CASES", "Given", "Weights", "verdict", "weights_of"]

Sql = Any  # a column element; SQLAlchemy's own types say nothing more here

_f, _v = case_facts.c, received_version.c
_COUNTS, _AGAINST, _EXCLUDED = literal("counts"), literal("against"), literal("excluded")
_OUTSIDE = null()


@dataclass(frozen=True, slots=True)
class Given:
    """What the ratios are counted for: a day, by when decisions must be served, and for whom."""

    on: date
    service_deadlines: Mapping[date, datetime]
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each row adds for, against and beside a ratio; NULL is nothing."""

    counts: Sql
    against: Sql
    excluded: Sql


def weights_of(judged: Sql | Weights) -> Weights:
    """Return the weights of a verdict: it adds one in one place."""
    if isinstance(judged, Weights):
        return judged
    return Weights(
        *(case((judged == value, 1), else_=0) for value in (_COUNTS, _AGAINST, _EXCLUDED))
    )


def verdict(counts: Sql) -> Sql:
    return case((counts, _COUNTS), else_=_AGAINST)


def assisted_cases(_given: Given) -> Sql:
    return verdict(_f.assistance != "")


def _within_visits(most: int) -> Sql:
    return case(
        (not_(COMPLETED), _OUTSIDE), (not_(OVER), _EXCLUDED), else_=verdict(kept_to_visits(most))
    )


def at_most_one_visit_cases(_given: Given) -> Sql:
    return _within_visits(MOST_VISITS)


def zero_visit_cases(_given: Given) -> Sql:
    return _within_visits(0)


def fully_online_cases(_given: Given) -> Sql:
    return case(
        (not_(COMPLETED), _OUTSIDE),
        (_v.excluded_from_online, _EXCLUDED),
        else_=verdict(FULLY_ONLINE),
    )


def on_the_spot_cases(_given: Given) -> Sql:
    return case((not_(DECIDED), _OUTSIDE), else_=verdict(SPOT))


def on_time_completion(given: Given) -> Sql:
    return case(
        (DECIDED, verdict(IN_TIME)),
        (overdue(given.on), _AGAINST),
        (not_(ACCEPTED), _OUTSIDE),
        else_=_EXCLUDED,
    )


def overdue_cases(given: Given) -> Sql:
    return case(
        (not_(ACCEPTED), _OUTSIDE),
        (ENDED_UNDECIDED, _EXCLUDED),
        (DECIDED, verdict(not_(IN_TIME))),
        else_=verdict(overdue(given.on)),
    )


def early_completion(_given: Given) -> Sql:
    return case((not_(DECIDED), _OUTSIDE), (SPOT, _EXCLUDED), else_=verdict(_f.decided_early))


def deemed_acceptance(_given: Given) -> Sql:
    return case((not_(ACCEPTED), _OUTSIDE), else_=verdict(_f.deemed))


def one_window_acceptance(_given: Given) -> Sql:
    return case(
        (not_(ACCEPTED), _OUTSIDE),
        (_v.admitted.is_not(True), _EXCLUDED),
        else_=verdict(accepting.c.kind == WINDOW),
    )


def one_time_notice(_given: Given) -> Sql:
    told = _f.notices + _f.further_notices
    return case((told == 0, _OUTSIDE), else_=verdict(told == 1))


def first_pass(_given: Given) -> Sql:
    return case((not_(ACCEPTED), _OUTSIDE), else_=verdict(_f.notices + _f.further_notices == 0))


_TAKEN = _f.days_at_window + _f.days_at_department


def speed_up(_given: Given) -> Weights:
    promised = (_v.handling == PROMISED) & (_v.promised_unit == Unit.WORKING_DAY.value)
    compared = DECIDED & not_(SPOT) & func.coalesce(promised, false())
    return Weights(
        case((compared, _v.promised_amount - _TAKEN), else_=0),
        case((compared, _TAKEN), else_=0),
        case((compared, 0), (DECIDED, 1), else_=0),
    )


def mean_duration(_given: Given) -> Weights:
    counted = DECIDED & not_(SPOT)
    return Weights(
        case((counted, _TAKEN), else_=0),
        case((counted, 1 - _TAKEN), else_=0),
        case((counted, 0), (DECIDED, 1), else_=0),
    )


def _by_department(did: Sql, authority: str) -> Sql:
    codes = did.cast(Text)
    mine = codes.contains(f'"{authority}"', autoescape=True) if authority else codes != "[]"
    return case((not_(ACCEPTED), _OUTSIDE), (SPOT, _EXCLUDED), else_=verdict(mine))


def returned_cases(given: Given) -> Sql:
    return _by_department(_f.returned_by, given.authority)


def reworked_cases(given: Given) -> Sql:
    return _by_department(_f.reworked_by, given.authority)


def satisfaction(_given: Given) -> Sql:
    good = rating.c.grade <= int(Grade.FAIRLY_SATISFIED)
    return case((rating.c.grade.is_(None), _OUTSIDE), else_=verdict(good))


def rating_rate(_given: Given) -> Sql:
    return case(
        (CAN_BE_RATED, verdict(rating.c.grade.is_not(None))),
        (not_(COMPLETED), _OUTSIDE),
        else_=_EXCLUDED,
    )


def service_within_ten_days(given: Given) -> Sql:
    by = served_by(given.service_deadlines)
    # Day `on` is over for a decision whose last day is before it.
    late = by < literal(deadline_instant(given.on), _f.served_at.type)
    return case(
        (func.coalesce(_v.item_type, "") != PERMIT, _OUTSIDE),
        (or_(not_(DECIDED), RESULT == DENIED), _OUTSIDE),
        (SERVED, verdict(_f.served_at < by)),
        (late, _AGAINST),
        else_=_EXCLUDED,
    )


def courier_offer_coverage(_given: Given) -> Sql:
    return case(
        (not_(_f.courier_due), _EXCLUDED), else_=verdict(_f.courier_offered_at.is_not(None))
    )


def courier_use(_given: Given) -> Sql:
    return case(
        (or_(not_(DECIDED), _v.result_physical.is_not(True)), _OUTSIDE),
        (not_(SERVED), _EXCLUDED),
        else_=verdict(_f.parcels_out > 0),
    )


def parcel_delivery(_given: Given) -> Weights:
    ended = _f.parcels_signed + _f.parcels_failed + _f.parcels_cancelled
    return Weights(_f.parcels_signed, _f.parcels_failed, _f.parcels_out - ended)


# The cases behind the ratios over items, as in domain/item_formulas.py


def fully_online_permit_cases(given: Given) -> Sql:
    return case((_v.item_type == PERMIT, fully_online_cases(given)), else_=_OUTSIDE)


def applied_for_online(_given: Given) -> Sql:
    return verdict(_f.channel == ONLINE)


def at_most_one_visit_admitted_cases(_given: Given) -> Sql:
    return case(
        (_v.admitted.is_not(True), _OUTSIDE),
        (TOO_MANY_VISITS, _AGAINST),
        (not_(COMPLETED), _OUTSIDE),
        (kept_to_visits(MOST_VISITS), _COUNTS),
        else_=_EXCLUDED,
    )


def zero_visit_admitted_cases(_given: Given) -> Sql:
    return case(
        (or_(_v.admitted.is_not(True), not_(COMPLETED)), _OUTSIDE),
        (_f.visits > 0, _AGAINST),
        (kept_to_visits(0), _COUNTS),
        else_=_EXCLUDED,
    )


def promises_of_comparable_items(_given: Given) -> Sql:
    comparable = (_v.handling == PROMISED) & (_v.statutory_unit == _v.promised_unit)
    return case((comparable & DECIDED, verdict(IN_TIME)), else_=_OUTSIDE)


def courier_offers_of_paper_results(_given: Given) -> Sql:
    offered = verdict(_f.courier_offered_at.is_not(None))
    return case((_v.result_physical, offered), else_=_OUTSIDE)


OF_CASES: Final[Mapping[str, Callable[[Given], Sql | Weights]]] = {
    "assisted_cases": assisted_cases,
    "at_most_one_visit_cases": at_most_one_visit_cases,
    "at_most_one_visit_items": at_most_one_visit_admitted_cases,
    "courier_items": courier_offers_of_paper_results,
    "courier_offer_coverage": courier_offer_coverage,
    "courier_use": courier_use,
    "deemed_acceptance": deemed_acceptance,
    "early_completion": early_completion,
    "first_pass": first_pass,
    "fully_online_cases": fully_online_cases,
    "fully_online_items": fully_online_permit_cases,
    "mean_duration": mean_duration,
    "on_the_spot_cases": on_the_spot_cases,
    "on_the_spot_items": on_the_spot_cases,
    "on_time_completion": on_time_completion,
    "one_time_notice": one_time_notice,
    "one_window_acceptance": one_window_acceptance,
    "online_items": applied_for_online,
    "overdue_cases": overdue_cases,
    "parcel_delivery": parcel_delivery,
    "promise_compression": promises_of_comparable_items,
    "rating_rate": rating_rate,
    "returned_cases": returned_cases,
    "reworked_cases": reworked_cases,
    "satisfaction": satisfaction,
    "service_within_ten_days": service_within_ten_days,
    "speed_up": speed_up,
    "zero_visit_cases": zero_visit_cases,
    "zero_visit_items": zero_visit_admitted_cases,
}
