"""The ratios of the plan, counted a second time and compared with what metrics answered.

Each ratio is three sums over rows: numerator, denominator, what is left out
(`ratio_conditions`). The facts themselves are proven by `facts`.

Source: readings 22; domain.md 2.6; R1.2, R1.5, R2.1, R2.2, R2.5, R2.9, R4.4; 国办发〔2019〕51号.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from checker.databases import Database
from checker.days import calendars, working_days_on
from checker.evidence import Evidence
from checker.proofs.ratio_conditions import CASES, IN_FORCE, ITEMS, TOLD, Sums
from checker.report import Finding
from checker.values import civil_day, day, instant

__all__ = ["prove_ratios"]


class RatioDiffers(Finding):
    """Metrics answered another ratio than its facts give."""

    id = "RATIO_DIFFERS"


class RatioMissing(Finding):
    """Metrics did not answer a ratio of the plan, or answered one that is none."""

    id = "RATIO_MISSING"


_SERVICE_DAYS: Final = 10  # working days; 行政许可法 第四十四条
_SERVED_IN_TIME: Final = "service_within_ten_days"
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
    counted = _counted(evidence, civil_day(at))
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


def _counted(evidence: Evidence, on: date) -> dict[tuple[str, str], _Fraction]:
    database = evidence.services["metrics"].database
    counted = {(_SERVED_IN_TIME, "proven"): _served_in_time(database, on)}
    for name, sums in CASES.items():
        counted[name, "proven"] = _sum(database, f"({TOLD}) told", sums, on)
    for key, sums in ITEMS.items():
        counted[key] = _sum(database, f"({IN_FORCE}) item", sums, on)
    return counted


def _sum(database: Database, rows: str, sums: Sums, on: date) -> _Fraction:
    sql = f"""SELECT COALESCE(SUM({sums.numerator}), 0) AS numerator,
        COALESCE(SUM({sums.denominator}), 0) AS denominator,
        COALESCE(SUM({sums.excluded}), 0) AS excluded
        FROM {rows}"""
    values = {"on": database.day(on)} if ":on" in sql else {}
    row = database.row(sql, **values)
    return (int(row["numerator"]), int(row["denominator"]), int(row["excluded"]))


def _served_in_time(database: Database, on: date) -> _Fraction:
    """Count the granted permits that were served within ten working days of the decision.

    Source: 行政许可法 第四十四条, 第八十二条.
    """
    works = calendars(database)[-1]
    sql = f"""SELECT decision_on, served_at FROM ({TOLD}) told
        WHERE decision_on IS NOT NULL AND outcome <> 'DENIED' AND item_type = '01'"""
    in_time = late = waiting = 0
    for row in database.rows(sql):
        decided_on, served_at = day(row["decision_on"]), instant(row["served_at"])
        if decided_on is None:
            continue
        last = working_days_on(decided_on, _SERVICE_DAYS, works)
        if served_at is None:
            late, waiting = (late + 1, waiting) if last < on else (late, waiting + 1)
        elif civil_day(served_at) <= last:
            in_time += 1
        else:
            late += 1
    return (in_time, in_time + late, waiting)


def _same(told: tuple[int, int, int | None], counted: _Fraction) -> bool:
    excluded = counted[2] if told[2] is None else told[2]
    return (told[0], told[1], excluded) == counted


def _words(fraction: tuple[int, int, int | None]) -> str:
    left_out = "" if fraction[2] is None else f" ({fraction[2]} left out)"
    return f"{fraction[0]}/{fraction[1]}{left_out}"
