"""What readers of a case get to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from servicekit.masking import mask_id_number, mask_name, mask_phone
from services.intake.domain.case import Case, CaseMaterial
from services.intake.domain.document import DocumentState
from services.intake.domain.values import (
    Applicant,
    CaseState,
    DecisionOutcome,
    Defect,
    ResultDelivery,
    Standing,
)
from workdays import Due

__all__ = [
    "CaseSummary",
    "CaseView",
    "Entry",
    "MaterialView",
    "Paper",
    "Progress",
    "case_view",
    "due_of",
    "paper",
]


@dataclass(frozen=True, slots=True)
class MaterialView:
    """A material as a reader sees it."""

    material_code: str
    name: str
    defect: Defect
    sharing_source: str
    paper_pieces: int
    sha256: str
    arrive_time: datetime | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as a reader sees it."""

    case_number: str
    revision: int
    state: CaseState
    item_version: str
    item_name: str
    authority: str
    window_unit: str
    applicant_name: str
    applicant_identity_number: str
    applicant_phone: str
    summary: str
    receive_time: datetime
    notice_due: Due
    notice_time: datetime | None
    accept_time: datetime | None
    deemed_accepted: bool
    statutory_due: Due | None
    promise_due: Due | None
    decide_time: datetime | None
    outcome: DecisionOutcome
    hand_out_time: datetime | None
    visits: int
    materials: tuple[MaterialView, ...]
    result_delivery: ResultDelivery
    writer_unit: str
    writer_epoch: int
    handling: str
    electronic_service_consent: bool
    confirmation_due: Due | None
    correction_unconfirmed: bool
    end_time: datetime | None
    outstanding: tuple[str, ...]
    letter: str


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a list."""

    case_number: str
    state: CaseState
    item_name: str
    applicant_name: str
    receive_time: datetime
    promise_due: Due | None
    correction_unconfirmed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a case."""

    at_time: datetime
    code: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a case."""

    document: str
    kind: str
    title: str
    document_number: str
    state: DocumentState
    seal: str
    issue_time: datetime | None
    sha256: str
    size: int
    serve_time: datetime | None
    void_time: datetime | None
    void_reason: str
    authority: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a case is, with nothing personal in it."""

    item_name: str
    state: CaseState
    receive_time: datetime
    promise_due: Due | None
    text: str


def case_view(case: Case, standing: Standing, who: Applicant, *, own: bool) -> CaseView:
    """Return the case as its owner sees it, or masked."""
    return CaseView(
        case_number=case.number,
        revision=case.revision,
        state=standing.state,
        item_version=case.item_version,
        item_name=case.item_name,
        authority=case.authority,
        window_unit=case.window_unit,
        applicant_name=who.name if own else mask_name(who.name),
        applicant_identity_number=(
            who.identity_number if own else mask_id_number(who.identity_number)
        ),
        applicant_phone=who.phone if own else mask_phone(who.phone),
        summary=case.summary,
        receive_time=case.received_at,
        notice_due=case.notice_due,
        notice_time=case.noticed_at,
        accept_time=standing.accepted_at,
        deemed_accepted=standing.deemed,
        statutory_due=standing.statutory_due,
        promise_due=standing.promise_due,
        decide_time=case.decided_at,
        outcome=case.outcome,
        hand_out_time=case.handed_out_at,
        visits=len(case.visits),
        materials=tuple(_material(each) for each in case.materials),
        result_delivery=case.result_delivery,
        writer_unit=case.writer_unit,
        writer_epoch=case.writer_epoch,
        handling=case.handling.name,
        electronic_service_consent=case.electronic_service_consent,
        confirmation_due=standing.confirmation_due,
        correction_unconfirmed=standing.unconfirmed,
        end_time=case.ended_at or case.filed_as_of,
        outstanding=case.defective,
        letter=case.spot_decisions[-1].letter if case.spot_decisions else "",
    )


def _material(material: CaseMaterial) -> MaterialView:
    return MaterialView(
        material_code=material.material_code,
        name=material.name,
        defect=material.defect,
        sharing_source=material.sharing_source,
        paper_pieces=material.paper_pieces,
        sha256=material.sha256,
        arrive_time=material.arrived_at,
    )


def paper(row: Row[Any], title: str) -> Paper:
    """Return a row of the documents as a reader sees it."""
    return Paper(
        document=row.document,
        kind=row.kind.name,
        title=title,
        document_number=row.number,
        state=row.state,
        seal=row.seal,
        issue_time=row.issued_at,
        sha256=row.sha256,
        size=row.size,
        serve_time=row.served_at,
        void_time=row.voided_at,
        void_reason=row.void_reason,
        authority=row.authority,
    )


def due_of(on: date | None, *, provisional: bool) -> Due | None:
    return None if on is None else Due(on, provisional)
