"""The parts of a case file: materials, entries of a notice, paper, visits, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from services.intake.domain.values import Defect, VisitPurpose

__all__ = [
    "Bundle",
    "CaseMaterial",
    "CountedOriginal",
    "Direction",
    "NoticeEntry",
    "TimelineEntry",
    "Visit",
]


@dataclass(eq=False, kw_only=True)
class CaseMaterial:
    """A material of the version and what became of it in this case."""

    case_number: str
    material_code: str
    ordinal: int
    name: str
    sharing_source: str
    demanded: bool
    defect: Defect
    sha256: str = ""
    paper_pieces: int = 0
    # As counted at the receipt: copies among the pieces, pages of all of them.
    copies: int | None = None
    pages: int | None = None
    # When it arrived in due form; None before, and for shared data.
    arrived_at: datetime | None = None
    # When an entry of the notice was cured by it.
    cured_at: datetime | None = None
    # When it was handed in last, cured or not, since the one-time notice.
    corrected_at: datetime | None = None

    @property
    def is_defective(self) -> bool:
        return self.defect is not Defect.UNSPECIFIED


@dataclass(eq=False, kw_only=True)
class NoticeEntry:
    """One entry of a notice: of the one-time notice, or of a further one (readings 8)."""

    case_number: str
    ordinal: int
    material_code: str
    defect: Defect
    what_to_do: str
    legal_basis: str
    # Which further notice it belongs to; 0 is the one-time notice.
    further: int = 0


class Direction(Enum):
    """Which way a bundle goes."""

    TO_DEPARTMENT = "TO_DEPARTMENT"
    TO_WINDOW = "TO_WINDOW"


@dataclass(eq=False, kw_only=True)
class Bundle:
    """Paper on its way (物料移交): signed for by two persons."""

    case_number: str
    direction: Direction
    # The how-manieth of its direction: a lost one is made again, originals follow later.
    ordinal: int
    bag: str
    pieces: int
    document: str
    sent_at: datetime
    sent_by: str
    sent_from: str
    # Whose result is in it; empty on the way to the department.
    authority: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    received_in: str = ""
    lost_at: datetime | None = None
    lost_reported_by: str = ""
    lost_account: str = ""
    # When its delay was made known; it is told once.
    overdue_told_at: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        return self.received_at is None and self.lost_at is None


@dataclass(eq=False, kw_only=True)
class CountedOriginal:
    """Originals of one material that a courier brought, counted before two persons."""

    case_number: str
    shipment: str
    material_code: str
    paper_pieces: int
    counted_at: datetime
    counted_by: str
    second_person: str


@dataclass(eq=False, kw_only=True)
class Visit:
    """The applicant came to a hall."""

    case_number: str
    ordinal: int
    purpose: VisitPurpose
    visited_at: datetime
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Something that happened, by its code; the sentence is made when it is read.

    It is told beside the file, not in it: a case that only has more to tell
    is the case its readers have seen, so its revision stays.
    """

    happened_at: datetime
    code: str
    facts: Mapping[str, str]
    unit: str
