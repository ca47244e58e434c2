"""How cases in review are mapped on their tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, fields
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import composite, registry, relationship

from servicekit.mapping import map_aggregate
from services.review.adapters.columns import clock_of, clock_values, columns_of_clock
from services.review.adapters.tables import (
    calendar_head,
    calendar_year,
    consultation,
    explanation,
    metadata,
    review_case,
    site_check,
    special_procedure,
    tables,
)
from services.review.domain.acts import (
    BundleWaiver,
    Consultation,
    ConsultationAnswer,
    Explanation,
    LimitExtension,
    SpecialProcedure,
)
from services.review.domain.clocks import Clock
from services.review.domain.facts import CaseEnd, Decision, Opinion, SiteCheck
from services.review.domain.review_case import ReviewCase

__all__ = [
    "calendar_head",
    "calendar_year",
    "consultation",
    "explanation",
    "mappers",
    "metadata",
    "review_case",
    "site_check",
    "special_procedure",
    "start_mappers",
    "tables",
]

mappers = registry(metadata=metadata)
_c = review_case.c


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if list(mappers.mappers):
        return
    _map_children()
    values = {
        "promise": _value(Clock, clock_of, clock_values, columns_of_clock(review_case, "promise")),
        "statutory": _value(
            Clock, clock_of, clock_values, columns_of_clock(review_case, "statutory")
        ),
        "opinion": _part(Opinion, _c.reviewer, _c.opinion_at, _c.proposes_grant, _c.opinion_text),
        "decision": _part(
            Decision,
            _c.decider,
            _c.decided_at,
            _c.outcome,
            _c.decision_facts,
            _c.decision_reasons,
            _c.legal_bases,
            _c.content,
            _c.valid_until_on,
            _c.conditions,
        ),
        "waiver": _part(BundleWaiver, _c.waived_by, _c.waiver_reason, _c.waived_at),
        "extension": _part(
            LimitExtension,
            _c.extension_amount,
            _c.extension_reasons,
            _c.extension_approver,
            _c.extended_at,
            _c.extension_noticed_at,
        ),
        "end": _part(CaseEnd, _c.ended_at, _c.ending),
    }
    children = {
        "site_checks": _list_of(SiteCheck, site_check),
        "procedures": _list_of(SpecialProcedure, special_procedure),
        "explanations": _list_of(Explanation, explanation),
        "consultations": _list_of(Consultation, consultation),
    }
    map_aggregate(mappers, ReviewCase, review_case, properties={**values, **children})


def _map_children() -> None:
    mappers.map_imperatively(
        SiteCheck, site_check, properties={"check_time": site_check.c.checked_at}
    )
    procedure = special_procedure.c
    mappers.map_imperatively(
        SpecialProcedure,
        special_procedure,
        properties={
            "start_date": procedure.start_on,
            "plan_time": procedure.planned_at,
            "notice_time": procedure.noticed_at,
            "end_date": procedure.ended_on,
        },
    )
    mappers.map_imperatively(
        Explanation,
        explanation,
        properties={
            "request_time": explanation.c.requested_at,
            "answer_time": explanation.c.answered_at,
        },
    )
    asked = consultation.c
    mappers.map_imperatively(
        Consultation,
        consultation,
        properties={
            "answer_by_date": asked.answer_by_on,
            "ask_time": asked.asked_at,
            "answer": _part(
                ConsultationAnswer,
                asked.agrees,
                asked.answer_text,
                asked.answered_by,
                asked.answered_at,
            ),
        },
    )


def _list_of(kind: type[Any], table: Table) -> Any:
    return relationship(kind, order_by=table.c.id)


def _part(kind: type[Any], *columns: Column[Any]) -> Any:
    """Map a frozen dataclass on columns that stand in the order of its fields."""
    return _value(kind, _reader(kind), astuple, columns)


def _value(
    kind: type[Any],
    read: Callable[..., Any],
    write: Callable[[Any], tuple[object, ...]],
    columns: tuple[Column[Any], ...],
) -> Any:
    """Map a value object on several columns that are all empty where there is none."""
    kind.__composite_values__ = write  # SQLAlchemy's name; the domain does not know it
    return composite(read, *columns)


def _reader(kind: type[Any]) -> Callable[..., Any]:
    """Return what makes a `kind` of columns that stand in the order of its fields."""
    names = [field.name for field in fields(kind)]

    def read(*row: Any) -> Any:
        return None if row[0] is None else kind(**dict(zip(names, row, strict=True)))

    return read
