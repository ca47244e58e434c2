"""Cases as their services have them, read once by plain SQL for all proofs about cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any, Final

from checker.databases import Database
from checker.intake_files import IntakeCase, read_cases
from checker.parcels import Shipment, read_shipments
from checker.review_records import (
    Consultation,
    Explanation,
    Procedure,
    by_task,
    consultation,
    explanation,
    procedure,
)
from checker.values import as_json, as_names, day, flag, instant

__all__ = ["CaseFiles", "Clock", "Offer", "ReviewCase", "SiteCheck"]

_CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case in review."""

    amount: int
    unit: str
    start: str
    started_at: datetime
    due_on: date
    provisional: bool
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
    """The task of one authority on a case, as review has it.

    What was decided after the case had ended has no effect and is left out.
    """

    task: str
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
    waived_at: datetime | None
    state: str
    promise: Clock | None
    statutory: Clock | None
    reviewer: str
    opinion_at: datetime | None
    decider: str
    decided_at: datetime | None
    outcome: str
    reasons: str
    received_at: datetime | None
    opened_at: datetime | None
    handed_over_at: datetime | None
    remedies_known: bool
    prerequisites: tuple[str, ...]
    consulted: tuple[str, ...]
    designation: str
    extension_terms: Mapping[str, Any]
    procedure_terms: tuple[Mapping[str, Any], ...]
    extended_by: int
    extension_approver: str
    extended_at: datetime | None
    extension_noticed_at: datetime | None
    ended_at: datetime | None
    ending: str
    void_decided_at: datetime | None
    site_checks: tuple[SiteCheck, ...]
    procedures: tuple[Procedure, ...]
    explanations: tuple[Explanation, ...]
    consultations: tuple[Consultation, ...]


def _clock(row: Mapping[str, Any], name: str) -> Clock | None:
    due_on, started_at = day(row[f"{name}_due_on"]), instant(row[f"{name}_started_at"])
    if due_on is None or started_at is None:
        return None
    return Clock(
        amount=row[f"{name}_amount"],
        unit=row[f"{name}_unit"],
        start=row[f"{name}_start"],
        started_at=started_at,
        due_on=due_on,
        provisional=bool(flag(row[f"{name}_due_provisional"])),
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
        """By task: the case number for the lead or only authority of a case."""
        database = self._databases.get("review")
        return {} if database is None else _read_reviews(database)

    @cached_property
    def shipments(self) -> Mapping[str, tuple[Shipment, ...]]:
        """The parcels by case."""
        database = self._databases.get("delivery")
        return {} if database is None else read_shipments(database)

    @cached_property
    def tasks(self) -> Mapping[str, tuple[ReviewCase, ...]]:
        """The tasks by case, the lead's first."""
        found: dict[str, list[ReviewCase]] = {}
        for task in sorted(self.review):
            found.setdefault(self.review[task].case_number, []).append(self.review[task])
        return {number: tuple(tasks) for number, tasks in found.items()}

    @cached_property
    def offers(self) -> Mapping[str, Offer]:
        database = self._databases.get("delivery")
        return {} if database is None else _read_offers(database)


def _read_reviews(database: Database) -> Mapping[str, ReviewCase]:
    parts = {
        "site_checks": by_task(database, "site_check", _site_check),
        "procedures": by_task(database, "special_procedure", procedure),
        "explanations": by_task(database, "explanation", explanation),
        "consultations": by_task(database, "consultation", consultation),
    }
    return {
        row["task"]: _review(row, {name: each.get(row["task"], ()) for name, each in parts.items()})
        for row in database.rows("SELECT * FROM review_case ORDER BY task")
    }


def _site_check(row: Mapping[str, Any]) -> SiteCheck:
    return SiteCheck(instant(row["checked_at"]), as_names(row["checkers"]))


def _review(row: Mapping[str, Any], parts: Mapping[str, Any]) -> ReviewCase:
    void = row["state"] == "ENDED"
    return ReviewCase(
        task=row["task"],
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
        waived_at=instant(row["waived_at"]),
        state=row["state"],
        promise=_clock(row, "promise"),
        statutory=_clock(row, "statutory"),
        reviewer=row["reviewer"] or "",
        opinion_at=instant(row["opinion_at"]),
        decider="" if void else row["decider"] or "",
        decided_at=None if void else instant(row["decided_at"]),
        outcome="" if void else row["outcome"] or "",
        reasons=row["decision_reasons"] or "",
        received_at=instant(row["received_at"]),
        opened_at=instant(row["opened_at"]),
        handed_over_at=instant(row["handed_over_at"]),
        remedies_known=bool(flag(row["remedies_known"])),
        prerequisites=as_names(row["prerequisites"]),
        consulted=as_names(row["consulted"]),
        designation=row["designation"],
        extension_terms=as_json(row["extension_terms"]) or {},
        procedure_terms=tuple(as_json(row["procedure_terms"])),
        extended_by=row["extension_amount"] or 0,
        extension_approver=row["extension_approver"] or "",
        extended_at=instant(row["extended_at"]),
        extension_noticed_at=instant(row["extension_noticed_at"]),
        ended_at=instant(row["ended_at"]),
        ending=row["ending"] or "",
        void_decided_at=instant(row["decided_at"]) if void else None,
        **parts,
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
