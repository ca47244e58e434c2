"""What metrics counts for those who watch, from its facts: a few statements, at an interval.

Cases are counted by unit and stage and, apart from that, by item and stage:
250 villages times all items times all stages would be too many rows for
anybody's Prometheus. Names of units and items stand in an `info` figure each.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from servicekit.calls import Call, Scope
from servicekit.clock import civil_day
from servicekit.figures import Figure, Values
from servicekit.identity import Caller
from servicekit.places import place_of
from services.metrics.adapters import case_rules, orm, ratios
from services.metrics.adapters.calendars import load_calendar
from services.metrics.domain.facts import FILED
from services.metrics.domain.ratios import RATIOS
from services.metrics.domain.stages import Stage
from workdays import CHINA_STANDARD_TIME, WorkCalendar

__all__ = ["OF_METRICS", "STAGE", "count"]

CASES: Final = Figure(
    "liandong_cases",
    "Cases by the window that has them and by stage.",
    ("level", "township", "unit", "stage"),
)
ITEM_CASES: Final = Figure(
    "liandong_item_cases", "Cases by item and stage.", ("item", "authority", "stage")
)
OVERDUE: Final = Figure(
    "liandong_cases_overdue",
    "Accepted cases that are open past the promise, by the authority that decides.",
    ("authority",),
)
NOTICES: Final = Figure(
    "liandong_notices",
    "Notices given: the one-time notice, and further ones that were approved.",
    ("authority", "kind"),
)
VIOLATIONS: Final = Figure(
    "liandong_violations_kept", "Violations that supervision hears of, by rule.", ("rule", "source")
)
ALARMS: Final = Figure("liandong_alarms", "Alarms raised so far, by kind.", ("kind",))
RED_ITEMS: Final = Figure(
    "liandong_items_red", "Items whose light under at-most-one-visit is red.", ("authority",)
)
NUMERATOR: Final = Figure(
    "liandong_plan_ratio_numerator",
    "What counts for a ratio of the plan, as published (declared) or as cases show (proven).",
    ("ratio", "column"),
)
DENOMINATOR: Final = Figure(
    "liandong_plan_ratio_denominator",
    "What a ratio of the plan is counted over; 0: there is no ratio.",
    ("ratio", "column"),
)
GOAL: Final = Figure(
    "liandong_plan_ratio_goal_ratio", "The goal of the plan for a ratio, of 1.", ("ratio",)
)
UNIT_INFO: Final = Figure(
    "liandong_unit_info",
    "1 for each unit, with its name, kind and place.",
    ("unit", "name", "kind", "level", "township"),
)
ITEM_INFO: Final = Figure(
    "liandong_item_info", "1 for each item, with its newest name.", ("item", "name", "authority")
)
OFFICE_OPEN: Final = Figure(
    "liandong_office_open",
    "1 on a working day between 9 and 12 and between 13:30 and 17 o'clock, else 0.",
    (),
)
OF_METRICS: Final = (
    CASES, ITEM_CASES, OVERDUE, NOTICES, VIOLATIONS, ALARMS, RED_ITEMS, NUMERATOR, DENOMINATOR,
    GOAL, UNIT_INFO, ITEM_INFO, OFFICE_OPEN,
)  # fmt: skip

OFFICE_HOURS: Final = ((time(9), time(12)), (time(13, 30), time(17)))

_f = orm.case_facts.c
_v = orm.violation_seen.c
STAGE: Final[Any] = case(
    (case_rules.SERVED, Stage.SERVED.value),
    (_f.ended_as == FILED, Stage.FILED.value),
    (case_rules.DECIDED, Stage.DECIDED.value),
    (_f.ended_at.is_not(None), Stage.ENDED.value),
    (case_rules.ACCEPTED, Stage.ACCEPTED.value),
    (_f.notices > 0, Stage.NOTICED.value),
    else_=Stage.RECEIVED.value,
)


def count(connection: Connection, at: datetime) -> dict[Figure, Values]:
    """Return the figures of metrics at an instant."""
    return {
        **_of_cases(connection),
        **_of_promises(connection, at),
        **_of_records(connection),
        **_of_the_plan(connection, at),
        **_names(connection),
        OFFICE_OPEN: {(): _is_open(at, load_calendar(connection))},
    }


def _is_open(at: datetime, calendar: WorkCalendar) -> bool:
    """Tell whether windows may be expected to act; the hours are the demonstration's."""
    here = at.astimezone(CHINA_STANDARD_TIME)
    hours = any(opens <= here.time() < closes for opens, closes in OFFICE_HOURS)
    return hours and calendar.is_working_day(here.date())


def _of_cases(connection: Connection) -> dict[Figure, Values]:
    grouped = _grouped(connection)
    by_unit: dict[tuple[str, ...], float] = {}
    by_item: dict[tuple[str, ...], float] = {}
    for unit, path, item, authority, stage, number in grouped:
        level, township = place_of(path)
        here, there = (level, township, unit, stage), (item, authority, stage)
        by_unit[here] = by_unit.get(here, 0) + number
        by_item[there] = by_item.get(there, 0) + number
    return {CASES: by_unit, ITEM_CASES: by_item}


def _grouped(connection: Connection) -> list[Any]:
    """Count the cases once, by all that either figure shows."""
    staged = (
        select(_f.window_unit, _f.unit_path, _f.item_code, _f.authority, STAGE.label("stage"))
        .where(_f.received_at.is_not(None))
        .subquery()
    )
    return list(connection.execute(select(*staged.c, func.count()).group_by(*staged.c)))


def _of_promises(connection: Connection, at: datetime) -> dict[Figure, Values]:
    known = _f.received_at.is_not(None)
    late = (
        select(_f.authority, func.count())
        .where(known, case_rules.overdue(civil_day(at)))
        .group_by(_f.authority)
    )
    told = (
        select(_f.authority, func.sum(_f.notices), func.sum(_f.further_notices))
        .where(known)
        .group_by(_f.authority)
    )
    notices: dict[tuple[str, ...], float] = {}
    for authority, first, further in connection.execute(told):
        notices[authority, "one_time"] = int(first)
        notices[authority, "further"] = int(further)
    return {
        OVERDUE: {(each,): number for each, number in connection.execute(late)},
        NOTICES: notices,
    }


def _of_records(connection: Connection) -> dict[Figure, Values]:
    violations = select(_v.rule, _v.source, func.count()).group_by(_v.rule, _v.source)
    kind = orm.alarm_seen.c.kind
    red = (
        select(_item.c.authority, func.count())
        .join_from(orm.item_light, _item, _item.c.item_code == orm.item_light.c.item_code)
        .where(orm.item_light.c.red)
        .group_by(_item.c.authority)
    )
    return {
        VIOLATIONS: {(rule, source): n for rule, source, n in connection.execute(violations)},
        ALARMS: {
            (each,): number
            for each, number in connection.execute(select(kind, func.count()).group_by(kind))
        },
        RED_ITEMS: {(each,): number for each, number in connection.execute(red)},
    }


def _newest_versions() -> Any:
    """Each item once, by its newest version."""
    version = orm.item_version.c
    newest = (
        select(version.item_code, func.max(version.number).label("number"))
        .group_by(version.item_code)
        .subquery()
    )
    return (
        select(version.item_code, version.name, version.authority)
        .join(
            newest,
            (newest.c.item_code == version.item_code) & (newest.c.number == version.number),
        )
        .subquery("newest_version")
    )


_item: Final = _newest_versions()


def _of_the_plan(connection: Connection, at: datetime) -> dict[Figure, Values]:
    """Count the ratios over the whole district, as `GetRatios` gives them to supervision."""
    everybody = Call(Caller(service="metrics", purpose="figures"), "job:count_figures",
                     frozenset({Scope.ANY}), at)  # fmt: skip
    numerators: dict[tuple[str, ...], float] = {}
    denominators: dict[tuple[str, ...], float] = {}
    for name, columns in ratios.fractions(everybody, connection, civil_day(at)).items():
        for column, fraction in zip(("declared", "proven"), columns, strict=True):
            if fraction is not None:
                numerators[name, column] = fraction.numerator
                denominators[name, column] = fraction.denominator
    goals: dict[tuple[str, ...], float] = {
        (ratio.name,): ratio.goal_percent / 100
        for ratio in RATIOS.values()
        if ratio.goal_percent is not None
    }
    return {NUMERATOR: numerators, DENOMINATOR: denominators, GOAL: goals}


def _names(connection: Connection) -> dict[Figure, Values]:
    unit = orm.unit.c
    units = connection.execute(select(unit.unit, unit.name, unit.kind, unit.unit_path))
    return {
        UNIT_INFO: {(code, name, kind, *place_of(path)): 1 for code, name, kind, path in units},
        ITEM_INFO: {tuple(row): 1 for row in connection.execute(select(*_item.c))},
    }
