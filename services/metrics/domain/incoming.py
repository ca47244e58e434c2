"""What the other services tell: of each event, the fields that are counted.

The names are those of the events' protos, so the translation is mechanical.
A field that is not here is not counted; a type that is not here only
advances its stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workdays import Limit

__all__ = [
    "AcceptanceRefused",
    "AssistanceOverdue",
    "BundleOverdue",
    "CalendarYearImported",
    "CaseAccepted",
    "CaseAlarm",
    "CaseFact",
    "CaseNotRequired",
    "CaseReceived",
    "CaseTerminated",
    "CaseTransferred",
    "CaseWithdrawn",
    "CompetenceAlarmed",
    "CorrectionSubmitted",
    "CorrectionUnconfirmed",
    "CourierOfferAnswered",
    "CourierOffered",
    "DatesRecomputed",
    "DecidedOnTheSpot",
    "DecisionMade",
    "DocumentVoided",
    "DueDay",
    "ExplanationRequested",
    "FilingRecorded",
    "FurtherNoticeGiven",
    "Incoming",
    "ItemVersionPublished",
    "LightChanged",
    "OneTimeNoticeGiven",
    "ResultDispatched",
    "ResultHandedOut",
    "ResultServed",
    "ReviewOpened",
    "ServiceLeftOpen",
    "ShipmentCreated",
    "ShipmentFailed",
    "ShipmentSigned",
    "UnitRegistered",
    "ViolationRecorded",
    "VisitRecorded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An event of another service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Incoming):
    """An event about one case that changes what is counted of it."""

    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAlarm(Incoming):
    """An event about one case that only alarms."""

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
    handling: str
    assistance: str
    result_delivery: str
    out_of_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(CaseFact):
    to_unit: str
    unit_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeNoticeGiven(CaseFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherNoticeGiven(CaseFact):
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
class DecidedOnTheSpot(CaseFact):
    window_unit: str
    outcome: str
    decide_time: datetime
    promise_due: DueDay
    promise_kept: bool
    statutory_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotRequired(CaseFact):
    tell_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRefused(CaseFact):
    refuse_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(CaseFact):
    withdraw_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerminated(CaseFact):
    terminate_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRecorded(CaseFact):
    file_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecorded(CaseFact):
    purpose: str
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHandedOut(CaseFact):
    window_unit: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDispatched(CaseFact):
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLeftOpen(CaseFact):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultServed(CaseFact):
    means: str
    serve_time: datetime
    window_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVoided(CaseFact):
    department: str
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetenceAlarmed(CaseAlarm):
    authority: str
    window_unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOverdue(CaseAlarm):
    bag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceOverdue(Incoming):
    assistance: str
    village_post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionUnconfirmed(CaseAlarm):
    window_unit: str


# From review


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(CaseFact):
    authority: str
    promise_due: DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesRecomputed(CaseFact):
    authority: str
    promise_due: DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(CaseFact):
    authority: str
    outcome: str
    decide_time: datetime
    promise_due: DueDay
    promise_kept: bool
    statutory_kept: bool
    undecided: int
    days_at_window: int
    days_at_department: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationRequested(CaseFact):
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LightChanged(CaseAlarm):
    authority: str
    light: str


# From delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOffered(CaseFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOfferAnswered(CaseFact):
    by_courier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCreated(CaseFact):
    shipment: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSigned(CaseFact):
    shipment: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFailed(CaseFact):
    shipment: str
    direction: str
    reason: str


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
    handling: str
    statutory_limit: Limit | None
    promised_limit: Limit | None
    result_physical: bool
    in_force_until_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered(Incoming):
    unit: str
    name: str
    level: int
    kind: str
    unit_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYearImported(Incoming):
    year: int
    notice: str
    source: str


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
