"""What happens to a case, as the other services hear of it. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event
from services.intake.domain.values import Extension, JointForm, Limit, SpecialProcedureTerms
from workdays import Due


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReceived(Event):
    """An application was received (收件)."""

    type: ClassVar[str] = "intake.case_received.v1"
    case_number: str
    item_code: str
    item_version: str
    authority: str
    window_unit: str
    unit_path: str
    channel: str
    receive_time: datetime
    received_by: str
    result_delivery: str
    courier_offered: bool
    notice_due: Due
    applicant: str
    handling: str
    courier_inbound: bool
    assistance: str = ""
    out_of_force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeNoticeGiven(Event):
    """The applicant was told, once, of everything that must be corrected (一次性告知)."""

    type: ClassVar[str] = "intake.one_time_notice_given.v1"
    case_number: str
    material_codes: tuple[str, ...]
    given_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionSubmitted(Event):
    """A correction arrived (补正)."""

    type: ClassVar[str] = "intake.correction_submitted.v1"
    case_number: str
    material_codes: tuple[str, ...]
    outstanding: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTask:
    """The work of one authority on an accepted case (联合办理)."""

    authority: str
    name: str
    statutory_limit: Limit | None
    promised_limit: Limit
    statutory_due: Due | None
    promise_due: Due
    persons_required: int
    site_check_required: bool
    prerequisites: tuple[str, ...]
    has_paper: bool
    remedies_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(Event):
    """The case was accepted (受理), by a window or by silence."""

    type: ClassVar[str] = "intake.case_accepted.v1"
    case_number: str
    item_code: str
    item_version: str
    authority: str
    window_unit: str
    unit_path: str
    receive_time: datetime
    complete_time: datetime
    accept_time: datetime
    deemed: bool
    front_persons: tuple[str, ...]
    statutory_limit: Limit | None
    promised_limit: Limit
    statutory_due: Due | None
    promise_due: Due
    persons_required: int
    site_check_required: bool
    has_paper: bool
    handling: str
    joint_form: JointForm
    consulted: tuple[str, ...]
    extension: Extension | None
    special_procedures: tuple[SpecialProcedureTerms, ...]
    remedies_known: bool
    designation: str
    notice_due: Due
    tasks: tuple[AuthorityTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleHandedOver(Event):
    """The paper left the window."""

    type: ClassVar[str] = "intake.bundle_handed_over.v1"
    case_number: str
    bag: str
    pieces: int
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReceived(Event):
    """The department took the paper over."""

    type: ClassVar[str] = "intake.bundle_received.v1"
    case_number: str
    bag: str
    pieces: int
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Event):
    """A document was issued: sealed, or rendered where no seal is required."""

    type: ClassVar[str] = "intake.document_issued.v1"
    case_number: str
    document: str
    kind: str
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReturned(Event):
    """The department sent the result back."""

    type: ClassVar[str] = "intake.result_returned.v1"
    case_number: str
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReceived(Event):
    """The accepting window has the result."""

    type: ClassVar[str] = "intake.result_received.v1"
    case_number: str
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHandedOut(Event):
    """The result was handed out and served (送达)."""

    type: ClassVar[str] = "intake.result_handed_out.v1"
    case_number: str
    window_unit: str
    handed_out_by: str
    recipient: str
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecorded(Event):
    """The applicant visited a hall for this case."""

    type: ClassVar[str] = "intake.visit_recorded.v1"
    case_number: str
    purpose: str
    ordinal: int
