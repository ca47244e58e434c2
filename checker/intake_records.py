"""What intake keeps beside the file of a case: endings, decisions, parcels, notices on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from checker.values import as_names, day, flag, instant

__all__ = [
    "AuthorityDecision",
    "CountedOriginal",
    "Dispatch",
    "Ending",
    "FurtherNotice",
    "ProcessNotice",
    "Reminder",
    "SpotDecision",
    "decision",
    "dispatch",
    "ending",
    "further_notice",
    "original",
    "process_notice",
    "reminder",
    "spot_decision",
]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ended without a decision; a withdrawal that came too late is overtaken."""

    kind: str
    ended_at: datetime | None
    document: str
    competent_authority: str
    request_sha256: str
    overtaken: bool


@dataclass(frozen=True, slots=True)
class SpotDecision:
    """A decision on the spot, with the letter that names who decided."""

    decider: str
    letter: str
    decided_at: datetime | None
    document: str


@dataclass(frozen=True, slots=True)
class AuthorityDecision:
    """What one authority decided on a case, and by when it had to."""

    authority: str
    ordinal: int
    statutory_due_on: date | None
    promise_due_on: date | None
    decided_at: datetime | None
    decider: str
    outcome: str
    certificate_number: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The result given to the courier once, and what became of it."""

    attempt: int
    dispatched_at: datetime | None
    dispatched_from: str
    pieces: int
    mandate: str
    waybill: str
    signed_at: datetime | None
    signer: str
    failed_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class ProcessNotice:
    """A notice of the procedure, and when it reached the applicant."""

    kind: str
    authority: str
    reference: str
    document: str
    given_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedOriginal:
    """Originals that came by courier, counted before two persons."""

    shipment: str
    pieces: int
    counted_by: str
    second_person: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of what is still open."""

    ordinal: int
    codes: tuple[str, ...]
    document: str


@dataclass(frozen=True, slots=True)
class FurtherNotice:
    """A further notice, given when a supervisor approved it."""

    ordinal: int
    proposed_by: str
    approved_at: datetime | None
    approved_by: str
    document: str


def ending(row: Row) -> Ending:
    return Ending(
        kind=row["kind"],
        ended_at=instant(row["ended_at"]),
        document=row["document"],
        competent_authority=row["competent_authority"],
        request_sha256=row["request_sha256"],
        overtaken=bool(flag(row["overtaken"])),
    )


def spot_decision(row: Row) -> SpotDecision:
    return SpotDecision(row["decider"], row["letter"], instant(row["decided_at"]), row["document"])


def decision(row: Row) -> AuthorityDecision:
    return AuthorityDecision(
        authority=row["authority"],
        ordinal=row["ordinal"],
        statutory_due_on=day(row["statutory_due_on"]),
        promise_due_on=day(row["promise_due_on"]),
        decided_at=instant(row["decided_at"]),
        decider=row["decider"],
        outcome=row["outcome"],
        certificate_number=row["certificate_number"],
    )


def dispatch(row: Row) -> Dispatch:
    return Dispatch(
        attempt=row["attempt"],
        dispatched_at=instant(row["dispatched_at"]),
        dispatched_from=row["dispatched_from"],
        pieces=row["pieces"],
        mandate=row["mandate"],
        waybill=row["waybill"],
        signed_at=instant(row["signed_at"]),
        signer=row["signer"] or "",
        failed_at=instant(row["failed_at"]),
        failure=row["failure"] or "",
    )


def process_notice(row: Row) -> ProcessNotice:
    return ProcessNotice(
        kind=row["kind"],
        authority=row["authority"],
        reference=row["reference"],
        document=row["document"],
        given_at=instant(row["given_at"]),
        answered_at=instant(row["answered_at"]),
    )


def original(row: Row) -> CountedOriginal:
    return CountedOriginal(
        row["shipment"], row["paper_pieces"], row["counted_by"], row["second_person"]
    )


def reminder(row: Row) -> Reminder:
    return Reminder(row["ordinal"], as_names(row["material_codes"]), row["document"])


def further_notice(row: Row) -> FurtherNotice:
    return FurtherNotice(
        ordinal=row["ordinal"],
        proposed_by=row["proposed_by"],
        approved_at=instant(row["approved_at"]),
        approved_by=row["approved_by"],
        document=row["document"],
    )
