"""What happens before a department begins, as the other services hear of it. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from servicekit.events import Event
from workdays import Due


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotRequired(Event):
    """The item needs no licence, or is out of force (不受理)."""

    type: ClassVar[str] = "intake.case_not_required.v1"
    case_number: str
    told_by: str
    tell_time: datetime
    successor_item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRefused(Event):
    """Another authority is competent (不予受理)."""

    type: ClassVar[str] = "intake.acceptance_refused.v1"
    case_number: str
    refused_by: str
    refuse_time: datetime
    competent_authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn(Event):
    """The applicant withdrew (撤回)."""

    type: ClassVar[str] = "intake.case_withdrawn.v1"
    case_number: str
    withdraw_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerminated(Event):
    """A period of the item's law passed without correction (终止)."""

    type: ClassVar[str] = "intake.case_terminated.v1"
    case_number: str
    terminate_time: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRecorded(Event):
    """A filing is complete (备案)."""

    type: ClassVar[str] = "intake.filing_recorded.v1"
    case_number: str
    authority: str
    file_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOnTheSpot(Event):
    """Accepted and decided in one step (当场决定)."""

    type: ClassVar[str] = "intake.decided_on_the_spot.v1"
    case_number: str
    authority: str
    window_unit: str
    unit_path: str
    decider: str
    letter: str
    outcome: str
    decide_time: datetime
    promise_kept: bool
    statutory_kept: bool
    promise_due: Due
    has_paper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedIntoPromised(Event):
    """Substance must be verified, so an on-the-spot case goes the promised way."""

    type: ClassVar[str] = "intake.turned_into_promised.v1"
    case_number: str
    turned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFoundWanting(Event):
    """The window looked at a correction and found it wanting."""

    type: ClassVar[str] = "intake.correction_found_wanting.v1"
    case_number: str
    material_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionReminded(Event):
    """The applicant was reminded of what is still open."""

    type: ClassVar[str] = "intake.correction_reminded.v1"
    case_number: str
    material_codes: tuple[str, ...]
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherNoticeGiven(Event):
    """A further notice was given, with a supervisor's approval."""

    type: ClassVar[str] = "intake.further_notice_given.v1"
    case_number: str
    material_codes: tuple[str, ...]
    given_by: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionUnconfirmed(Event):
    """A cured case was not accepted by the end of the next working day: red."""

    type: ClassVar[str] = "intake.correction_unconfirmed.v1"
    case_number: str
    window_unit: str
