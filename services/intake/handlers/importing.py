"""Applications of the provincial net: one exchange number, one case."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.counter_errors import ExchangeContentDiffersError
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import Applicant, Channel, HandedIn, ResultDelivery
from services.intake.handlers.receiving import (
    ReceiptGround,
    ReceiveApplication,
    receive_application,
)
from services.intake.ports import Blobs, IntakeUnitOfWork
from workdays import Due

__all__ = ["ImportApplication", "import_application"]


@dataclass(frozen=True, slots=True)
class ImportApplication:
    """An application that was submitted on the provincial net."""

    exchange_number: str
    item_code: str
    applicant: Applicant
    materials: tuple[HandedIn, ...]
    result_delivery: ResultDelivery
    summary: str
    submit_time: datetime
    electronic_service_consent: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """The case that it is here."""

    case_number: str
    revision: int
    query_code: str
    receive_time: datetime
    notice_due: Due
    exchange_number: str


def import_application(
    command: ImportApplication, ground: ReceiptGround, *, uow: IntakeUnitOfWork, blobs: Blobs
) -> Imported:
    """Receive the application, or return the case that it is already."""
    digest = hashlib.sha256(repr(command).encode()).hexdigest()
    found = uow.imports.find(command.exchange_number)
    if found is not None:
        return _known(command.exchange_number, found, digest, uow)
    received = receive_application(
        ReceiveApplication(
            item_code=command.item_code,
            applicant=command.applicant,
            materials=command.materials,
            channel=Channel.ONLINE,
            result_delivery=command.result_delivery,
            summary=command.summary,
            assistance="",
            electronic_service_consent=command.electronic_service_consent,
        ),
        ground,
        uow=uow,
        blobs=blobs,
    )
    uow.imports.add(command.exchange_number, received.case_number, command.submit_time, digest)
    return Imported(
        case_number=received.case_number,
        revision=received.revision,
        query_code=received.query_code,
        receive_time=received.receive_time,
        notice_due=received.notice_due,
        exchange_number=command.exchange_number,
    )


def _known(
    exchange_number: str, found: tuple[str, str], digest: str, uow: IntakeUnitOfWork
) -> Imported:
    number, before = found
    if before != digest:
        raise ExchangeContentDiffersError(
            "Other content under this number", exchange=exchange_number, case=number
        )
    case = uow.cases.find(number)
    if case is None:
        raise CaseUnknownError("An import without its case", case=number)
    return Imported(
        case_number=case.number,
        revision=case.revision,
        query_code=case.query_code,
        receive_time=case.received_at,
        notice_due=case.notice_due,
        exchange_number=exchange_number,
    )
