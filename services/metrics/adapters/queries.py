"""Reads what is counted; every read is within the caller's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clause
from servicekit.paging import Page, page_of
from services.metrics.adapters.case_rules import CASE_SCOPE, completed_ever
from services.metrics.adapters.item_verdicts import items_in_reach
from services.metrics.adapters.orm import (
    alarm_seen,
    case_facts,
    item_light,
    rating,
    unit,
    violation_seen,
)
from services.metrics.adapters.projection import facts_of
from services.metrics.domain.alarms import AlarmKind
from services.metrics.domain.errors import CaseUnknownError
from services.metrics.domain.facts import CaseFacts
from services.metrics.domain.rating import Grade

__all__ = [
    "AlarmView",
    "CaseFactsView",
    "ItemLightView",
    "ViolationView",
    "get_case_facts",
    "list_alarms",
    "list_item_lights",
    "list_violations",
]

_a, _w = alarm_seen.c, violation_seen.c
_VIOLATION_SCOPE = ScopeColumns(unit=_w.unit, unit_path=_w.unit_path, authority=_w.authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFactsView:
    """What is counted of the work of one authority, as a reader sees it."""

    authority: str
    decide_time: datetime | None
    outcome: str
    promise_kept: bool
    statutory_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFactsView:
    """What is counted of a case, as a reader sees it."""

    case_number: str
    item_code: str
    authority: str
    window_unit: str
    channel: str
    receive_time: datetime
    accept_time: datetime | None
    decide_time: datetime | None
    serve_time: datetime | None
    visits: int
    visits_before_decision: int
    notices: int
    promise_kept: bool
    statutory_kept: bool
    violations: int
    grade: Grade | None
    courier_answer: str
    handling: str
    ended_as: str
    end_time: datetime | None
    outcome: str
    on_the_spot: bool
    deemed: bool
    further_notices: int
    days_at_window: int
    days_at_department: int
    dispatches: int
    service_open: str
    served_means: str
    assistance: str
    first_wish: str
    authorities: tuple[AuthorityFactsView, ...]


@dataclass(frozen=True, slots=True)
class ItemLightView:
    """The light of an item, as a reader sees it."""

    item_code: str
    name: str
    red: bool
    most_visits: int
    case_number: str
    visits_by_courier: int


@dataclass(frozen=True, slots=True)
class ViolationView:
    """A violation, as a reader sees it."""

    at_time: datetime
    rule: str
    reason: str
    case_number: str
    person: str
    unit: str


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm, as a reader sees it."""

    at_time: datetime
    kind: AlarmKind
    case_number: str
    authority: str
    unit: str
    detail: str


def get_case_facts(call: Call, connection: Connection, case_number: str) -> CaseFactsView:
    """Return what is counted of a case, or refuse."""
    violations = (
        select(func.count())
        .where(_w.case_number == case_facts.c.case_number)
        .scalar_subquery()
        .label("violations")
    )
    row = connection.execute(
        select(case_facts, rating.c.grade, violations)
        .select_from(case_facts.outerjoin(rating, rating.c.case_number == case_facts.c.case_number))
        .where(case_facts.c.case_number == case_number)
    ).one_or_none()
    if row is None or row.received_at is None:
        raise CaseUnknownError(NO_SUCH_THING, case=case_number)
    facts = facts_of(row)
    authorise(call, facts.ownership, missing=CaseUnknownError, case=case_number)
    return _facts_view(
        facts,
        received_at=row.received_at,
        violations=row.violations,
        grade=None if row.grade is None else Grade(row.grade),
    )


def _facts_view(
    facts: CaseFacts, *, received_at: datetime, violations: int, grade: Grade | None
) -> CaseFactsView:
    decided = facts.decision_at is not None
    ended = facts.ended_at is not None and not decided  # a decision before a withdrawal stands
    return CaseFactsView(
        case_number=facts.case_number,
        item_code=facts.item_code,
        authority=facts.authority,
        window_unit=facts.window_unit,
        channel=facts.channel,
        receive_time=received_at,
        accept_time=facts.accepted_at,
        decide_time=facts.decision_at,
        serve_time=facts.served_at,
        visits=facts.visits,
        visits_before_decision=facts.visits_before_decision,
        notices=facts.notices,
        promise_kept=facts.in_time,
        statutory_kept=facts.in_time_of_law,
        violations=violations,
        grade=grade,
        courier_answer=facts.courier_answer,
        handling=facts.handling,
        ended_as=facts.ended_as if ended else "",
        end_time=facts.ended_at if ended else None,
        outcome=facts.result,
        on_the_spot=facts.spot_decided_at is not None,
        deemed=facts.deemed,
        further_notices=facts.further_notices,
        days_at_window=facts.days_at_window,
        days_at_department=facts.days_at_department,
        dispatches=facts.dispatches,
        service_open=facts.service_open,
        served_means=facts.served_means,
        assistance=facts.assistance,
        first_wish=facts.first_wish,
        authorities=_authorities(facts),
    )


def _authorities(facts: CaseFacts) -> tuple[AuthorityFactsView, ...]:
    return tuple(
        AuthorityFactsView(
            authority=each.authority,
            decide_time=each.decided_at,
            outcome=each.outcome,
            promise_kept=bool(each.promise_kept),
            statutory_kept=bool(each.statutory_kept),
        )
        for each in facts.authorities
    )


def list_item_lights(
    call: Call, connection: Connection, on: date, page_size: int, page_token: str
) -> Page[ItemLightView]:
    """Return a page of the items in force that the caller reaches, with their lights, by code.

    A light is about all cases of its item; the number of the case that turned
    it red is shown only where that case is within reach itself.
    """
    items = items_in_reach(call, on).subquery("item")
    completed = case_facts.alias("completed")
    most = (
        select(func.max(completed.c.visits))
        .where(
            completed.c.item_code == items.c.item_code,
            completed.c.received_at.is_not(None),
            completed_ever(completed.c),
        )
        .scalar_subquery()
    )
    shown = and_(
        case_facts.c.case_number == item_light.c.case_number, scope_clause(call, CASE_SCOPE)
    )
    red = case((item_light.c.red, 1), else_=0).label("red")
    query = (
        select(
            items.c.item_code,
            items.c.name,
            red,
            func.coalesce(most, 0).label("most_visits"),
            func.coalesce(case_facts.c.case_number, "").label("case_number"),
            func.coalesce(item_light.c.visits_by_courier, 0).label("visits_by_courier"),
        )
        .select_from(
            items.outerjoin(item_light, item_light.c.item_code == items.c.item_code).outerjoin(
                case_facts, shown
            )
        )
        .order_by(items.c.item_code)
    )
    return page_of(
        connection,
        query,
        key=tuple_(items.c.item_code),
        key_of=lambda row: (row.item_code,),
        view=_light_view,
        page_size=page_size,
        page_token=page_token,
    )


def _light_view(row: Row[Any]) -> ItemLightView:
    red = bool(row.red)
    return ItemLightView(
        item_code=row.item_code,
        name=row.name,
        red=red,
        most_visits=row.most_visits,
        case_number=row.case_number if red else "",
        visits_by_courier=row.visits_by_courier if red else 0,
    )


def list_violations(
    call: Call, connection: Connection, page_size: int, page_token: str
) -> Page[ViolationView]:
    """Return a page of the violations within the caller's reach, newest first."""
    query = (
        select(violation_seen)
        .where(scope_clause(call, _VIOLATION_SCOPE))
        .order_by(_w.at.desc(), _w.violation_id.desc())
    )
    return page_of(
        connection,
        query,
        key=tuple_(_w.at, _w.violation_id),
        key_of=lambda row: (row.at, row.violation_id),
        view=lambda row: ViolationView(
            at_time=row.at,
            rule=row.rule,
            reason=row.reason,
            case_number=row.case_number,
            person=row.person,
            unit=row.unit,
        ),
        page_size=page_size,
        page_token=page_token,
        descending=True,
    )


def _of_the_alarm(named: Column[str], of_the_case: Column[str]) -> ColumnElement[str]:
    """Return what the alarm names, else what its case has; empty where there is no case."""
    return case((named != "", named), else_=func.coalesce(of_the_case, ""))


def list_alarms(
    call: Call, connection: Connection, page_size: int, page_token: str
) -> Page[AlarmView]:
    """Return a page of the alarms within the caller's reach, newest first.

    An alarm is within reach of whoever reaches its case, and of the authority
    that it names: of a joint case that need not be the lead. One without a case
    is within reach of whoever reaches the unit that must look.
    """
    reached = or_(
        scope_clause(call, CASE_SCOPE),
        scope_clause(call, ScopeColumns(authority=_a.authority)),
        and_(
            case_facts.c.case_number.is_(None),
            scope_clause(call, ScopeColumns(unit=_a.unit, unit_path=unit.c.unit_path)),
        ),
    )
    query = (
        select(
            alarm_seen,
            _of_the_alarm(_a.authority, case_facts.c.authority).label("whose"),
            _of_the_alarm(_a.unit, case_facts.c.window_unit).label("where"),
        )
        .select_from(
            alarm_seen.outerjoin(
                case_facts, case_facts.c.case_number == alarm_seen.c.case_number
            ).outerjoin(unit, unit.c.unit == alarm_seen.c.unit)
        )
        .where(reached)
        .order_by(_a.at.desc(), _a.alarm_id.desc())
    )
    return page_of(
        connection,
        query,
        key=tuple_(_a.at, _a.alarm_id),
        key_of=lambda row: (row.at, row.alarm_id),
        view=lambda row: AlarmView(
            at_time=row.at,
            kind=AlarmKind[row.kind],
            case_number=row.case_number,
            authority=row.whose,
            unit=row.where,
            detail=row.detail,
        ),
        page_size=page_size,
        page_token=page_token,
        descending=True,
    )
