"""Cases as their services have them, read once by plain SQL for all proofs about cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any, Final

from checker.databases import Database
from checker.intake_files import IntakeCase, read_cases
from checker.values import as_json, as_names, day, flag, instant

__all__ = ["CaseFiles", "Clock", "Offer", "ReviewCase", "SiteCheck"]

_CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case in review."""

    amount: int
    unit: str
    started_at: datetime
    due_on: date
    excluded: bool

    def kept(self, decided_at: datetime) -> bool:
        """Whether a decision is before 24:00 of the last day, or before the last hour.

        Source: readings 19; 民法典 第二百零三条第二款.
        """
        last = datetime.combine(self.due_on + timedelta(days=1), datetime.min.time(), _CHINA)
        if self.unit == "HOUR" and not self.excluded:
            last = min(last, self.started_at + timedelta(hours=self.amount))
        return decided_at < last


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """A check on the site."""

    checked_at: datetime | None
    checkers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A case as review has it."""

    case_number: str
    item_code: str
    item_version: str
    authority: str
    unit_path: str
    accepted_at: datetime | None
    front_persons: frozenset[str]
    persons_required: int
    site_check_required: bool
    bundle: str
    state: str
    promise: Clock | None
    statutory: Clock | None
    reviewer: str
    opinion_at: datetime | None
    decider: str
    decided_at: datetime | None
    outcome: str
    reasons: str
    site_checks: tuple[SiteCheck, ...]


def _clock(row: Mapping[str, Any], name: str) -> Clock | None:
    due_on, started_at = day(row[f"{name}_due_on"]), instant(row[f"{name}_started_at"])
    if due_on is None or started_at is None:
        return None
    return Clock(
        amount=row[f"{name}_amount"],
        unit=row[f"{name}_unit"],
        started_at=started_at,
        due_on=due_on,
        excluded=bool(as_json(row[f"{name}_excluded"])),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer of free courier."""

    case_number: str
    applicant: str
    window_unit: str
    unit_path: str
    authority: str
    carrier: str
    citizen_price_fen: int
    offered_at: datetime | None
    state: str
    answered_at: datetime | None


class CaseFiles:
    """The cases of all services; of a service that is not given there are none."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases

    @cached_property
    def intake(self) -> Mapping[str, IntakeCase]:
        database = self._databases.get("intake")
        return {} if database is None else read_cases(database)

    @cached_property
    def review(self) -> Mapping[str, ReviewCase]:
        database = self._databases.get("review")
        return {} if database is None else _read_reviews(database)

    @cached_property
    def offers(self) -> Mapping[str, Offer]:
        database = self._databases.get("delivery")
        return {} if database is None else _read_offers(database)


def _read_reviews(database: Database) -> Mapping[str, ReviewCase]:
    checks: dict[str, list[SiteCheck]] = {}
    sql = "SELECT case_number, checked_at, checkers FROM site_check ORDER BY id"
    for row in database.rows(sql):
        found = SiteCheck(instant(row["checked_at"]), as_names(row["checkers"]))
        checks.setdefault(row["case_number"], []).append(found)
    return {
        row["case_number"]: _review(row, checks.get(row["case_number"], []))
        for row in database.rows("SELECT * FROM review_case ORDER BY case_number")
    }


def _review(row: Mapping[str, Any], checks: list[SiteCheck]) -> ReviewCase:
    return ReviewCase(
        case_number=row["case_number"],
        item_code=row["item_code"],
        item_version=row["item_version"],
        authority=row["authority"],
        unit_path=row["unit_path"],
        accepted_at=instant(row["accepted_at"]),
        front_persons=frozenset(as_names(row["front_persons"])),
        persons_required=row["persons_required"],
        site_check_required=bool(flag(row["site_check_required"])),
        bundle=row["bundle"],
        state=row["state"],
        promise=_clock(row, "promise"),
        statutory=_clock(row, "statutory"),
        reviewer=row["reviewer"] or "",
        opinion_at=instant(row["opinion_at"]),
        decider=row["decider"] or "",
        decided_at=instant(row["decided_at"]),
        outcome=row["outcome"] or "",
        reasons=row["decision_reasons"] or "",
        site_checks=tuple(checks),
    )


def _read_offers(database: Database) -> Mapping[str, Offer]:
    sql = """SELECT case_number, applicant, window_unit, unit_path, authority, carrier,
        citizen_price_fen, offered_at, state, answered_at FROM courier_offer ORDER BY case_number"""
    return {
        row["case_number"]: Offer(
            **{
                **row,
                "offered_at": instant(row["offered_at"]),
                "answered_at": instant(row["answered_at"]),
            }
        )
        for row in database.rows(sql)
    }
