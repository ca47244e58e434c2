"""Cases as intake has them, with their materials, papers, documents and visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from checker.databases import Database
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


@dataclass(frozen=True, slots=True)
class Bundle:
    """Paper on its way."""

    direction: str
    pieces: int
    document: str
    sent_by: str
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
    issued_at: datetime | None
    served_at: datetime | None

    @property
    def issued(self) -> bool:
        return self.state in {"ISSUED", "SERVED"}


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
    materials: tuple[Material, ...]
    notice_entries: tuple[NoticeEntry, ...]
    bundles: tuple[Bundle, ...]
    documents: tuple[Document, ...]
    visits: tuple[Visit, ...]
    timeline: tuple[TimelineEntry, ...]

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

    def bundle(self, direction: str) -> Bundle | None:
        return next((each for each in self.bundles if each.direction == direction), None)

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
    return NoticeEntry(row["ordinal"], row["material_code"])


def _bundle(row: Mapping[str, Any]) -> Bundle:
    return Bundle(
        direction=row["direction"],
        pieces=row["pieces"],
        document=row["document"],
        sent_by=row["sent_by"],
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
        issued_at=instant(row["issued_at"]),
        served_at=instant(row["served_at"]),
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
        materials=parts.materials.get(number, ()),
        notice_entries=parts.notice_entries.get(number, ()),
        bundles=parts.bundles.get(number, ()),
        documents=parts.documents.get(number, ()),
        visits=parts.visits.get(number, ()),
        timeline=parts.timeline.get(number, ()),
    )
