"""Windows that are merged: what nobody accepted goes on at the successor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.intake.domain import transfer
from services.intake.domain.errors import CaseUnknownError
from services.intake.domain.values import WindowUnit
from services.intake.ports import IntakeUnitOfWork

__all__ = ["FOLLOW", "WindowMerged", "follow_merger", "merge_window"]

FOLLOW = "follow_merger"


@dataclass(frozen=True, slots=True)
class WindowMerged:
    """A window ends and another goes on from a day."""

    window_unit: str
    successor: str
    from_date: date


def merge_window(fact: WindowMerged, *, uow: IntakeUnitOfWork) -> None:
    """Remember the merger; the cases move on its day."""
    uow.mergers.add(fact.window_unit, fact.successor, fact.from_date)


def follow_merger(case_number: str, window: WindowUnit, *, uow: IntakeUnitOfWork) -> bool:
    """Move a case to the successor of its window; tell whether it moved."""
    case = uow.cases.find(case_number)
    if case is None:
        raise CaseUnknownError("A merger about an unknown case", case=case_number)
    if case.writer_unit != uow.site_unit:
        return False
    return transfer.follow(case, window, uow.call.at, uow.calendar)
