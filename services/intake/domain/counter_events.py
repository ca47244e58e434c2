"""What happens around the counter, as the other services hear of it. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event
from workdays import Due


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetenceAlarmed(Event):
    """A window that may not accept stored a receipt."""

    type: ClassVar[str] = "intake.competence_alarmed.v1"
    case_number: str
    authority: str
    window_unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(Event):
    """A case went to the competent window (首问负责)."""

    type: ClassVar[str] = "intake.case_transferred.v1"
    case_number: str
    from_unit: str
    to_unit: str
    unit_path: str
    same_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalsReceived(Event):
    """Originals arrived by courier and were counted before two persons."""

    type: ClassVar[str] = "intake.originals_received.v1"
    case_number: str
    shipment: str
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOverdue(Event):
    """Paper is not received after a working day."""

    type: ClassVar[str] = "intake.bundle_overdue.v1"
    case_number: str
    bag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleLost(Event):
    """Paper was lost on its way."""

    type: ClassVar[str] = "intake.bundle_lost.v1"
    case_number: str
    bag: str
    reported_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceTaken(Event):
    """A village agent took a request in (代办接件)."""

    type: ClassVar[str] = "intake.assistance_taken.v1"
    assistance: str
    village_post: str
    unit_path: str
    item_code: str
    take_time: datetime
    pass_on_due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceOverdue(Event):
    """A carried request was not passed on in time."""

    type: ClassVar[str] = "intake.assistance_overdue.v1"
    assistance: str
    village_post: str
    unit_path: str
    pass_on_due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistancePassedOn(Event):
    """The request went on to a window."""

    type: ClassVar[str] = "intake.assistance_passed_on.v1"
    assistance: str
    to_unit: str
    pass_time: datetime
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceReceived(Event):
    """The request became a case."""

    type: ClassVar[str] = "intake.assistance_received.v1"
    assistance: str
    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryRegistered(Event):
    """First contact was registered; whoever was asked first owns it (首问负责)."""

    type: ClassVar[str] = "intake.enquiry_registered.v1"
    enquiry: str
    unit: str
    unit_path: str
    owner: str
    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryHandedOver(Event):
    """An enquiry was handed over; the owner keeps it until it is acknowledged."""

    type: ClassVar[str] = "intake.enquiry_handed_over.v1"
    enquiry: str
    to_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAcknowledged(Event):
    """The other unit acknowledged the hand-over and owns it now."""

    type: ClassVar[str] = "intake.enquiry_acknowledged.v1"
    enquiry: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswered(Event):
    """An enquiry was answered and closed."""

    type: ClassVar[str] = "intake.enquiry_answered.v1"
    enquiry: str
    answered_by: str
