"""What happens after acceptance, as the other services hear of it. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event
from workdays import Due


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessNoticeGiven(Event):
    """A notice of the procedure reached the applicant."""

    type: ClassVar[str] = "intake.process_notice_given.v1"
    case_number: str
    document: str
    kind: str
    reference: str
    give_time: datetime
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationGiven(Event):
    """The applicant answered a request for an explanation (补充说明)."""

    type: ClassVar[str] = "intake.explanation_given.v1"
    case_number: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDispatched(Event):
    """The result was given to the courier."""

    type: ClassVar[str] = "intake.result_dispatched.v1"
    case_number: str
    window_unit: str
    unit_path: str
    dispatched_by: str
    pieces: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLeftOpen(Event):
    """Service of the result is not proven, or failed."""

    type: ClassVar[str] = "intake.service_left_open.v1"
    case_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAnnounced(Event):
    """The result was announced; its period serves it (公告送达)."""

    type: ClassVar[str] = "intake.result_announced.v1"
    case_number: str
    window_unit: str
    announce_time: datetime
    until: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultServed(Event):
    """The result was served otherwise than across the counter."""

    type: ClassVar[str] = "intake.result_served.v1"
    case_number: str
    means: str
    recipient: str
    serve_time: datetime
    visits: int
    window_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVoided(Event):
    """A numbered document was voided; its number stays visible."""

    type: ClassVar[str] = "intake.document_voided.v1"
    case_number: str
    document: str
    document_number: str
    reason: str
    kind: str
    department: str
    lost: bool
