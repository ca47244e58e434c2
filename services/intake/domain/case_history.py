"""What a case keeps of its way before and around acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.values import CaseState, NoticeMeans

__all__ = ["Ending", "FurtherNotice", "Reminder", "SpotDecision"]


@dataclass(eq=False, kw_only=True)
class Ending:
    """How the case ended without a decision, told to the applicant in writing."""

    case_number: str
    kind: CaseState
    ended_at: datetime
    ended_by: str
    document: str
    reason: str = ""
    legal_basis: str = ""
    competent_authority: str = ""
    successor_item: str = ""
    successor_name: str = ""
    request_sha256: str = ""
    # True if a decision of an earlier instant became known: then it stands, not the withdrawal.
    overtaken: bool = False


@dataclass(eq=False, kw_only=True)
class Reminder:
    """The applicant was reminded of what the notice asked for; nothing new (readings 8)."""

    case_number: str
    ordinal: int
    material_codes: tuple[str, ...]
    reminded_at: datetime
    reminded_by: str
    document: str


@dataclass(eq=False, kw_only=True)
class FurtherNotice:
    """A further notice: proposed by the window, given when a supervisor approves it (R1.2)."""

    case_number: str
    ordinal: int
    means: NoticeMeans
    proof: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None = None
    approved_by: str = ""
    approved_because: str = ""
    document: str = ""


@dataclass(eq=False, kw_only=True)
class SpotDecision:
    """What a decision on the spot rests on: the letter that names who decided, facts, clauses."""

    case_number: str
    decider: str
    letter: str
    facts: str
    legal_bases: tuple[str, ...]
    decided_at: datetime
    document: str
