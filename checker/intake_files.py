"""Cases as intake has them, with their materials, papers, documents and visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from checker import intake_records as records
from checker.databases import Database
from checker.intake_records import (
    AuthorityDecision,
    CountedOriginal,
    Dispatch,
    Ending,
    FurtherNotice,
    ProcessNotice,
    Reminder,
    SpotDecision,
)
from checker.values import as_names, as_object, day, flag, instant

__all__ = [
    "Bundle",
    "Document",
    "IntakeCase",
    "Material",
    "NoticeEntry",
    "TimelineEntry",
    "Visit",
    "read_cases",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Material:
    """A material and what became of it."""

    code: str
    sharing_source: str
    defect: str
    sha256: str
    paper_pieces: int
    arrived_at: datetime | None
    cured_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """An entry of the one-time notice."""

    ordinal: int
    material_code: str
    further: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Paper on its way."""

    direction: str
    ordinal: int
    authority: str
    pieces: int
    document: str
    sent_at: datetime | None
    sent_by: str
    lost_at: datetime | None
    received_at: datetime | None
    received_by: str
    received_in: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a case."""

    document: str
    case_number: str
    kind: str
    authority: str
    signer: str
    state: str
    year: int | None
    site: str | None
    ordinal: int | None
    number: str
    sha256: str
    size: int
    seal: str
    seal_kind: str
    sealed_by: str
    scan_sha256: str
    drafted_at: datetime | None
    issued_at: datetime | None
    served_at: datetime | None
    voided_at: datetime | None
    void_reason: str

    @property
    def issued(self) -> bool:
        """Whether it was issued, even if it was voided afterwards."""
        return self.issued_at is not None

    @property
    def voided(self) -> bool:
        return self.state == "VOIDED"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a hall."""

    ordinal: int
    purpose: str
    visited_at: datetime | None
    unit: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What the applicant can follow."""

    happened_at: datetime | None
    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IntakeCase:
    """A case as intake has it."""

    number: str
    terms: Mapping[str, Any]
    item_code: str
    item_version: str
    authority: str
    window_unit: str
    unit_path: str
    channel: str
    result_delivery: str
    applicant: str
    received_at: datetime | None
    received_by: str
    state: str
    front_persons: frozenset[str]
    noticed_at: datetime | None
    noticed_by: str
    accepted_at: datetime | None
    completed_at: datetime | None
    accepted_by: str
    deemed: bool
    statutory_due_on: date | None
    promise_due_on: date | None
    decided_at: datetime | None
    decider: str
    outcome: str
    handed_out_at: datetime | None
    handed_out_by: str
    assistance: str
    out_of_force: bool
    incompetent: bool
    corrected_at: datetime | None
    turned_at: datetime | None
    turned_by: str
    filed_at: datetime | None
    served_at: datetime | None
    service_means: str
    service_open: str
    materials: tuple[Material, ...]
    notice_entries: tuple[NoticeEntry, ...]
    bundles: tuple[Bundle, ...]
    documents: tuple[Document, ...]
    visits: tuple[Visit, ...]
    timeline: tuple[TimelineEntry, ...]
    endings: tuple[Ending, ...]
    spot_decisions: tuple[SpotDecision, ...]
    decisions: tuple[AuthorityDecision, ...]
    dispatches: tuple[Dispatch, ...]
    process_notices: tuple[ProcessNotice, ...]
    originals: tuple[CountedOriginal, ...]
    reminders: tuple[Reminder, ...]
    further_notices: tuple[FurtherNotice, ...]

    @property
    def ending(self) -> Ending | None:
        """How it ended undecided; a withdrawal that a decision had overtaken ended nothing."""
        return next((each for each in self.endings if not each.overtaken), None)

    @property
    def spot(self) -> SpotDecision | None:
        return next(iter(self.spot_decisions), None)

    @property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """The part of each authority in joint handling, the lead first; else none (readings 21)."""
        joint = self.terms.get("joint_form") == "JOINT_HANDLING"
        return tuple(self.terms.get("parts") or ()) if joint else ()

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities that decide, the lead first."""
        return tuple(part["authority"] for part in self.parts) or (self.authority,)

    @property
    def handling(self) -> str:
        return str(self.terms.get("handling") or "PROMISED")

    @property
    def courier_due(self) -> bool:
        """Whether free courier must be offered: there is a result on paper to send (R2.9)."""
        return bool(self.terms.get("result_physical")) and bool(self.terms.get("courier_offered"))

    @property
    def has_paper(self) -> bool:
        return any(material.paper_pieces for material in self.materials)

    @property
    def collections(self) -> int:
        return sum(visit.purpose == "COLLECTION" for visit in self.visits)

    def bundles_of(self, direction: str) -> tuple[Bundle, ...]:
        return tuple(each for each in self.bundles if each.direction == direction)

    def bundle(self, direction: str) -> Bundle | None:
        """Return the newest bundle of a direction that is not lost."""
        kept = [each for each in self.bundles_of(direction) if each.lost_at is None]
        return max(kept, key=lambda each: each.ordinal, default=None)

    def documents_of(self, *kinds: str) -> tuple[Document, ...]:
        return tuple(each for each in self.documents if each.kind in kinds)


def read_cases(database: Database) -> Mapping[str, IntakeCase]:
    """Return the cases of intake by number."""
    parts = _Parts(
        materials=_by_case(database, "case_material", "ordinal", _material),
        notice_entries=_by_case(database, "notice_entry", "ordinal", _notice_entry),
        bundles=_by_case(database, "bundle", "sent_at", _bundle),
        documents=_by_case(database, "document", "ordinal", _document),
        visits=_by_case(database, "visit", "ordinal", _visit),
        timeline=_by_case(database, "timeline_entry", "id", _timeline_entry),
        endings=_by_case(database, "case_ending", "kind", records.ending),
        spot_decisions=_by_case(database, "spot_decision", "decided_at", records.spot_decision),
        decisions=_by_case(database, "case_decision", "ordinal", records.decision),
        dispatches=_by_case(database, "dispatch", "attempt", records.dispatch),
        process_notices=_by_case(database, "process_notice", "ordinal", records.process_notice),
        originals=_by_case(database, "counted_original", "shipment", records.original),
        reminders=_by_case(database, "correction_reminder", "ordinal", records.reminder),
        further_notices=_by_case(database, "further_notice", "ordinal", records.further_notice),
    )
    rows = database.rows("SELECT * FROM case_file ORDER BY number")
    return {row["number"]: _case(row, parts) for row in rows}


@dataclass(frozen=True, slots=True)
class _Parts:
    materials: Mapping[str, tuple[Material, ...]]
    notice_entries: Mapping[str, tuple[NoticeEntry, ...]]
    bundles: Mapping[str, tuple[Bundle, ...]]
    documents: Mapping[str, tuple[Document, ...]]
    visits: Mapping[str, tuple[Visit, ...]]
    timeline: Mapping[str, tuple[TimelineEntry, ...]]
    endings: Mapping[str, tuple[Ending, ...]]
    spot_decisions: Mapping[str, tuple[SpotDecision, ...]]
    decisions: Mapping[str, tuple[AuthorityDecision, ...]]
    dispatches: Mapping[str, tuple[Dispatch, ...]]
    process_notices: Mapping[str, tuple[ProcessNotice, ...]]
    originals: Mapping[str, tuple[CountedOriginal, ...]]
    reminders: Mapping[str, tuple[Reminder, ...]]
    further_notices: Mapping[str, tuple[FurtherNotice, ...]]

    def of(self, number: str) -> dict[str, Any]:
        """Return the parts of one case by their names."""
        return {each.name: getattr(self, each.name).get(number, ()) for each in fields(self)}


def _by_case(
    database: Database, table: str, order: str, read: Callable[[Mapping[str, Any]], T]
) -> Mapping[str, tuple[T, ...]]:
    found: dict[str, list[T]] = defaultdict(list)
    for row in database.rows(f"SELECT * FROM {table} ORDER BY case_number, {order}"):
        found[row["case_number"]].append(read(row))
    return {number: tuple(parts) for number, parts in found.items()}


def _material(row: Mapping[str, Any]) -> Material:
    return Material(
        code=row["material_code"],
        sharing_source=row["sharing_source"],
        defect=row["defect"],
        sha256=row["sha256"],
        paper_pieces=row["paper_pieces"],
        arrived_at=instant(row["arrived_at"]),
        cured_at=instant(row["cured_at"]),
    )


def _notice_entry(row: Mapping[str, Any]) -> NoticeEntry:
    return NoticeEntry(row["ordinal"], row["material_code"], row["further"])


def _bundle(row: Mapping[str, Any]) -> Bundle:
    return Bundle(
        direction=row["direction"],
        ordinal=row["ordinal"],
        authority=row["authority"],
        pieces=row["pieces"],
        document=row["document"],
        sent_at=instant(row["sent_at"]),
        sent_by=row["sent_by"],
        lost_at=instant(row["lost_at"]),
        received_at=instant(row["received_at"]),
        received_by=row["received_by"],
        received_in=row["received_in"],
    )


def _document(row: Mapping[str, Any]) -> Document:
    return Document(
        document=row["document"],
        case_number=row["case_number"],
        kind=row["kind"],
        authority=row["authority"],
        signer=row["signer"],
        state=row["state"],
        year=row["series_year"],
        site=row["series_site"],
        ordinal=row["series_ordinal"],
        number=row["number"],
        sha256=row["sha256"],
        size=row["size"],
        seal=row["seal"],
        seal_kind=row["seal_kind"],
        sealed_by=row["sealed_by"],
        scan_sha256=row["scan_sha256"],
        drafted_at=instant(row["drafted_at"]),
        issued_at=instant(row["issued_at"]),
        served_at=instant(row["served_at"]),
        voided_at=instant(row["voided_at"]),
        void_reason=row["void_reason"],
    )


def _visit(row: Mapping[str, Any]) -> Visit:
    return Visit(row["ordinal"], row["purpose"], instant(row["visited_at"]), row["unit"])


def _timeline_entry(row: Mapping[str, Any]) -> TimelineEntry:
    return TimelineEntry(instant(row["happened_at"]), row["code"], as_object(row["facts"]))


def _case(row: Mapping[str, Any], parts: _Parts) -> IntakeCase:
    number = row["number"]
    return IntakeCase(
        number=number,
        terms=as_object(row["terms"]),
        item_code=row["item_code"],
        item_version=row["item_version"],
        authority=row["authority"],
        window_unit=row["window_unit"],
        unit_path=row["unit_path"],
        channel=row["channel"],
        result_delivery=row["result_delivery"],
        applicant=row["applicant_person"],
        received_at=instant(row["received_at"]),
        received_by=row["received_by"],
        state=row["state"],
        front_persons=frozenset(as_names(row["front_persons"])),
        noticed_at=instant(row["noticed_at"]),
        noticed_by=row["noticed_by"],
        accepted_at=instant(row["accepted_at"]),
        completed_at=instant(row["completed_at"]),
        accepted_by=row["accepted_by"],
        deemed=bool(flag(row["deemed_accepted"])),
        statutory_due_on=day(row["statutory_due_on"]),
        promise_due_on=day(row["promise_due_on"]),
        decided_at=instant(row["decided_at"]),
        decider=row["decider"],
        outcome=row["outcome"],
        handed_out_at=instant(row["handed_out_at"]),
        handed_out_by=row["handed_out_by"],
        assistance=row["assistance"],
        out_of_force=bool(flag(row["out_of_force"])),
        incompetent=bool(flag(row["incompetent"])),
        corrected_at=instant(row["corrected_at"]),
        turned_at=instant(row["turned_at"]),
        turned_by=row["turned_by"],
        filed_at=instant(row["filed_at"]),
        served_at=instant(row["served_at"]),
        service_means=row["service_means"] or "",
        service_open=row["service_open"] or "",
        **parts.of(number),
    )
