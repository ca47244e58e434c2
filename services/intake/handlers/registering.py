"""The register of numbers, and files of a case read by whoever decides on it."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain import register
from services.intake.domain.post_acceptance_errors import MaterialFileUnknownError
from services.intake.handlers.loading import act_of, load
from services.intake.ports import IntakeUnitOfWork

__all__ = ["VoidDocument", "read_material", "void_document"]


@dataclass(frozen=True, slots=True)
class VoidDocument:
    """A numbered document is voided."""

    case_number: str
    revision: int
    document: str
    reason: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Redrafted:
    """The case with the document that takes the place of a voided one."""

    case_number: str
    revision: int
    document: str
    document_number: str


def void_document(command: VoidDocument, *, uow: IntakeUnitOfWork) -> Redrafted:
    """Void a document, and give the one that takes its place the next number."""
    case = load(uow, command.case_number, command.revision)
    act = act_of(uow.call, uow.predecessors)
    anew = register.void(case, command.document, command.reason.strip(), act, lost=command.lost)
    uow.number_documents()
    return Redrafted(case.number, case.revision + 1, anew.document, anew.number)


def read_material(case_number: str, sha256: str, offset: int, *, uow: IntakeUnitOfWork) -> None:
    """Refuse a file that is none of the case; the audit keeps who read which piece of it.

    Source: R4.3, R4.6; 个人信息保护法 第五十一条, 第五十四条.
    """
    case = uow.cases.get(case_number)
    files = {each.sha256 for each in case.materials}
    files |= {each.sha256 for each in case.explanation_materials}
    if not sha256 or sha256 not in files:
        raise MaterialFileUnknownError("No such file in the case", case=case_number)
    uow.note(sha256=sha256, offset=offset)
    uow.commit()
