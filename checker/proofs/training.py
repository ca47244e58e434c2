"""No window began under a letter with an item that nobody there was trained for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from checker.databases import Database
from checker.evidence import Evidence
from checker.report import Finding
from checker.values import as_json, as_names, day

__all__ = ["prove_training"]

# Who was at the window of a letter on its first day, and counted as trained on that day.
_TRAINED = """SELECT l.letter, t.item_codes FROM authorisation_letter l
    JOIN post p ON p.unit = l.window_unit
    JOIN assignment a ON a.post = p.post AND a.from_date <= l.from_date
        AND (a.until_date IS NULL OR a.until_date > l.from_date)
    JOIN training_record t ON t.person = a.person AND t.trained_on <= l.from_date
        AND (t.until_date IS NULL OR t.until_date > l.from_date)"""

# Letters that were signed before there were rules to be trained in stay as they are.
_GATED = """SELECT letter, window_unit, item_powers FROM authorisation_letter
    WHERE signed_at >= (SELECT MIN(published_at) FROM rules_version
        WHERE kind = 'ONE_WINDOW_ACCEPTANCE')"""


class LetterUntrained(Finding):
    """A letter lists an item that nobody at the window was trained for on its first day (R4.9)."""

    id = "LAW_LETTER_UNTRAINED"


class RulesOverlap(Finding):
    """A version of rules does not begin after the one before, or one is missing (R4.9)."""

    id = "LAW_RULES_NOT_LATER"


class TaughtReplaced(Finding):
    """A person was trained under rules that were none, or had been replaced by then (R4.9)."""

    id = "LAW_TRAINED_UNDER_OTHER_RULES"


def prove_training(evidence: Evidence) -> Iterator[Finding]:
    """Rules follow each other, staff are trained under them, and letters wait for the training.

    Source: R4.9.
    """
    if not evidence.having("catalog"):
        return
    catalog = evidence.services["catalog"].database
    yield from _letters(evidence, catalog)
    begun: dict[str, list[date | None]] = {}
    for row in catalog.rows("SELECT kind, number, from_date FROM rules_version ORDER BY number"):
        first, before = day(row["from_date"]), begun.setdefault(row["kind"], [])
        later = not before or (first is not None and before[-1] is not None and first > before[-1])
        if row["number"] != len(before) + 1 or not later:
            subject = f"{row['kind']}@{row['number']}"
            yield RulesOverlap(service="catalog", subject=subject, detail=f"begins {first}")
        before.append(first)
    yield from _taught(catalog, begun)


def _letters(evidence: Evidence, catalog: Database) -> Iterator[Finding]:
    trained: dict[str, set[str]] = {}
    for row in catalog.rows(_TRAINED):
        trained.setdefault(row["letter"], set()).update(as_names(row["item_codes"]))
    for row in catalog.rows(_GATED):
        evidence.count("letters")
        listed = {each["item_code"] for each in as_json(row["item_powers"])}
        missing = sorted(listed - trained.get(row["letter"], set()))
        if missing:
            detail = f"nobody at {row['window_unit']} was trained for {', '.join(missing)}"
            yield LetterUntrained(service="catalog", subject=row["letter"], detail=detail)


def _taught(catalog: Database, begun: Mapping[str, list[date | None]]) -> Iterator[Finding]:
    sql = """SELECT t.training, t.trained_on, r.kind, r.number
        FROM training_record t LEFT JOIN rules_version r ON r.rules_version = t.rules_version"""
    for row in catalog.rows(sql):
        wrong = _wrong(row, begun)
        if wrong:
            yield TaughtReplaced(service="catalog", subject=row["training"], detail=wrong)


def _wrong(row: Mapping[str, Any], begun: Mapping[str, list[date | None]]) -> str:
    on = day(row["trained_on"])
    if row["kind"] != "ONE_WINDOW_ACCEPTANCE" or on is None:
        return f"under {row['kind']} on {on}"
    later = begun[row["kind"]][row["number"] :]
    return "replaced by then" if any(each is not None and each <= on for each in later) else ""
