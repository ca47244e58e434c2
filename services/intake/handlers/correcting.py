"""The life of a correction after the notice."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import correction
from services.intake.domain.notice import EntryOfNotice
from services.intake.domain.values import Act, Defect, NoticeMeans, Power
from services.intake.handlers.accepting import CorrectionTaken, Drafted
from services.intake.handlers.loading import act_of, load
from services.intake.ports import IntakeUnitOfWork

__all__ = [
    "ApproveFurtherNotice",
    "ProposeFurtherNotice",
    "Proposed",
    "RejectCorrection",
    "RemindCorrection",
    "Reminded",
    "WantingMaterial",
    "approve_further_notice",
    "propose_further_notice",
    "record_unconfirmed",
    "reject_correction",
    "remind_again",
    "remind_correction",
]


@dataclass(frozen=True, slots=True)
class WantingMaterial:
    """A material that still has the defect that the notice named."""

    material_code: str
    defect: Defect


@dataclass(frozen=True, slots=True)
class RejectCorrection:
    """The window finds a correction wanting."""

    case_number: str
    revision: int
    materials: tuple[WantingMaterial, ...]


@dataclass(frozen=True, slots=True)
class RemindCorrection:
    """The window reminds of what is still open."""

    case_number: str
    revision: int


@dataclass(frozen=True, slots=True)
class ProposeFurtherNotice:
    """The window proposes a further notice."""

    case_number: str
    revision: int
    entries: tuple[EntryOfNotice, ...]
    means: NoticeMeans
    reason: str
    proof: str


@dataclass(frozen=True, slots=True)
class ApproveFurtherNotice:
    """A supervisor approves it."""

    case_number: str
    revision: int
    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """The case after a reminder."""

    case_number: str
    revision: int
    document: str
    material_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """The case with a proposal that waits."""

    case_number: str
    revision: int
    ordinal: int


def reject_correction(command: RejectCorrection, *, uow: IntakeUnitOfWork) -> CorrectionTaken:
    """Find a correction wanting."""
    case = load(uow, command.case_number, command.revision)
    found = {each.material_code: each.defect for each in command.materials}
    outstanding = correction.reject(case, found, act_of(uow.call), uow.calendar)
    return CorrectionTaken(case.number, case.revision + 1, outstanding)


def remind_correction(command: RemindCorrection, *, uow: IntakeUnitOfWork) -> Reminded:
    """Remind of what is still open."""
    case = load(uow, command.case_number, command.revision)
    reminder = correction.remind(case, act_of(uow.call), uow.calendar)
    return Reminded(case.number, case.revision + 1, reminder.document, reminder.material_codes)


def propose_further_notice(
    command: ProposeFurtherNotice, powers: frozenset[Power], *, uow: IntakeUnitOfWork
) -> Proposed:
    """Propose a further notice; until it is approved nothing happened to the case."""
    case = load(uow, command.case_number, command.revision)
    proposal = correction.propose_further_notice(
        case,
        command.entries,
        command.means,
        act_of(uow.call),
        proof=command.proof,
        reason=command.reason,
        powers=powers,
        calendar=uow.calendar,
    )
    return Proposed(case.number, case.revision, proposal.ordinal)


def approve_further_notice(command: ApproveFurtherNotice, *, uow: IntakeUnitOfWork) -> Drafted:
    """Approve a further notice; it is given with it."""
    case = load(uow, command.case_number, command.revision)
    document = correction.approve_further_notice(
        case, command.ordinal, command.reason, act_of(uow.call), uow.calendar
    )
    return Drafted(case.number, case.revision + 1, document.document)


def remind_again(case_number: str, every: int, *, uow: IntakeUnitOfWork) -> bool:
    """Remind a case that waits, if it is time; tell whether it was."""
    case = uow.cases.find(case_number)
    if case is None or case.writer_unit != uow.site_unit:
        return False
    return correction.remind_again(case, every, Act(at=uow.call.at), uow.calendar) is not None


def record_unconfirmed(case_number: str, *, uow: IntakeUnitOfWork) -> bool:
    """Record that a correction was not confirmed in time; tell whether it did so now."""
    case = uow.cases.find(case_number)
    if case is None or case.writer_unit != uow.site_unit:
        return False
    return correction.record_unconfirmed(case, Act(at=uow.call.at), uow.calendar)
