"""The ratios over items in force in SQL, as in `domain/item_formulas.py` and `items.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, not_, null, or_, select, tuple_

from servicekit.calls import Call, ScopeColumns, scope_clause
from services.metrics.adapters.case_rules import (
    CASE_SCOPE,
    COMPLETED,
    DECIDED,
    FULLY_ONLINE,
    IN_TIME,
    SPOT,
    TOO_MANY_VISITS,
    kept_to_visits,
)
from services.metrics.adapters.case_verdicts import Weights, verdict
from services.metrics.adapters.orm import case_facts, item_version, unit
from services.metrics.domain.facts import ONLINE
from services.metrics.domain.items import ON_THE_SPOT, PERMIT, PROMISED
from services.metrics.domain.rules import MOST_VISITS

__all__ = ["ItemVerdicts", "in_reach", "item_verdicts", "items_in_reach", "proofs"]

Sql = Any  # a column element; SQLAlchemy's own types say nothing more here

_f = case_facts.c
_COUNTS, _AGAINST, _EXCLUDED = literal("counts"), literal("against"), literal("excluded")
_OUTSIDE = null()


def in_reach(call: Call) -> Sql:
    """A case that was told of, within the caller's reach."""
    return and_(_f.received_at.is_not(None), scope_clause(call, CASE_SCOPE))


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
    ended = func.coalesce(item.c.in_force_until <= today, False)
    own = scope_clause(call, ScopeColumns(unit_path=home.c.unit_path, authority=item.c.authority))
    handled = exists().where(_f.item_code == item.c.item_code, in_reach(call))
    return (
        select(item)
        .select_from(item.outerjoin(home, home.c.unit == item.c.authority))
        .where(item.c.in_force_from <= today, not_(later), not_(ended), or_(own, handled))
    )


def _any_case(condition: Sql, name: str) -> Sql:
    return func.max(case((condition, 1), else_=0)).label(name)


def proofs(call: Call) -> Any:
    """Select what the cases within reach prove of each item: 1 where any case shows it."""
    return (
        select(
            _f.item_code,
            _any_case(FULLY_ONLINE, "fully_online"),
            _any_case(TOO_MANY_VISITS, "too_many_visits"),
            _any_case(kept_to_visits(MOST_VISITS), "kept_to_one_visit"),
            _any_case(and_(COMPLETED, _f.visits > 0), "a_visit"),
            _any_case(kept_to_visits(0), "no_visit"),
            _any_case(_f.channel == ONLINE, "online"),
            _any_case(DECIDED, "decided"),
            _any_case(and_(DECIDED, not_(IN_TIME)), "broken"),
            _any_case(and_(DECIDED, SPOT), "on_the_spot"),
            _any_case(_f.courier_offered_at.is_(None), "not_offered"),
        )
        .where(in_reach(call))
        .group_by(_f.item_code)
        .subquery("proof")
    )


@dataclass(frozen=True, slots=True)
class ItemVerdicts:
    """The verdicts of a ratio on an item, one for each column."""

    declared: Sql | Weights
    proven: Sql | Weights


def item_verdicts(item: Any, proof: Any) -> Mapping[str, ItemVerdicts]:
    """Return the verdicts on an item, given what the cases within reach prove of it."""

    def online(counts: Sql) -> Sql:
        return case(
            (item.item_type != PERMIT, _OUTSIDE),
            (item.excluded_from_online, _EXCLUDED),
            else_=verdict(counts),
        )

    def visits(too_many: Sql, kept: Sql) -> Sql:
        return case(not_admitted, (too_many == 1, _AGAINST), (kept == 1, _COUNTS), else_=_EXCLUDED)

    not_admitted = (not_(item.admitted), _OUTSIDE)
    without_paper = (not_(item.result_physical), _OUTSIDE)
    return {
        "at_most_one_visit_items": ItemVerdicts(
            declared=case(not_admitted, else_=verdict(item.declared_visits <= MOST_VISITS)),
            proven=visits(proof.too_many_visits, proof.kept_to_one_visit),
        ),
        "courier_items": ItemVerdicts(
            declared=case(without_paper, else_=verdict(item.courier_offered)),
            proven=case(
                without_paper,
                (proof.item_code.is_(None), _EXCLUDED),
                else_=verdict(proof.not_offered == 0),
            ),
        ),
        "fully_online_items": ItemVerdicts(
            declared=online(item.declared_fully_online), proven=online(proof.fully_online == 1)
        ),
        "on_the_spot_items": ItemVerdicts(
            declared=verdict(item.handling == ON_THE_SPOT),
            proven=case((proof.decided == 1, verdict(proof.on_the_spot == 1)), else_=_EXCLUDED),
        ),
        "online_items": ItemVerdicts(
            declared=verdict(item.declared_fully_online), proven=verdict(proof.online == 1)
        ),
        "promise_compression": _compression(item, proof),
        "zero_visit_items": ItemVerdicts(
            declared=case(not_admitted, else_=verdict(item.declared_visits == 0)),
            proven=visits(proof.a_visit, proof.no_visit),
        ),
    }


def _compression(item: Any, proof: Any) -> ItemVerdicts:
    comparable = and_(item.handling == PROMISED, item.statutory_unit == item.promised_unit)
    proven = and_(comparable, proof.decided == 1)
    kept = and_(proven, proof.broken == 0)
    won = item.statutory_amount - item.promised_amount
    return ItemVerdicts(
        declared=Weights(
            case((comparable, won), else_=0),
            case((comparable, item.promised_amount), else_=0),
            case((comparable, 0), else_=1),
        ),
        proven=Weights(
            case((kept, won), else_=0),
            case((kept, item.promised_amount), (proven, item.statutory_amount), else_=0),
            case((proven, 0), else_=1),
        ),
    )
