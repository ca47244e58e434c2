"""Uploads and receipt: how an application comes in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain import receipt
from services.intake.domain.counter_errors import ApplicantMissingError
from services.intake.domain.identity_numbers import check_number
from services.intake.domain.values import (
    Applicant,
    Channel,
    HandedIn,
    ItemTerms,
    Power,
    ResultDelivery,
    WindowUnit,
    civil_day,
)
from services.intake.handlers import carrying
from services.intake.handlers.loading import act_of, require_files
from services.intake.ports import Blobs, IntakeUnitOfWork, Uploads
from workdays import Due

__all__ = [
    "BeginUpload",
    "ReceiptGround",
    "ReceiveApplication",
    "Received",
    "UploadBegun",
    "begin_upload",
    "receive_application",
    "reveal_applicant",
]

CHUNK_SIZE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class BeginUpload:
    """A file is announced."""

    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadBegun:
    """The upload that began."""

    upload: str
    chunk_size: int


@dataclass(frozen=True, slots=True)
class ReceiveApplication:
    """An application is handed in."""

    item_code: str
    applicant: Applicant | None
    materials: tuple[HandedIn, ...]
    channel: Channel
    result_delivery: ResultDelivery
    summary: str
    assistance: str
    electronic_service_consent: bool


@dataclass(frozen=True, slots=True)
class ReceiptGround:
    """What was asked before the transaction: the version in force, the window, a number."""

    terms: ItemTerms
    window: WindowUnit
    powers: frozenset[Power]
    in_force: bool
    case_number: str
    query_code: str


@dataclass(frozen=True, slots=True)
class Received:
    """The received case."""

    case_number: str
    revision: int
    query_code: str
    receive_time: datetime
    notice_due: Due
    document: str


def begin_upload(command: BeginUpload, *, uow: IntakeUnitOfWork, uploads: Uploads) -> UploadBegun:
    """Announce a file; an upload that nobody goes on with is swept."""
    uow.note(media_type=command.media_type, size=command.size)
    return UploadBegun(uploads.begin(command.size, command.media_type), CHUNK_SIZE)


def receive_application(
    command: ReceiveApplication, ground: ReceiptGround, *, uow: IntakeUnitOfWork, blobs: Blobs
) -> Received:
    """Receive the application, or what an agent carried, and draft its 收件凭证."""
    act = act_of(uow.call)
    require_files(command.materials, blobs)
    applicant = command.applicant
    if command.assistance:
        applicant = uow.assisted.get(command.assistance)
    if applicant is None:
        raise ApplicantMissingError("Nobody is named who applies")
    checked = check_number(applicant.kind, applicant.identity_number, civil_day(act.at))
    case = receipt.receive(
        _application(command, applicant),
        ground.terms,
        ground.window,
        act,
        number=ground.case_number,
        query_code=ground.query_code,
        writer_unit=uow.site_unit,
        calendar=uow.calendar,
        powers=ground.powers,
        in_force=ground.in_force,
    )
    uow.cases.add(case)
    if command.assistance:
        carrying.received_at_window(case, act, uow=uow)
    kept = replace(applicant, name=applicant.name.strip(), identity_number=checked.number)
    uow.applicants.add(case.number, kept)
    if checked.warnings:
        uow.note(identity_warnings=list(checked.warnings))
    return Received(
        case_number=case.number,
        revision=case.revision,
        query_code=case.query_code,
        receive_time=case.received_at,
        notice_due=case.notice_due,
        document=case.documents[0].document,
    )


def _application(command: ReceiveApplication, applicant: Applicant) -> receipt.Application:
    return receipt.Application(
        applicant_person=applicant.person,
        applicant_kind=applicant.kind,
        materials=command.materials,
        channel=command.channel,
        result_delivery=command.result_delivery,
        summary=command.summary,
        assistance=command.assistance,
        electronic_service_consent=command.electronic_service_consent,
    )


def reveal_applicant(case_number: str, purpose: str, *, uow: IntakeUnitOfWork) -> Applicant:
    """Return the applicant unmasked; who asked, and what for, is in the audit before.

    Source: 个人信息保护法 第五十一条, 第五十四条.
    """
    case = uow.cases.get(case_number)
    applicant = uow.applicants.get(case.number)
    uow.note(purpose=purpose)
    uow.commit()
    return applicant
