"""What the file of a case keeps of decisions, of the way of the result, and of notices on the way.

The acts on them are in `decisions`, `dispatch`, `service_of_documents` and `process_notice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from services.intake.domain.document import DocumentKind
from services.intake.domain.values import DecisionOutcome, NoticeMeans
from workdays import Due

__all__ = [
    "CaseDecision",
    "Dispatch",
    "ExplanationMaterial",
    "Failure",
    "OpenReason",
    "OtherService",
    "ProcessNotice",
    "ServiceAccount",
    "ServiceMeans",
    "Signer",
]


class ServiceMeans(Enum):
    """How a result was served (送达方式; readings 9)."""

    WINDOW = "WINDOW"  # 窗口领取
    EMS = "EMS"  # 邮寄
    CONFIRMED = "CONFIRMED"  # 邮寄, confirmed by the addressee afterwards
    LEFT_WITH_WITNESS = "LEFT_WITH_WITNESS"  # 留置
    ANNOUNCED = "ANNOUNCED"  # 公告


class OtherService(Enum):
    """How a result is served on somebody who refuses it or cannot be reached."""

    LEFT_WITH_WITNESS = "LEFT_WITH_WITNESS"
    ANNOUNCED = "ANNOUNCED"


class OpenReason(Enum):
    """Why service is open although the result left the window."""

    SIGNED_BY_OTHER = "SIGNED_BY_OTHER"
    LOCKER = "LOCKER"
    REFUSED = "REFUSED"
    RETURNED = "RETURNED"
    LOST = "LOST"


class Signer(Enum):
    """Who signed for a parcel, as the carrier says."""

    ADDRESSEE = "ADDRESSEE"
    OTHER = "OTHER"
    LOCKER = "LOCKER"


class Failure(Enum):
    """Why a parcel did not arrive, as the carrier says."""

    REFUSED = "REFUSED"
    RETURNED = "RETURNED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


@dataclass(eq=False, kw_only=True)
class CaseDecision:
    """What one authority decides on a case, and by when (readings 21)."""

    case_number: str
    authority: str
    ordinal: int
    statutory_due_on: date | None = None
    statutory_due_provisional: bool = False
    promise_due_on: date | None = None
    promise_due_provisional: bool = False
    # Whether the review gave the dates: then nothing here computes them again.
    dated_by_review: bool = False
    decided_at: datetime | None = None
    decider: str = ""
    outcome: DecisionOutcome = DecisionOutcome.UNSPECIFIED
    certificate_number: str = ""

    @property
    def statutory_due(self) -> Due | None:
        return _due(self.statutory_due_on, provisional=self.statutory_due_provisional)

    @property
    def promise_due(self) -> Due | None:
        return _due(self.promise_due_on, provisional=self.promise_due_provisional)

    def promise(self, statutory: Due | None, promised: Due) -> None:
        """Keep the two dates of this authority."""
        self.statutory_due_on = statutory.on if statutory else None
        self.statutory_due_provisional = bool(statutory and statutory.provisional)
        self.promise_due_on, self.promise_due_provisional = promised.on, promised.provisional


@dataclass(eq=False, kw_only=True)
class Dispatch:
    """The result given to the courier once, and what became of it."""

    case_number: str
    attempt: int
    dispatched_at: datetime
    dispatched_by: str
    dispatched_from: str
    pieces: int
    # Of the mandate on file that lets another sign; empty without one.
    mandate: str = ""
    waybill: str = ""
    signed_at: datetime | None = None
    signer: Signer | None = None
    failed_at: datetime | None = None
    failure: Failure | None = None

    @property
    def is_under_way(self) -> bool:
        return self.signed_at is None and self.failed_at is None


@dataclass(eq=False, kw_only=True)
class ExplanationMaterial:
    """A file or paper that goes with an explanation."""

    case_number: str
    notice: int
    place: int
    material_code: str
    sha256: str
    paper_pieces: int


@dataclass(eq=False, kw_only=True)
class ProcessNotice:
    """Something the applicant is told while the departments work; `facts` are what it says."""

    case_number: str
    ordinal: int
    kind: DocumentKind
    authority: str
    # What it tells of, as the review named it.
    reference: str
    # The document that holds now; another one after it was voided.
    document: str
    facts: Mapping[str, str]
    told_at: datetime
    given_at: datetime | None = None
    given_by: str = ""
    means: NoticeMeans | None = None
    ems_number: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """How service went, with what is personal in it; stored sealed."""

    reason: str = ""
    place: str = ""
    how: str = ""
    witnesses: tuple[str, ...] = ()


def _due(on: date | None, *, provisional: bool) -> Due | None:
    return None if on is None else Due(on, provisional)
