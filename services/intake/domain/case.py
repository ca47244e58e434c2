"""A case (办件): one applicant's request for one service item, from receipt to hand-out.

The acts on it are in the modules beside this one: `receipt`, `notice`,
`acceptance`, `bundle`, `sealing`, `result`. Here is what they share: the
file itself, and where it stands by law at an instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from servicekit.events import Aggregate, Event, Ownership
from services.intake.domain import errors, rules
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import VisitRecorded
from services.intake.domain.values import (
    Act,
    ApplicantKind,
    CaseState,
    Channel,
    DecisionOutcome,
    Defect,
    ItemTerms,
    NoticeMeans,
    Recipient,
    ResultDelivery,
    Standing,
    VisitPurpose,
)
from workdays import Due, WorkCalendar

__all__ = [
    "Bundle",
    "Case",
    "CaseMaterial",
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
    # When it arrived in due form; None before, and for shared data.
    arrived_at: datetime | None = None
    # When an entry of the notice was cured by it.
    cured_at: datetime | None = None

    @property
    def is_defective(self) -> bool:
        return self.defect is not Defect.UNSPECIFIED


@dataclass(eq=False, kw_only=True)
class NoticeEntry:
    """One entry of the one-time notice (readings 8)."""

    case_number: str
    ordinal: int
    material_code: str
    defect: Defect
    what_to_do: str
    legal_basis: str


class Direction(Enum):
    """Which way a bundle goes."""

    TO_DEPARTMENT = "TO_DEPARTMENT"
    TO_WINDOW = "TO_WINDOW"


@dataclass(eq=False, kw_only=True)
class Bundle:
    """Paper on its way (物料移交): signed for by two persons."""

    case_number: str
    direction: Direction
    bag: str
    pieces: int
    document: str
    sent_at: datetime
    sent_by: str
    sent_from: str
    received_at: datetime | None = None
    received_by: str = ""
    received_in: str = ""


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


@dataclass(eq=False, kw_only=True)
class Case(Aggregate):
    """One case. Exactly one site writes it: `writer_unit`, in its `writer_epoch`."""

    number: str
    terms: ItemTerms
    item_code: str
    item_version: str
    item_name: str
    authority: str
    window_unit: str
    window_name: str
    unit_path: str
    channel: Channel
    result_delivery: ResultDelivery
    summary: str
    applicant_person: str
    applicant_kind: ApplicantKind
    query_code: str
    received_at: datetime
    received_by: str
    notice_due_on: date
    notice_due_provisional: bool
    silence_accepts: bool
    writer_unit: str
    writer_epoch: int = 1
    revision: int = 1
    state: CaseState = CaseState.RECEIVED
    front_persons: tuple[str, ...] = ()

    noticed_at: datetime | None = None
    noticed_by: str = ""
    notice_means: NoticeMeans | None = None

    accepted_at: datetime | None = None
    completed_at: datetime | None = None
    accepted_by: str = ""
    deemed_accepted: bool = False
    statutory_due_on: date | None = None
    statutory_due_provisional: bool = False
    promise_due_on: date | None = None
    promise_due_provisional: bool = False

    decided_at: datetime | None = None
    decider: str = ""
    outcome: DecisionOutcome = DecisionOutcome.UNSPECIFIED
    certificate_number: str = ""

    handed_out_at: datetime | None = None
    handed_out_by: str = ""
    recipient: Recipient | None = None
    mandate: str = ""

    materials: list[CaseMaterial] = field(default_factory=list)
    notice_entries: list[NoticeEntry] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    # What the transaction does for the case beside saving it: print, and tell.
    to_print: list[Document] = field(default_factory=list, repr=False)
    told: list[TimelineEntry] = field(default_factory=list, repr=False)
    events: list[Event] = field(default_factory=list, repr=False)

    @property
    def stream_id(self) -> str:
        return self.number

    @property
    def ownership(self) -> Ownership:
        return Ownership(
            person=self.applicant_person,
            unit=self.window_unit,
            unit_path=self.unit_path,
            authority=self.authority,
        )

    @property
    def notice_due(self) -> Due:
        return Due(self.notice_due_on, self.notice_due_provisional)

    @property
    def statutory_due(self) -> Due | None:
        return _due(self.statutory_due_on, self.statutory_due_provisional)

    @property
    def promise_due(self) -> Due | None:
        return _due(self.promise_due_on, self.promise_due_provisional)

    def promise(self, statutory: Due | None, promised: Due) -> None:
        """Keep the two dates of the case."""
        self.statutory_due_on = statutory.on if statutory else None
        self.statutory_due_provisional = bool(statutory and statutory.provisional)
        self.promise_due_on = promised.on
        self.promise_due_provisional = promised.provisional

    def expect_notice(self, last: Due) -> None:
        """Keep the last day of the notice."""
        self.notice_due_on, self.notice_due_provisional = last.on, last.provisional

    @property
    def is_accepted(self) -> bool:
        """Whether acceptance is recorded; `standing` tells whether the law has accepted it."""
        return self.accepted_at is not None

    @property
    def paper_pieces(self) -> int:
        return sum(material.paper_pieces for material in self.materials)

    @property
    def defective(self) -> tuple[str, ...]:
        """The codes of the materials that keep the case from being complete, in order."""
        return tuple(sorted(each.material_code for each in self.materials if each.is_defective))

    def standing(self, at: datetime, calendar: WorkCalendar) -> Standing:
        """Return where the case stands by law at `at`, whatever anybody recorded.

        Source: 行政许可法 第三十二条第一款第四项; readings 17.
        """
        deemed = not self.is_accepted and rules.is_deemed_accepted(
            self.terms, self.received_at, self.noticed_at, at, calendar
        )
        if not deemed:
            return Standing(
                state=self.state,
                accepted_at=self.accepted_at,
                deemed=self.deemed_accepted,
                statutory_due=self.statutory_due,
                promise_due=self.promise_due,
            )
        statutory, promised = self.dates(self.received_at, self.received_at, calendar)
        return Standing(
            state=CaseState.ACCEPTED,
            accepted_at=self.received_at,
            deemed=True,
            statutory_due=statutory,
            promise_due=promised,
        )

    def dates(
        self, accepted_at: datetime, completed_at: datetime, calendar: WorkCalendar
    ) -> tuple[Due | None, Due]:
        """Return the last day the law allows, if it sets one, and the last day promised.

        Source: 行政许可法 第四十二条; readings 15 to 17.
        """
        instants = {
            "received_at": self.received_at,
            "completed_at": completed_at,
            "accepted_at": accepted_at,
        }
        statutory = None
        if self.terms.statutory_limit is not None:
            statutory = rules.limit_due(self.terms.statutory_limit, calendar=calendar, **instants)
        promised = rules.limit_due(self.terms.promised_limit, calendar=calendar, **instants)
        return statutory, rules.promise_within_law(promised, statutory)

    def material(self, code: str) -> CaseMaterial:
        for each in self.materials:
            if each.material_code == code:
                return each
        raise errors.MaterialUnknownError(
            "The item asks for no such material", case=self.number, material=code
        )

    def document(self, identity: str) -> Document:
        for each in self.documents:
            if each.document == identity:
                return each
        raise errors.DocumentUnknownError(
            "The case has no such document", case=self.number, document=identity
        )

    def bundle(self, direction: Direction) -> Bundle | None:
        return next((each for each in self.bundles if each.direction is direction), None)

    def require_writer(self, site_unit: str) -> None:
        """Refuse to change the case at a site that does not write it now.

        Source: architecture.md 4 (one writer per case).
        """
        if self.writer_unit != site_unit:
            raise errors.NotTheWriterError(
                "Another site writes this case", case=self.number, writer=self.writer_unit
            )

    def draft(self, kind: DocumentKind, act: Act, *, signer: str = "") -> Document:
        """Begin a document; it is numbered and printed by the transaction and after it."""
        ordinal = len(self.documents) + 1
        document = Document(
            document=f"{self.number}-D{ordinal:02}",
            case_number=self.number,
            ordinal=ordinal,
            kind=kind,
            drafted_at=act.at,
            drafted_by=act.person,
            authority=self.authority,
            signer=signer,
        )
        self.documents.append(document)
        self.to_print.append(document)
        return document

    def sign_through(self, identity: str) -> None:
        """Note that the second signature is there; the document is printed once more."""
        document = self.document(identity)
        document.sign_through()
        self.to_print.append(document)

    def remember_front(self, person: str) -> None:
        """Remember who dealt with the applicant: never reviews or decides this case.

        Source: R4.1; readings 1.
        """
        if person:
            self.front_persons = tuple(sorted({*self.front_persons, person}))

    def visit(self, purpose: VisitPurpose, act: Act) -> None:
        """Count a visit to a hall.

        Source: R2.1, R2.5.
        """
        ordinal = len(self.visits) + 1
        self.visits.append(
            Visit(
                case_number=self.number,
                ordinal=ordinal,
                purpose=purpose,
                visited_at=act.at,
                unit=act.unit,
            )
        )
        self.happened(VisitRecorded(case_number=self.number, purpose=purpose.name, ordinal=ordinal))

    def tell(self, code: str, at: datetime, unit: str, **facts: str) -> None:
        """Add an entry to what the applicant can follow; never personal data."""
        self.told.append(TimelineEntry(happened_at=at, code=code, facts=facts, unit=unit))


def _due(on: date | None, provisional: bool) -> Due | None:
    return None if on is None else Due(on, provisional)
