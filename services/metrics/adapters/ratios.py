"""The ratios in SQL: what `domain/ratios.py` gives over a population, for a caller's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, FromClause, Row, func, select, true, tuple_

from servicekit.calls import Call, Scope
from servicekit.paging import Page, page_of
from services.metrics.adapters.calendars import load_calendar
from services.metrics.adapters.case_rules import CASE_SCOPE, cases_joined
from services.metrics.adapters.case_verdicts import OF_CASES, Given, Weights, weights_of
from services.metrics.adapters.item_verdicts import (
    in_reach,
    item_verdicts,
    items_in_reach,
    proofs,
)
from services.metrics.adapters.orm import case_facts
from services.metrics.domain.ratios import RATIOS, CaseRatio, Fraction, ratio_named
from services.metrics.domain.rules import service_due_on
from workdays import deadline_instant

__all__ = ["CASE_SCOPE", "RatioCaseView", "fractions", "items_in_reach", "list_ratio_cases"]

_f = case_facts.c


def fractions(
    call: Call, connection: Connection, on: date
) -> dict[str, tuple[Fraction | None, Fraction]]:
    """Return every ratio over what the caller reaches: declared, where it is, and proven."""
    given = _given(call, connection, on)
    of_cases = {
        ratio.name: weights_of(OF_CASES[ratio.name](given))
        for ratio in RATIOS.values()
        if isinstance(ratio, CaseRatio)
    }
    counted = _tallied(connection, of_cases, cases_joined(), in_reach(call))
    found: dict[str, tuple[Fraction | None, Fraction]] = {
        name: (None, fraction) for name, fraction in counted.items()
    }

    items, proof = items_in_reach(call, on).subquery("item"), proofs(call)
    verdicts = item_verdicts(items.c, proof.c)
    of_items = {f"{name}_proven": weights_of(both.proven) for name, both in verdicts.items()}
    of_items |= {f"{name}_declared": weights_of(both.declared) for name, both in verdicts.items()}
    joined = items.outerjoin(proof, proof.c.item_code == items.c.item_code)
    counted = _tallied(connection, of_items, joined, true())
    for name in verdicts:
        found[name] = (counted[f"{name}_declared"], counted[f"{name}_proven"])
    return found


def _given(call: Call, connection: Connection, on: date) -> Given:
    """Read the days on which anything was decided, and by when it must be served."""
    days = connection.execute(
        select(_f.decision_on).where(_f.decision_on.is_not(None), in_reach(call)).distinct()
    )
    calendar = load_calendar(connection)
    return Given(
        on,
        {day: deadline_instant(service_due_on(day, calendar)) for day in days.scalars()},
        call.caller.authority if call.scopes == {Scope.AUTHORITY} else "",
    )


def _tallied(
    connection: Connection, weights: dict[str, Weights], rows: FromClause, where: Any
) -> dict[str, Fraction]:
    columns = [
        func.sum(expression).label(f"{name}_{column}")
        for name, each in weights.items()
        for column, expression in (
            ("counts", each.counts),
            ("against", each.against),
            ("excluded", each.excluded),
        )
    ]
    row = connection.execute(select(*columns).select_from(rows).where(where)).one()
    return {name: _fraction(row, name) for name in weights}


def _fraction(row: Row[Any], name: str) -> Fraction:
    """Return the three sums of a ratio; over no rows they are NULL."""
    counts, against, excluded = (
        int(getattr(row, f"{name}_{column}") or 0) for column in ("counts", "against", "excluded")
    )
    return Fraction(counts, counts + against, excluded)


@dataclass(frozen=True, slots=True)
class RatioCaseView:
    """A case behind a ratio."""

    case_number: str
    counts: bool


def list_ratio_cases(
    call: Call, connection: Connection, name: str, on: date, *, page_size: int, page_token: str
) -> Page[RatioCaseView]:
    """Return a page of the cases in the denominator of a ratio, by case number."""
    ratio = ratio_named(name)
    weights = weights_of(OF_CASES[ratio.name](_given(call, connection, on)))
    by_amount = isinstance(ratio, CaseRatio) and ratio.by_amount
    counts = weights.counts > 0 if by_amount else weights.against == 0
    query = (
        select(_f.case_number, counts.label("counts"))
        .select_from(cases_joined())
        .where(in_reach(call), weights.counts + weights.against > 0)
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
