"""The ratios of the plan, counted a second time and compared with what metrics answered.

Each ratio is three conditions over a row: in the numerator, in the
denominator, left out. The facts themselves are proven by `counts`.

Source: readings 22; domain.md 2.6; R1.2, R1.5, R2.1, R2.2, R2.5, R2.9, R4.4; 国办发〔2019〕51号.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from checker.databases import Database
from checker.evidence import Evidence
from checker.report import Finding
from checker.values import civil_day, instant

__all__ = ["prove_ratios"]


class RatioDiffers(Finding):
    """Metrics answered another ratio than its facts give."""

    id = "RATIO_DIFFERS"


class RatioMissing(Finding):
    """Metrics did not answer a ratio of the plan, or answered one that is none."""

    id = "RATIO_MISSING"


@dataclass(frozen=True, slots=True)
class _Conditions:
    numerator: str
    denominator: str
    excluded: str = "1 = 0"


_DECIDED = "decided_at IS NOT NULL"
_OPEN = "accepted_at IS NOT NULL AND decided_at IS NULL"
_LATE = "(promise_due_on IS NOT NULL AND promise_due_on < :on)"
_BARRED = "COALESCE(excluded_from_online, false)"
_ADMITTED = "COALESCE(admitted, false)"

_CASES: Final[Mapping[str, _Conditions]] = {
    "at_most_one_visit_cases": _Conditions(
        f"{_DECIDED} AND served_at IS NOT NULL AND visits <= 1",
        f"{_DECIDED} AND served_at IS NOT NULL",
        f"{_DECIDED} AND served_at IS NULL",
    ),
    "courier_offer_coverage": _Conditions(
        "courier_due AND courier_offered_at IS NOT NULL", "courier_due", "NOT courier_due"
    ),
    "fully_online_cases": _Conditions(
        f"{_DECIDED} AND NOT {_BARRED} AND channel = 'ONLINE' AND visits - collection_visits = 0",
        f"{_DECIDED} AND NOT {_BARRED}",
        f"{_DECIDED} AND {_BARRED}",
    ),
    "on_time_completion": _Conditions(
        f"{_DECIDED} AND promise_kept",
        f"{_DECIDED} OR ({_OPEN} AND {_LATE})",
        f"{_OPEN} AND NOT {_LATE}",
    ),
    "one_time_notice": _Conditions("notices = 1", "notices >= 1"),
    "one_window_acceptance": _Conditions(
        f"accepted_at IS NOT NULL AND {_ADMITTED} AND accepting_kind = 'WINDOW'",
        f"accepted_at IS NOT NULL AND {_ADMITTED}",
        f"accepted_at IS NOT NULL AND NOT {_ADMITTED}",
    ),
    "rating_rate": _Conditions(
        "served_at IS NOT NULL AND grade IS NOT NULL",
        "served_at IS NOT NULL",
        f"{_DECIDED} AND served_at IS NULL",
    ),
    "satisfaction": _Conditions("grade BETWEEN 1 AND 3", "grade IS NOT NULL"),
}

_TOLD: Final = """SELECT f.*, v.admitted, v.excluded_from_online, u.kind AS accepting_kind, r.grade,
    COALESCE(f.reviewed_promise_due_on, f.accepted_promise_due_on) AS promise_due_on
    FROM case_facts f LEFT JOIN item_version v ON v.item_version = f.item_version
    LEFT JOIN unit u ON u.unit = f.accepting_unit
    LEFT JOIN rating r ON r.case_number = f.case_number WHERE f.received_at IS NOT NULL"""

_PROVEN_ONLINE = """EXISTS (SELECT 1 FROM case_facts f WHERE f.item_code = item.item_code
    AND f.received_at IS NOT NULL AND f.decided_at IS NOT NULL AND f.channel = 'ONLINE'
    AND f.visits = f.collection_visits)"""
_TWO_VISITS = """EXISTS (SELECT 1 FROM case_facts f WHERE f.item_code = item.item_code
    AND f.received_at IS NOT NULL AND f.decided_at IS NOT NULL AND f.visits >= 2)"""
_ONE_VISIT = """EXISTS (SELECT 1 FROM case_facts f WHERE f.item_code = item.item_code
    AND f.received_at IS NOT NULL AND f.decided_at IS NOT NULL AND f.served_at IS NOT NULL
    AND f.visits < 2)"""
_PERMIT = "item_type = '01'"

_ITEMS: Final[Mapping[tuple[str, str], _Conditions]] = {
    ("fully_online_items", "declared"): _Conditions(
        f"{_PERMIT} AND NOT excluded_from_online AND declared_fully_online",
        f"{_PERMIT} AND NOT excluded_from_online",
        f"{_PERMIT} AND excluded_from_online",
    ),
    ("fully_online_items", "proven"): _Conditions(
        f"{_PERMIT} AND NOT excluded_from_online AND {_PROVEN_ONLINE}",
        f"{_PERMIT} AND NOT excluded_from_online",
        f"{_PERMIT} AND excluded_from_online",
    ),
    ("at_most_one_visit_items", "declared"): _Conditions(
        "admitted AND declared_visits <= 1", "admitted"
    ),
    ("at_most_one_visit_items", "proven"): _Conditions(
        f"admitted AND NOT {_TWO_VISITS} AND {_ONE_VISIT}",
        f"admitted AND ({_TWO_VISITS} OR {_ONE_VISIT})",
        f"admitted AND NOT {_TWO_VISITS} AND NOT {_ONE_VISIT}",
    ),
}

_IN_FORCE: Final = """SELECT v.* FROM item_version v WHERE v.in_force_from <= :on AND NOT EXISTS (
    SELECT 1 FROM item_version w WHERE w.item_code = v.item_code AND w.in_force_from <= :on
    AND (w.in_force_from > v.in_force_from
        OR (w.in_force_from = v.in_force_from AND w.number > v.number)))"""

_Fraction = tuple[int, int, int]


def prove_ratios(evidence: Evidence) -> Iterator[Finding]:
    """Each ratio that metrics answered, over everything, is what its facts give at that instant.

    The answer must be one to a caller who reaches all cases, given after the
    last fact was counted.
    """
    path, metrics = evidence.asked.ratios, evidence.services.get("metrics")
    if path is None or metrics is None:
        evidence.facts["ratios"] = "not compared"
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    told = _told(content)
    at = instant(content.get("as_of") or content.get("as_of_time") or content.get("asOfTime"))
    if at is None:
        raise ValueError(f"{path} does not say as of when the ratios are")
    counted = _counted(metrics.database, civil_day(at))
    names = {name for name, _ in counted}
    for name in sorted(names ^ {name for name, _ in told}):
        yield RatioMissing(service="metrics", subject=name)
    for key in sorted(counted.keys() & told.keys()):
        evidence.count("ratios")
        if not _same(told[key], counted[key]):
            detail = f"answered {_words(told[key])}, counted {_words(counted[key])}"
            yield RatioDiffers(service="metrics", subject=f"{key[0]} {key[1]}", detail=detail)


def _told(content: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, int, int | None]]:
    ratios = content["ratios"]
    named = ratios.items() if isinstance(ratios, dict) else ((one["name"], one) for one in ratios)
    told = {}
    for name, columns in named:
        for column in ("declared", "proven"):
            found = columns.get(column)
            if found is not None:
                excluded = found.get("excluded")
                told[name, column] = (
                    int(found.get("numerator", 0)),
                    int(found.get("denominator", 0)),
                    None if excluded is None else int(excluded),
                )
    return told


def _counted(database: Database, on: date) -> dict[tuple[str, str], _Fraction]:
    counted = {}
    for name, conditions in _CASES.items():
        counted[name, "proven"] = _count(database, f"({_TOLD}) told", conditions, on)
    for key, conditions in _ITEMS.items():
        counted[key] = _count(database, f"({_IN_FORCE}) item", conditions, on)
    return counted


def _count(database: Database, rows: str, conditions: _Conditions, on: date) -> _Fraction:
    sql = f"""SELECT COUNT(CASE WHEN {conditions.numerator} THEN 1 END) AS numerator,
        COUNT(CASE WHEN {conditions.denominator} THEN 1 END) AS denominator,
        COUNT(CASE WHEN {conditions.excluded} THEN 1 END) AS excluded
        FROM {rows}"""
    values = {"on": database.day(on)} if ":on" in sql else {}
    row = database.row(sql, **values)
    return (row["numerator"], row["denominator"], row["excluded"])


def _same(told: tuple[int, int, int | None], counted: _Fraction) -> bool:
    excluded = counted[2] if told[2] is None else told[2]
    return (told[0], told[1], excluded) == counted


def _words(fraction: tuple[int, int, int | None]) -> str:
    left_out = "" if fraction[2] is None else f" ({fraction[2]} left out)"
    return f"{fraction[0]}/{fraction[1]}{left_out}"
