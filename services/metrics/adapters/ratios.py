"""The ratios in SQL: each verdict of `domain/ratios.py` as one CASE expression.

The branches stand in the order of the pure functions, so that the two can be
read side by side; a test compares them on random facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
)

from servicekit.calls import Call, ScopeColumns, scope_clause
from servicekit.paging import Page, page_of
from services.metrics.adapters.orm import case_facts, item_version, rating, unit
from services.metrics.domain.facts import ONLINE
from services.metrics.domain.items import PERMIT, WINDOW
from services.metrics.domain.rating import Grade
from services.metrics.domain.ratios import RATIOS, CaseRatio, Fraction, Ratio, ratio_named
from services.metrics.domain.rules import MOST_VISITS

__all__ = ["CASE_SCOPE", "RatioCaseView", "fractions", "items_in_reach", "list_ratio_cases"]

Sql = Any  # a column element; SQLAlchemy's own types say nothing more here

_f = case_facts.c
_v = item_version.alias("received_version").c  # the version under which a case was received
_received_version = _v.item_version.table
_accepting = unit.alias("accepting")
_COUNTS, _AGAINST, _EXCLUDED = literal("counts"), literal("against"), literal("excluded")
_OUTSIDE = null()

CASE_SCOPE = ScopeColumns(
    person=_f.applicant, unit=_f.window_unit, unit_path=_f.unit_path, authority=_f.authority
)


# The rules, as in domain/rules.py

_decided = _f.decided_at.is_not(None)
_served = _f.served_at.is_not(None)
_fully_online = and_(_decided, _f.channel == ONLINE, _f.visits == _f.collection_visits)
_too_many_visits = and_(_decided, _f.visits > MOST_VISITS)
_kept_to_one_visit = and_(_decided, _served, _f.visits <= MOST_VISITS)


def _overdue(on: date) -> Sql:
    due_on = func.coalesce(_f.reviewed_promise_due_on, _f.accepted_promise_due_on)
    return and_(_f.accepted_at.is_not(None), not_(_decided), due_on < literal(on))


# The verdicts on a case, as in domain/ratios.py


def _verdict(counts: Sql) -> Sql:
    return case((counts, _COUNTS), else_=_AGAINST)


def _fully_online_cases(_on: date) -> Sql:
    return case(
        (not_(_decided), _OUTSIDE),
        (_v.excluded_from_online, _EXCLUDED),
        else_=_verdict(_fully_online),
    )


def _fully_online_permit_cases(on: date) -> Sql:
    return case((_v.item_type == PERMIT, _fully_online_cases(on)), else_=_OUTSIDE)


def _at_most_one_visit_cases(_on: date) -> Sql:
    return case(
        (not_(_decided), _OUTSIDE),
        (not_(_served), _EXCLUDED),
        else_=_verdict(_kept_to_one_visit),
    )


def _at_most_one_visit_admitted_cases(_on: date) -> Sql:
    return case(
        (or_(_v.admitted.is_not(True), not_(_decided)), _OUTSIDE),
        (_too_many_visits, _AGAINST),
        (_kept_to_one_visit, _COUNTS),
        else_=_EXCLUDED,
    )


def _on_time_completion(on: date) -> Sql:
    return case(
        (_decided, _verdict(_f.promise_kept)),
        (_overdue(on), _AGAINST),
        (_f.accepted_at.is_(None), _OUTSIDE),
        else_=_EXCLUDED,
    )


def _one_window_acceptance(_on: date) -> Sql:
    return case(
        (_f.accepted_at.is_(None), _OUTSIDE),
        (_v.admitted.is_not(True), _EXCLUDED),
        else_=_verdict(_accepting.c.kind == WINDOW),
    )


def _one_time_notice(_on: date) -> Sql:
    return case((_f.notices == 0, _OUTSIDE), else_=_verdict(_f.notices == 1))


def _satisfaction(_on: date) -> Sql:
    good = rating.c.grade <= int(Grade.FAIRLY_SATISFIED)
    return case((rating.c.grade.is_(None), _OUTSIDE), else_=_verdict(good))


def _rating_rate(_on: date) -> Sql:
    return case(
        (_served, _verdict(rating.c.grade.is_not(None))),
        (not_(_decided), _OUTSIDE),
        else_=_EXCLUDED,
    )


def _courier_offer_coverage(_on: date) -> Sql:
    return case(
        (not_(_f.courier_due), _EXCLUDED),
        else_=_verdict(_f.courier_offered_at.is_not(None)),
    )


_OF_CASES: Final[Mapping[str, Callable[[date], Sql]]] = {
    "at_most_one_visit_cases": _at_most_one_visit_cases,
    "at_most_one_visit_items": _at_most_one_visit_admitted_cases,
    "courier_offer_coverage": _courier_offer_coverage,
    "fully_online_cases": _fully_online_cases,
    "fully_online_items": _fully_online_permit_cases,
    "on_time_completion": _on_time_completion,
    "one_time_notice": _one_time_notice,
    "one_window_acceptance": _one_window_acceptance,
    "rating_rate": _rating_rate,
    "satisfaction": _satisfaction,
}


def _cases_joined() -> FromClause:
    """Every case with what the verdicts look at."""
    return (
        case_facts.outerjoin(_received_version, _v.item_version == _f.item_version)
        .outerjoin(_accepting, _accepting.c.unit == _f.accepting_unit)
        .outerjoin(rating, rating.c.case_number == _f.case_number)
    )


def _in_reach(call: Call) -> Sql:
    """A case that was told of, within the caller's reach."""
    return and_(_f.received_at.is_not(None), scope_clause(call, CASE_SCOPE))


def _tally(verdict: Sql, name: str) -> list[Sql]:
    """Three counts: for, against and left out. Over no rows they are NULL."""
    return [
        func.sum(case((verdict == value, 1), else_=0)).label(f"{name}_{column}")
        for column, value in (
            ("counts", _COUNTS),
            ("against", _AGAINST),
            ("excluded", _EXCLUDED),
        )
    ]


def _fraction(row: Row[Any], name: str) -> Fraction:
    counts, against, excluded = (
        int(getattr(row, f"{name}_{column}") or 0) for column in ("counts", "against", "excluded")
    )
    return Fraction(counts, counts + against, excluded)


# The items in force, as in domain/items.py


def items_in_reach(call: Call, on: date) -> Select[Any]:
    """Select the items in force on a day that the caller reaches.

    Those of the caller's authority or subtree, and those of which a case is
    within reach: a window does not own items, but it answers for its cases.
    """
    item, rival, home = item_version, item_version.alias("rival"), unit.alias("home")
    today = literal(on)
    later = exists().where(
        rival.c.item_code == item.c.item_code,
        rival.c.in_force_from <= today,
        tuple_(rival.c.in_force_from, rival.c.number) > tuple_(item.c.in_force_from, item.c.number),
    )
    own = scope_clause(call, ScopeColumns(unit_path=home.c.unit_path, authority=item.c.authority))
    handled = exists().where(_f.item_code == item.c.item_code, _in_reach(call))
    return (
        select(item)
        .select_from(item.outerjoin(home, home.c.unit == item.c.authority))
        .where(item.c.in_force_from <= today, not_(later), or_(own, handled))
    )


@dataclass(frozen=True, slots=True)
class _ItemVerdicts:
    declared: Sql
    proven: Sql


def _item_verdicts(item: Any, proof: Any) -> dict[str, _ItemVerdicts]:
    """The verdicts on an item, given what the cases within reach prove of it."""

    def online(counts: Sql) -> Sql:
        return case(
            (item.item_type != PERMIT, _OUTSIDE),
            (item.excluded_from_online, _EXCLUDED),
            else_=_verdict(counts),
        )

    not_admitted = (not_(item.admitted), _OUTSIDE)
    return {
        "fully_online_items": _ItemVerdicts(
            declared=online(item.declared_fully_online),
            proven=online(proof.fully_online == 1),
        ),
        "at_most_one_visit_items": _ItemVerdicts(
            declared=case(not_admitted, else_=_verdict(item.declared_visits <= MOST_VISITS)),
            proven=case(
                not_admitted,
                (proof.too_many_visits == 1, _AGAINST),
                (proof.kept_to_one_visit == 1, _COUNTS),
                else_=_EXCLUDED,
            ),
        ),
    }


def _any_case(condition: Sql, name: str) -> Sql:
    return func.max(case((condition, 1), else_=0)).label(name)


def _proofs(call: Call) -> Any:
    return (
        select(
            _f.item_code,
            _any_case(_fully_online, "fully_online"),
            _any_case(_too_many_visits, "too_many_visits"),
            _any_case(_kept_to_one_visit, "kept_to_one_visit"),
        )
        .where(_in_reach(call))
        .group_by(_f.item_code)
        .subquery("proof")
    )


def fractions(
    call: Call, connection: Connection, on: date
) -> dict[str, tuple[Fraction | None, Fraction]]:
    """Return every ratio over what the caller reaches: declared, where it is, and proven."""
    of_cases = [ratio for ratio in RATIOS.values() if isinstance(ratio, CaseRatio)]
    columns = [c for ratio in of_cases for c in _tally(_OF_CASES[ratio.name](on), ratio.name)]
    query = select(*columns).select_from(_cases_joined()).where(_in_reach(call))
    row = connection.execute(query).one()
    found: dict[str, tuple[Fraction | None, Fraction]] = {
        ratio.name: (None, _fraction(row, ratio.name)) for ratio in of_cases
    }

    items, proof = items_in_reach(call, on).subquery("item"), _proofs(call)
    verdicts = _item_verdicts(items.c, proof.c)
    columns = []
    for name, verdict in verdicts.items():
        columns += _tally(verdict.declared, f"{name}_declared")
        columns += _tally(verdict.proven, f"{name}_proven")
    joined = items.outerjoin(proof, proof.c.item_code == items.c.item_code)
    row = connection.execute(select(*columns).select_from(joined)).one()
    for name in verdicts:
        found[name] = (_fraction(row, f"{name}_declared"), _fraction(row, f"{name}_proven"))
    return found


@dataclass(frozen=True, slots=True)
class RatioCaseView:
    """A case behind a ratio."""

    case_number: str
    counts: bool


def list_ratio_cases(
    call: Call, connection: Connection, name: str, on: date, *, page_size: int, page_token: str
) -> Page[RatioCaseView]:
    """Return a page of the cases in the denominator of a ratio, by case number."""
    ratio: Ratio = ratio_named(name)
    verdict = _OF_CASES[ratio.name](on)
    query = (
        select(_f.case_number, (verdict == _COUNTS).label("counts"))
        .select_from(_cases_joined())
        .where(_in_reach(call), verdict.in_([_COUNTS, _AGAINST]))
        .order_by(_f.case_number)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_f.case_number),
        key_of=lambda row: (row.case_number,),
        view=lambda row: RatioCaseView(row.case_number, bool(row.counts)),
        page_size=page_size,
        page_token=page_token,
    )
