"""What the other services tell: of each event, the fields that are counted.

The names are those of the events' protos, so the translation is mechanical.
A field that is not here is not counted; a type that is not here only
advances its stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

__all__ = [
    "CaseAccepted",
    "CaseFact",
    "CaseReceived",
    "CorrectionSubmitted",
    "CourierOfferAnswered",
    "CourierOffered",
    "DatesRecomputed",
    "DecisionMade",
    "DueDay",
    "Incoming",
    "ItemVersionPublished",
    "OneTimeNoticeGiven",
    "ResultHandedOut",
    "ReviewOpened",
    "UnitRegistered",
    "ViolationRecorded",
    "VisitRecorded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An event of another service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Incoming):
    """An event about one case."""

    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDay:
    """The last day of a period."""

    on: date


# From intake


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReceived(CaseFact):
    item_code: str
    item_version: str
    authority: str
    window_unit: str
    unit_path: str
    channel: str
    receive_time: datetime
    courier_offered: bool
    applicant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeNoticeGiven(CaseFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionSubmitted(CaseFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(CaseFact):
    window_unit: str
    accept_time: datetime
    deemed: bool
    promise_due: DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecorded(CaseFact):
    purpose: str
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHandedOut(CaseFact):
    window_unit: str
    recipient: str


# From review


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(CaseFact):
    promise_due: DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesRecomputed(CaseFact):
    promise_due: DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(CaseFact):
    outcome: str
    decide_time: datetime
    promise_due: DueDay
    promise_kept: bool
    statutory_kept: bool


# From delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOffered(CaseFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOfferAnswered(CaseFact):
    by_courier: bool


# From catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersionPublished(Incoming):
    item_code: str
    item_version: str
    name: str
    authority: str
    item_type: str
    admitted: bool
    declared_visits: int
    declared_fully_online: bool
    excluded_from_online: bool
    courier_offered: bool
    in_force_from_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered(Incoming):
    unit: str
    name: str
    level: int
    kind: str
    unit_path: str


# From every service


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationRecorded(Incoming):
    violation_id: str
    rule: str
    reason: str
    case_number: str
    person: str
    assignment: str
    unit: str
    unit_path: str
    authority: str
