"""The wrong counter, originals by courier, and paper that does not arrive."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import bundle, counter_errors, originals, transfer
from services.intake.domain.counter_events import BundleOverdue
from services.intake.domain.counter_rules import Destinations
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.originals import Counted
from services.intake.handlers.loading import act_of, load
from services.intake.ports import IntakeUnitOfWork

__all__ = [
    "BundleMissed",
    "OriginalsCounted",
    "RegisterOriginals",
    "ReportBundleLost",
    "TransferCase",
    "Transferred",
    "register_originals",
    "report_bundle_lost",
    "tell_overdue_bundles",
    "transfer_case",
]


@dataclass(frozen=True, slots=True)
class TransferCase:
    """The case goes to a competent window."""

    case_number: str
    revision: int
    to_window: str


@dataclass(frozen=True, slots=True)
class RegisterOriginals:
    """Originals were counted before two persons."""

    case_number: str
    revision: int
    shipment: str
    originals: tuple[Counted, ...]
    second_person: str


@dataclass(frozen=True, slots=True)
class ReportBundleLost:
    """A bundle was lost on its way."""

    case_number: str
    revision: int
    bag: str
    account: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """The case in its new window."""

    case_number: str
    revision: int
    window_unit: str
    same_day: bool


@dataclass(frozen=True, slots=True)
class OriginalsCounted:
    """The case with its originals."""

    case_number: str
    revision: int
    pieces: int


@dataclass(frozen=True, slots=True)
class BundleMissed:
    """The case without its bundle, and who answers for that."""

    case_number: str
    revision: int
    answering_unit: str


def transfer_case(
    command: TransferCase, destinations: Destinations, *, uow: IntakeUnitOfWork
) -> Transferred:
    """Move the case to a competent window."""
    case = load(uow, command.case_number, command.revision)
    same_day = transfer.transfer(
        case, command.to_window, destinations, act_of(uow.call), uow.calendar
    )
    return Transferred(case.number, case.revision + 1, case.window_unit, same_day)


def register_originals(
    command: RegisterOriginals, second_known: bool, *, uow: IntakeUnitOfWork
) -> OriginalsCounted:
    """Add originals that a courier brought to the paper of the case."""
    if not second_known:
        raise counter_errors.SecondPersonUnknownError(
            "Nobody of that identity", person=command.second_person
        )
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, uow.predecessors)
    pieces = originals.register(
        case, command.shipment, command.originals, command.second_person, act
    )
    return OriginalsCounted(case.number, case.revision + 1, pieces)


def report_bundle_lost(command: ReportBundleLost, *, uow: IntakeUnitOfWork) -> BundleMissed:
    """Note that a bundle was lost."""
    case = load(uow, command.case_number, command.revision)
    lost = bundle.report_lost(case, command.bag, command.account.strip(), act_of(uow.call))
    return BundleMissed(case.number, case.revision + 1, lost.sent_from)


def tell_overdue_bundles(case_number: str, *, uow: IntakeUnitOfWork) -> int:
    """Make known, once, which bundles of the case should have arrived; return how many."""
    case = uow.cases.find(case_number)
    if case is None:
        raise CaseUnknownError("A sweep about an unknown case", case=case_number)
    late = [
        each
        for each in bundle.overdue(case.bundles, uow.call.at, uow.calendar)
        if each.overdue_told_at is None
    ]
    for each in late:
        each.overdue_told_at = uow.call.at
        case.tell("BUNDLE_OVERDUE", uow.call.at, each.sent_from)
        uow.tell_without_revision(case, BundleOverdue(case_number=case.number, bag=each.bag))
    return len(late)
