"""What each ratio counts, as conditions over rows of metrics: a second statement of domain.md 2.6.

Source: readings 22; domain.md 2.6; R1.2, R1.5, R2.1, R2.2, R2.5, R2.7, R2.9, R4.4, R4.10, R5.5;
国办发〔2019〕51号; 行政许可法 第三十二条第一款第四项, 第三十四条第二款, 第四十四条.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["CASES", "IN_FORCE", "ITEMS", "TOLD", "Sums", "counting"]


@dataclass(frozen=True, slots=True)
class Sums:
    """What every row adds to the numerator, to the denominator and to what is left out."""

    numerator: str
    denominator: str
    excluded: str


def counting(numerator: str, denominator: str, excluded: str = "1 = 0") -> Sums:
    """Return the sums that count rows: one for each that meets a condition."""
    one = "CASE WHEN {} THEN 1 ELSE 0 END"
    return Sums(one.format(numerator), one.format(denominator), one.format(excluded))


TOLD: Final = """SELECT f.*, v.admitted, v.excluded_from_online, v.item_type, v.result_physical,
    u.kind AS accepting_kind, r.grade, v.handling AS published_handling, v.promised_amount,
    v.promised_unit,
    COALESCE(f.reviewed_promise_due_on, f.accepted_promise_due_on) AS promise_due_on
    FROM case_facts f LEFT JOIN item_version v ON v.item_version = f.item_version
    LEFT JOIN unit u ON u.unit = f.accepting_unit
    LEFT JOIN rating r ON r.case_number = f.case_number WHERE f.received_at IS NOT NULL"""

_ACCEPTED = "accepted_at IS NOT NULL"
_DECIDED = "decision_on IS NOT NULL"
_FILED = "ended_as = 'FILED'"
_DONE = f"({_DECIDED} OR {_FILED})"
_SERVED = "served_at IS NOT NULL"
_OVER = f"({_DONE} AND ({_SERVED} OR {_FILED}))"
_OPEN = f"({_ACCEPTED} AND NOT {_DONE} AND ended_at IS NULL)"
_GIVEN_UP = f"(ended_at IS NOT NULL AND NOT {_DONE})"
_LATE = "(promise_due_on IS NOT NULL AND promise_due_on < :on)"
_KEPT = "COALESCE(promise_kept, false)"
_SPOT = "spot_decided_at IS NOT NULL"
_BARRED = "COALESCE(excluded_from_online, false)"
_ADMITTED = "COALESCE(admitted, false)"
_PAPER = "COALESCE(result_physical, false)"
_ONLINE = "(channel = 'ONLINE' AND assistance = '' AND visits - collection_visits = 0)"
_DAYS = "(days_at_window + days_at_department)"
_ON_FILE = f"({_DECIDED} AND NOT {_SPOT})"
_IN_WORKING_DAYS = f"""({_ON_FILE} AND published_handling IS NOT NULL AND promised_unit IS NOT NULL
    AND published_handling = 'PROMISED' AND promised_unit = 'WORKING_DAY')"""
_WITH_DEPARTMENT = f"({_ACCEPTED} AND NOT {_SPOT})"

CASES: Final[Mapping[str, Sums]] = {
    "assisted_cases": counting("assistance <> ''", "1 = 1"),
    "at_most_one_visit_cases": counting(
        f"{_OVER} AND visits < 2", _OVER, f"{_DONE} AND NOT {_OVER}"
    ),
    "zero_visit_cases": counting(f"{_OVER} AND visits = 0", _OVER, f"{_DONE} AND NOT {_OVER}"),
    "courier_offer_coverage": counting(
        "courier_due AND courier_offered_at IS NOT NULL", "courier_due", "NOT courier_due"
    ),
    "courier_use": counting(
        f"{_DECIDED} AND {_PAPER} AND {_SERVED} AND parcels_out > 0",
        f"{_DECIDED} AND {_PAPER} AND {_SERVED}",
        f"{_DECIDED} AND {_PAPER} AND NOT {_SERVED}",
    ),
    "deemed_acceptance": counting(f"{_ACCEPTED} AND deemed", _ACCEPTED),
    "early_completion": counting(
        f"{_DECIDED} AND NOT {_SPOT} AND decided_early",
        f"{_DECIDED} AND NOT {_SPOT}",
        f"{_DECIDED} AND {_SPOT}",
    ),
    "first_pass": counting(f"{_ACCEPTED} AND notices = 0 AND further_notices = 0", _ACCEPTED),
    "mean_duration": Sums(
        f"CASE WHEN {_ON_FILE} THEN {_DAYS} ELSE 0 END",
        f"CASE WHEN {_ON_FILE} THEN 1 ELSE 0 END",
        f"CASE WHEN {_DECIDED} AND {_SPOT} THEN 1 ELSE 0 END",
    ),
    "speed_up": Sums(
        f"CASE WHEN {_IN_WORKING_DAYS} THEN promised_amount - {_DAYS} ELSE 0 END",
        f"CASE WHEN {_IN_WORKING_DAYS} THEN promised_amount ELSE 0 END",
        f"CASE WHEN {_DECIDED} AND NOT {_IN_WORKING_DAYS} THEN 1 ELSE 0 END",
    ),
    "returned_cases": counting(
        f"{_WITH_DEPARTMENT} AND returned_by <> '[]'",
        _WITH_DEPARTMENT,
        f"{_ACCEPTED} AND {_SPOT}",
    ),
    "reworked_cases": counting(
        f"{_WITH_DEPARTMENT} AND reworked_by <> '[]'",
        _WITH_DEPARTMENT,
        f"{_ACCEPTED} AND {_SPOT}",
    ),
    "fully_online_cases": counting(
        f"{_DONE} AND NOT {_BARRED} AND {_ONLINE}",
        f"{_DONE} AND NOT {_BARRED}",
        f"{_DONE} AND {_BARRED}",
    ),
    "on_the_spot_cases": counting(f"{_DECIDED} AND {_SPOT}", _DECIDED),
    "on_time_completion": counting(
        f"{_DECIDED} AND {_KEPT}",
        f"{_DECIDED} OR ({_OPEN} AND {_LATE})",
        f"{_ACCEPTED} AND NOT {_DECIDED} AND NOT ({_OPEN} AND {_LATE})",
    ),
    "overdue_cases": counting(
        f"{_ACCEPTED} AND ({_DECIDED} AND NOT {_KEPT} OR {_OPEN} AND {_LATE})",
        f"{_ACCEPTED} AND NOT {_GIVEN_UP}",
        f"{_ACCEPTED} AND {_GIVEN_UP}",
    ),
    "one_time_notice": counting("notices + further_notices = 1", "notices + further_notices >= 1"),
    "one_window_acceptance": counting(
        f"{_ACCEPTED} AND {_ADMITTED} AND accepting_kind = 'WINDOW'",
        f"{_ACCEPTED} AND {_ADMITTED}",
        f"{_ACCEPTED} AND NOT {_ADMITTED}",
    ),
    "parcel_delivery": Sums(
        "parcels_signed",
        "parcels_signed + parcels_failed",
        "parcels_out - parcels_signed - parcels_failed - parcels_cancelled",
    ),
    "rating_rate": counting(
        f"({_SERVED} OR {_FILED}) AND grade IS NOT NULL",
        f"{_SERVED} OR {_FILED}",
        f"{_DECIDED} AND NOT {_SERVED} AND NOT {_FILED}",
    ),
    "satisfaction": counting("grade BETWEEN 1 AND 3", "grade IS NOT NULL"),
}

IN_FORCE: Final = """SELECT v.* FROM item_version v WHERE v.in_force_from <= :on
    AND (v.in_force_until IS NULL OR v.in_force_until > :on) AND NOT EXISTS (
    SELECT 1 FROM item_version w WHERE w.item_code = v.item_code AND w.in_force_from <= :on
    AND (w.in_force_from > v.in_force_from
        OR (w.in_force_from = v.in_force_from AND w.number > v.number)))"""


def _a_case(condition: str) -> str:
    return f"""EXISTS (SELECT 1 FROM case_facts f WHERE f.item_code = item.item_code
        AND f.received_at IS NOT NULL AND ({condition}))"""


_EVER_DONE = f"({_DONE} OR decided_at IS NOT NULL)"
_PERMIT = "item_type = '01'"
_COMPARED = """(handling = 'PROMISED' AND statutory_unit IS NOT NULL
    AND promised_unit IS NOT NULL AND statutory_unit = promised_unit)"""
_PROVEN = f"({_COMPARED} AND {_a_case(_DECIDED)})"
_UNBROKEN = f"({_PROVEN} AND NOT {_a_case(f'{_DECIDED} AND NOT {_KEPT}')})"
_A_VISIT, _NO_VISIT = _a_case(f"{_DONE} AND visits > 0"), _a_case(f"{_OVER} AND visits = 0")
_TWO_VISITS = _a_case(f"{_EVER_DONE} AND visits > 1")
_ONE_VISIT = _a_case(f"{_OVER} AND visits <= 1")
_ANY, _UNOFFERED = _a_case("1 = 1"), _a_case("courier_offered_at IS NULL")

ITEMS: Final[Mapping[tuple[str, str], Sums]] = {
    ("fully_online_items", "declared"): counting(
        f"{_PERMIT} AND NOT excluded_from_online AND declared_fully_online",
        f"{_PERMIT} AND NOT excluded_from_online",
        f"{_PERMIT} AND excluded_from_online",
    ),
    ("fully_online_items", "proven"): counting(
        f"{_PERMIT} AND NOT excluded_from_online AND {_a_case(f'{_DONE} AND {_ONLINE}')}",
        f"{_PERMIT} AND NOT excluded_from_online",
        f"{_PERMIT} AND excluded_from_online",
    ),
    ("at_most_one_visit_items", "declared"): counting(
        "admitted AND declared_visits <= 1", "admitted"
    ),
    ("at_most_one_visit_items", "proven"): counting(
        f"admitted AND NOT {_TWO_VISITS} AND {_ONE_VISIT}",
        f"admitted AND ({_TWO_VISITS} OR {_ONE_VISIT})",
        f"admitted AND NOT {_TWO_VISITS} AND NOT {_ONE_VISIT}",
    ),
    ("zero_visit_items", "declared"): counting("admitted AND declared_visits = 0", "admitted"),
    ("zero_visit_items", "proven"): counting(
        f"admitted AND NOT {_A_VISIT} AND {_NO_VISIT}",
        f"admitted AND ({_A_VISIT} OR {_NO_VISIT})",
        f"admitted AND NOT {_A_VISIT} AND NOT {_NO_VISIT}",
    ),
    ("online_items", "declared"): counting("declared_fully_online", "1 = 1"),
    ("online_items", "proven"): counting(_a_case("channel = 'ONLINE'"), "1 = 1"),
    ("on_the_spot_items", "declared"): counting("handling = 'ON_THE_SPOT'", "1 = 1"),
    ("on_the_spot_items", "proven"): counting(
        _a_case(f"{_DECIDED} AND {_SPOT}"), _a_case(_DECIDED), f"NOT {_a_case(_DECIDED)}"
    ),
    ("courier_items", "declared"): counting(
        "result_physical AND courier_offered", "result_physical"
    ),
    ("courier_items", "proven"): counting(
        f"result_physical AND {_ANY} AND NOT {_UNOFFERED}",
        f"result_physical AND {_ANY}",
        f"result_physical AND NOT {_ANY}",
    ),
    ("promise_compression", "declared"): Sums(
        f"CASE WHEN {_COMPARED} THEN statutory_amount - promised_amount ELSE 0 END",
        f"CASE WHEN {_COMPARED} THEN statutory_amount ELSE 0 END",
        f"CASE WHEN {_COMPARED} THEN 0 ELSE 1 END",
    ),
    ("promise_compression", "proven"): Sums(
        f"CASE WHEN {_UNBROKEN} THEN statutory_amount - promised_amount ELSE 0 END",
        f"CASE WHEN {_PROVEN} THEN statutory_amount ELSE 0 END",
        f"CASE WHEN {_PROVEN} THEN 0 ELSE 1 END",
    ),
}
