"""Merging windows, and recording who reviews the decisions of an authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.catalog.domain.authorities import AuthorityRecord
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import AuthorityUnknownError, UnitUnknownError
from services.catalog.ports import CatalogUnitOfWork

__all__ = [
    "AuthorityRecorded",
    "MergeWindow",
    "RecordAuthority",
    "WindowsMerged",
    "merge_window",
    "record_authority",
]


@dataclass(frozen=True, slots=True)
class MergeWindow:
    """End a window; another hands out what was accepted there."""

    window_unit: str
    successor: str
    from_date: date


@dataclass(frozen=True, slots=True)
class WindowsMerged:
    """Which window ended, and which goes on."""

    window_unit: str
    successor: str


@dataclass(frozen=True, slots=True)
class RecordAuthority:
    """Record who reviews the decisions of an authority from a day on."""

    unit: str
    from_date: date
    review_body: str
    court: str


@dataclass(frozen=True, slots=True)
class AuthorityRecorded:
    """Of which authority a record was made, and from when it holds."""

    unit: str
    from_date: date


def merge_window(command: MergeWindow, *, uow: CatalogUnitOfWork) -> WindowsMerged:
    """Merge a window into another from a day on, today at the earliest.

    Both are locked, in the order of their codes, so that of two opposite mergers at once the
    second finds the first.

    Source: R4.7; readings 6.
    """
    both = {code: uow.units.find(code) for code in sorted({command.window_unit, command.successor})}
    window, successor = both[command.window_unit], both[command.successor]
    if window is None or successor is None:
        missing = command.window_unit if window is None else command.successor
        raise UnitUnknownError("there is no such unit", unit=missing)
    window.merge_into(successor, command.from_date, civil_day(uow.call.at))
    return WindowsMerged(window.code, successor.code)


def record_authority(command: RecordAuthority, *, uow: CatalogUnitOfWork) -> AuthorityRecorded:
    """Add a dated record to an authority; what was recorded before stays.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    authority = uow.authorities.find(command.unit)
    if authority is None:
        raise AuthorityUnknownError("not registered", authority=command.unit)
    authority.add_record(
        AuthorityRecord(
            from_date=command.from_date, review_body=command.review_body, court=command.court
        )
    )
    return AuthorityRecorded(authority.unit, command.from_date)
