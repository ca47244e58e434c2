"""What every command on a case begins with."""

from __future__ import annotations

from collections.abc import Iterable

from servicekit.calls import Call
from servicekit.unit_of_work import check_revision
from services.intake.domain import acceptance, errors, filing, service_of_documents
from services.intake.domain.case import Case
from services.intake.domain.values import Act, HandedIn, PostKind
from services.intake.ports import Blobs, IntakeUnitOfWork

__all__ = ["act_of", "find", "load", "require_files"]


def act_of(call: Call, predecessors: frozenset[str] = frozenset()) -> Act:
    """Return who acts, from which post, at the legal time of the call.

    `predecessors` are the windows that were merged into that post's (readings 6).
    """
    caller = call.caller
    return Act(
        at=call.at,
        person=caller.person,
        post_kind=PostKind.SERVICE if caller.is_service else caller.post_kind,
        unit=caller.unit,
        authority=caller.authority,
        predecessors=predecessors,
    )


def load(uow: IntakeUnitOfWork, case_number: str, revision: int) -> Case:
    """Return the case as the caller saw it, with what the law did to it meanwhile recorded."""
    case = uow.cases.get(case_number)
    check_revision(case, revision)
    case.require_writer(uow.site_unit)
    acceptance.settle(case, Act(at=uow.call.at), uow.calendar)
    filing.record(case, Act(at=uow.call.at))
    service_of_documents.settle_announcement(case, Act(at=uow.call.at))
    return case


def find(uow: IntakeUnitOfWork, case_number: str) -> Case:
    """Return the case that a fact of another service is about."""
    case = uow.cases.find(case_number)
    if case is None:
        raise errors.CaseUnknownError("A fact about an unknown case", case=case_number)
    return case


def require_files(materials: Iterable[HandedIn], blobs: Blobs) -> None:
    """Refuse a reference to a file that is not stored."""
    for each in materials:
        if each.sha256 and not blobs.exists(each.sha256):
            raise errors.BlobUnknownError("There is no such file", sha256=each.sha256)
