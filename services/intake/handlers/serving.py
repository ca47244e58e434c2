"""The result on its way to the applicant, where it is not handed across the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import dispatch, service_of_documents
from services.intake.domain.records import (
    Failure,
    OtherService,
    ServiceAccount,
    Signer,
)
from services.intake.domain.values import Act, WindowPowers
from services.intake.handlers.carrying import mandate_on_file
from services.intake.handlers.loading import act_of, find, load
from services.intake.ports import IntakeUnitOfWork

__all__ = [
    "ConfirmService",
    "DispatchResult",
    "ServeOtherwise",
    "ShipmentFailed",
    "ShipmentSigned",
    "confirm_service",
    "dispatch_result",
    "serve_otherwise",
    "settle_announcement",
    "shipment_failed",
    "shipment_signed",
]

OUTBOUND = "OUT"


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """The result is given to the courier."""

    case_number: str
    revision: int
    mandate: str


@dataclass(frozen=True, slots=True)
class ConfirmService:
    """The addressee confirmed that the result arrived."""

    case_number: str
    revision: int
    confirmed_by: str
    how: str


@dataclass(frozen=True, slots=True)
class ServeOtherwise:
    """The result is left behind, or announced."""

    case_number: str
    revision: int
    means: OtherService
    reason: str
    place: str
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShipmentSigned:
    """Somebody signed for a parcel."""

    case_number: str
    shipment: str
    direction: str
    signer: str
    sign_time: datetime
    waybill: str


@dataclass(frozen=True, slots=True)
class ShipmentFailed:
    """A parcel did not arrive."""

    case_number: str
    shipment: str
    direction: str
    reason: str
    fail_time: datetime


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The case after its result was given to the courier."""

    case_number: str
    revision: int
    attempt: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Served:
    """The case after its result was served, or when it will be."""

    case_number: str
    revision: int
    document: str
    serve_time: datetime


def dispatch_result(
    command: DispatchResult, held: WindowPowers, *, uow: IntakeUnitOfWork
) -> Dispatched:
    """Give the result to the courier."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, held.predecessors)
    on_file = mandate_on_file(uow, case)
    carried = on_file.reference if on_file is not None and on_file.may_collect else ""
    sent = dispatch.dispatch(
        case, command.mandate or carried, held.powers, act, unit_path=held.window.unit_path
    )
    return Dispatched(case.number, case.revision + 1, sent.attempt, sent.pieces)


def confirm_service(
    command: ConfirmService, held: WindowPowers, *, uow: IntakeUnitOfWork
) -> Served:
    """Note that the addressee confirmed it."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, held.predecessors)
    document = service_of_documents.confirm(
        case, command.confirmed_by, act, addressee=uow.applicants.get(case.number)
    )
    uow.applicants.signed_for(case.number, command.confirmed_by.strip())
    uow.applicants.served_so(case.number, ServiceAccount(how=command.how))
    return Served(case.number, case.revision + 1, document.document, act.at)


def serve_otherwise(
    command: ServeOtherwise, held: WindowPowers, *, uow: IntakeUnitOfWork
) -> Served:
    """Leave the result with witnesses, or announce it."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, held.predecessors)
    account = ServiceAccount(
        reason=command.reason.strip(),
        place=command.place.strip(),
        witnesses=tuple(each.strip() for each in command.witnesses),
    )
    if command.means is OtherService.ANNOUNCED:
        last = service_of_documents.announce(case, account, act, uow.calendar)
        answer = Served(case.number, case.revision + 1, "", last.at)
    else:
        left = service_of_documents.leave_with_witnesses(case, account, act)
        answer = Served(case.number, case.revision + 1, left.document, act.at)
    uow.applicants.served_so(case.number, account)
    return answer


def shipment_signed(fact: ShipmentSigned, *, uow: IntakeUnitOfWork) -> None:
    """Take in who signed for the result."""
    if fact.direction == OUTBOUND:
        dispatch.signed(
            find(uow, fact.case_number),
            attempt_of(fact.shipment),
            Signer[fact.signer],
            fact.sign_time,
            fact.waybill,
        )


def shipment_failed(fact: ShipmentFailed, *, uow: IntakeUnitOfWork) -> None:
    """Take in that the result did not arrive."""
    if fact.direction == OUTBOUND:
        dispatch.failed(
            find(uow, fact.case_number),
            attempt_of(fact.shipment),
            Failure[fact.reason],
            fact.fail_time,
        )


def attempt_of(shipment: str) -> int:
    """Return the how-manieth dispatch a shipment is: "<case number>-OUT-2" is the second."""
    return int(shipment.rpartition("-")[2])


def settle_announcement(case_number: str, *, uow: IntakeUnitOfWork) -> bool:
    """Record that the period of an announcement has run; tell whether there was anything to do."""
    case = find(uow, case_number)
    if case.writer_unit != uow.site_unit:
        return False
    return service_of_documents.settle_announcement(case, Act(at=uow.call.at)) is not None
