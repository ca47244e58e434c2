"""A case (办件): one applicant's request for one service item, from receipt to hand-out.

The acts on it are in the modules beside this one: `receipt`, `notice`,
`acceptance`, `bundle`, `sealing`, `result`. Here is what they share: the
file itself, and where it stands by law at an instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from servicekit.events import Event, Ownership
from services.intake.domain import errors, joint_rules, rules
from services.intake.domain.application_file import ApplicationFile
from services.intake.domain.case_parts import (
    Bundle,
    CaseMaterial,
    CountedOriginal,
    Direction,
    NoticeEntry,
    TimelineEntry,
    Visit,
)
from services.intake.domain.document import Document, DocumentKind
from services.intake.domain.events import VisitRecorded
from services.intake.domain.records import (
    CaseDecision,
    Dispatch,
    ExplanationMaterial,
    OpenReason,
    ProcessNotice,
    ServiceMeans,
)
from services.intake.domain.values import (
    Act,
    ApplicantKind,
    CaseState,
    Channel,
    DecisionOutcome,
    Handling,
    Limit,
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
    "CountedOriginal",
    "Direction",
    "NoticeEntry",
    "TimelineEntry",
    "Visit",
]


@dataclass(eq=False, kw_only=True)
class Case(ApplicationFile):
    """One case. Exactly one site writes it: `writer_unit`, in its `writer_epoch`."""

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
    applicant_kind: ApplicantKind
    query_code: str
    received_by: str
    notice_due_on: date
    notice_due_provisional: bool
    silence_accepts: bool
    writer_unit: str
    # Which carried request it was (代办), empty without one.
    assistance: str = ""
    # The window that has it may not accept it: it waits for its transfer (readings 4).
    incompetent: bool = False
    writer_epoch: int = 1
    revision: int = 1
    front_persons: tuple[str, ...] = ()

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

    served_at: datetime | None = None
    service_means: ServiceMeans | None = None
    service_open: OpenReason | None = None
    announced_at: datetime | None = None
    announced_until: date | None = None

    bundles: list[Bundle] = field(default_factory=list)
    originals: list[CountedOriginal] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    decisions: list[CaseDecision] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)
    process_notices: list[ProcessNotice] = field(default_factory=list)
    explanation_materials: list[ExplanationMaterial] = field(default_factory=list)
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
            others=tuple(
                each.authority for each in self.decisions if each.authority != self.authority
            ),
        )

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities that decide, the lead first."""
        return tuple(part.authority for part in joint_rules.parts_of(self.terms))

    @property
    def is_joint(self) -> bool:
        return len(self.authorities) > 1

    @property
    def is_decided_on_the_spot(self) -> bool:
        return bool(self.spot_decisions)

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
    def persons_required(self) -> int:
        """How many different persons review and decide, once a department has the case.

        One is enough on the spot only: what must be verified takes two.

        Source: 行政许可法 第三十四条第三款; readings 2.
        """
        least = 2 if self.terms.handling is Handling.ON_THE_SPOT else 1
        return max(self.terms.persons_required, least)

    @property
    def promised_limit(self) -> Limit:
        """What is promised once a department has the case.

        An on-the-spot item gets there only for verification, or by silence.

        Source: 行政许可法 第三十四条第三款; readings 2.
        """
        if self.terms.handling is Handling.ON_THE_SPOT and self.terms.verification_limit:
            return self.terms.verification_limit
        return self.terms.promised_limit

    @property
    def paper_pieces(self) -> int:
        return sum(material.paper_pieces for material in self.materials)

    def standing(self, at: datetime, calendar: WorkCalendar) -> Standing:
        """Return where the case stands by law at `at`, whatever anybody recorded.

        Source: 行政许可法 第三十二条第一款第四项; readings 17.
        """
        undetermined = self.state is CaseState.RECEIVED and not self.is_accepted
        deemed = undetermined and rules.is_deemed_accepted(
            self.terms, self.received_at, self.noticed_at, at, calendar
        )
        if not deemed or self.out_of_force:
            filed = self.filed_as_of is not None
            return Standing(
                state=CaseState.FILED if filed else self._state_at(at),
                accepted_at=self.accepted_at,
                deemed=self.deemed_accepted,
                statutory_due=self.statutory_due,
                promise_due=self.promise_due,
                confirmation_due=self.confirmation_due(calendar),
                unconfirmed=self.is_unconfirmed(at, calendar),
            )
        statutory, promised = self.dates(self.received_at, self.received_at, calendar)
        return Standing(
            state=CaseState.ACCEPTED,
            accepted_at=self.received_at,
            deemed=True,
            statutory_due=statutory,
            promise_due=promised,
        )

    def announced_by(self, at: datetime) -> bool:
        """Tell whether the period of an announcement has served the result by `at`.

        Source: 民事诉讼法 第九十五条 by analogy; readings 9.
        """
        if self.announced_until is None or self.served_at is not None:
            return False
        return at >= Due(self.announced_until).at

    def _state_at(self, at: datetime) -> CaseState:
        return CaseState.SERVED if self.announced_by(at) else self.state

    def dates(
        self, accepted_at: datetime, completed_at: datetime, calendar: WorkCalendar
    ) -> tuple[Due | None, Due]:
        """Return the last day the law allows, if it sets one, and the last day promised.

        Source: 行政许可法 第四十二条; readings 15 to 17, 21.
        """
        if self.is_joint:
            counted = self.instants(accepted_at, completed_at)
            return joint_rules.latest(
                joint_rules.part_dates(part, counted, calendar)
                for part in joint_rules.parts_of(self.terms)
            )
        instants = {
            "received_at": self.received_at,
            "completed_at": completed_at,
            "accepted_at": accepted_at,
        }
        statutory = None
        if self.terms.statutory_limit is not None:
            statutory = rules.limit_due(self.terms.statutory_limit, calendar=calendar, **instants)
        promised = rules.limit_due(self.promised_limit, calendar=calendar, **instants)
        return statutory, rules.promise_within_law(promised, statutory)

    def instants(self, accepted_at: datetime, completed_at: datetime) -> joint_rules.Instants:
        """Return the facts from which the limits of the parts are counted."""
        return joint_rules.Instants(
            received_at=self.received_at, completed_at=completed_at, accepted_at=accepted_at
        )

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
        """Return the newest bundle of a direction that is not lost."""
        kept = [each for each in self.bundles if each.direction is direction and not each.lost_at]
        return max(kept, key=lambda each: each.ordinal, default=None)

    @property
    def paper_here(self) -> int:
        """The pieces that are still at the window; what was lost is made again from copies."""
        sent = (
            each.pieces
            for each in self.bundles
            if each.direction is Direction.TO_DEPARTMENT and not each.lost_at
        )
        return self.paper_pieces - sum(sent)

    def require_writer(self, site_unit: str) -> None:
        """Refuse to change the case at a site that does not write it now.

        Source: architecture.md 4 (one writer per case).
        """
        if self.writer_unit != site_unit:
            raise errors.NotTheWriterError(
                "Another site writes this case", case=self.number, writer=self.writer_unit
            )

    def draft(
        self, kind: DocumentKind, act: Act, *, signer: str = "", authority: str = ""
    ) -> Document:
        """Begin a document; it is numbered and printed by the transaction and after it.

        It is in the name of `authority`, the lead where none is named.
        """
        ordinal = len(self.documents) + 1
        document = Document(
            document=f"{self.number}-D{ordinal:02}",
            case_number=self.number,
            ordinal=ordinal,
            kind=kind,
            drafted_at=act.at,
            drafted_by=act.person,
            authority=authority or self.authority,
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
