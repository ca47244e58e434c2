"""Which window a case was at, at an instant: before and after a transfer, and after a merger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from google.protobuf.message import DecodeError
from liandong.intake.v1.intake_events_pb2 import CaseTransferred

from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.values import civil_day, day

__all__ = ["Move", "Windows", "windows_of"]


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer as its event told it."""

    at: datetime
    from_unit: str
    to_unit: str
    same_day: bool


@dataclass(frozen=True, slots=True)
class Windows:
    """The transfers of all cases, and the windows that were merged into others."""

    moves: Mapping[str, tuple[Move, ...]]
    merged: Mapping[str, tuple[str, date | None]]

    def of(self, case: IntakeCase, at: datetime | None) -> str:
        """Return the window that had the case at an instant."""
        for move in self.moves.get(case.number, ()):
            if at is not None and at < move.at:
                return move.from_unit
        return case.window_unit

    def may(self, unit: str, case: IntakeCase, at: datetime | None) -> bool:
        """Whether `unit` is that window, or the one it was merged into by then (readings 6)."""
        own = self.of(case, at)
        while own != unit:
            successor, first = self.merged.get(own, ("", None))
            if not successor or at is None or first is None or civil_day(at) < first:
                return False
            own = successor
        return True


def windows_of(evidence: Evidence) -> Windows:
    moves: dict[str, list[Move]] = {}
    service = evidence.services.get("intake")
    for event in service.events if service is not None else ():
        if event.type == "intake.case_transferred.v1" and event.occurred_at is not None:
            try:
                told = CaseTransferred.FromString(event.payload)
            except DecodeError:
                continue  # found by the envelopes
            move = Move(event.occurred_at, told.from_unit, told.to_unit, told.same_day)
            moves.setdefault(event.stream_id, []).append(move)
    merged: dict[str, tuple[str, date | None]] = {}
    if evidence.having("catalog"):
        sql = "SELECT code, merged_into, merged_from_date FROM unit WHERE merged_into <> ''"
        for row in evidence.services["catalog"].database.rows(sql):
            merged[row["code"]] = (row["merged_into"], day(row["merged_from_date"]))
    return Windows({number: tuple(told) for number, told in moves.items()}, merged)
