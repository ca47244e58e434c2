"""The small values of a case: who acts, what is handed in, what a version demands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from services.intake.domain.item_terms import (
    AuthorityPart,
    Extension,
    ExtensionApprover,
    Handling,
    ItemMaterial,
    ItemTerms,
    JointForm,
    Limit,
    Necessity,
    SpecialProcedureKind,
    SpecialProcedureTerms,
)
from workdays import CHINA_STANDARD_TIME, Due

__all__ = [
    "Act",
    "Applicant",
    "ApplicantKind",
    "AuthorityPart",
    "CaseState",
    "Channel",
    "DecisionOutcome",
    "Defect",
    "Extension",
    "ExtensionApprover",
    "HandedIn",
    "Handling",
    "ItemMaterial",
    "ItemTerms",
    "JointForm",
    "Limit",
    "Necessity",
    "NoticeMeans",
    "PostKind",
    "Power",
    "Recipient",
    "ResultDelivery",
    "SpecialProcedureKind",
    "SpecialProcedureTerms",
    "Standing",
    "VisitPurpose",
    "WindowPowers",
    "WindowUnit",
    "civil_day",
]


class PostKind(StrEnum):
    """What kind of post a person holds; separation of duties is judged by it (readings 1)."""

    WINDOW = "WINDOW"
    DEPARTMENT = "DEPARTMENT"
    VILLAGE = "VILLAGE"
    SUPERVISION = "SUPERVISION"
    OFFICE = "OFFICE"
    APPLICANT = "APPLICANT"
    SERVICE = "SERVICE"


class Channel(Enum):
    """How an application or a correction came."""

    WINDOW = "WINDOW"
    ONLINE = "ONLINE"
    ASSISTANCE = "ASSISTANCE"


class ResultDelivery(Enum):
    """How the applicant wants the result."""

    COLLECTION = "COLLECTION"
    EMS = "EMS"


class ApplicantKind(Enum):
    """What an applicant is."""

    NATURAL_PERSON = "NATURAL_PERSON"
    ORGANISATION = "ORGANISATION"


class Defect(Enum):
    """What is wrong with a material; `UNSPECIFIED` means nothing."""

    UNSPECIFIED = "UNSPECIFIED"
    MISSING = "MISSING"
    NOT_IN_LEGAL_FORM = "NOT_IN_LEGAL_FORM"
    WRONG_CONTENT = "WRONG_CONTENT"


class NoticeMeans(Enum):
    """How a notice reached the applicant (readings 9)."""

    SIGNED_AT_WINDOW = "SIGNED_AT_WINDOW"
    ACCOUNT = "ACCOUNT"
    EMS = "EMS"


class Recipient(Enum):
    """Who signs for a result."""

    ADDRESSEE = "ADDRESSEE"
    MANDATED_AGENT = "MANDATED_AGENT"


class CaseState(Enum):
    """Where a case stands (domain.md 1.8)."""

    RECEIVED = "RECEIVED"
    CORRECTION = "CORRECTION"
    ACCEPTED = "ACCEPTED"
    DECIDED = "DECIDED"
    READY = "READY"
    SERVED = "SERVED"
    NOT_REQUIRED = "NOT_REQUIRED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    TERMINATED = "TERMINATED"
    FILED = "FILED"
    IN_DELIVERY = "IN_DELIVERY"


class DecisionOutcome(Enum):
    """What was decided; `UNSPECIFIED` means nothing yet."""

    UNSPECIFIED = "UNSPECIFIED"
    GRANTED = "GRANTED"
    DENIED = "DENIED"
    PARTLY = "PARTLY"  # of a case of several authorities, never of one of them


class VisitPurpose(Enum):
    """What an applicant came to a hall for."""

    APPLICATION = "APPLICATION"
    CORRECTION = "CORRECTION"
    COLLECTION = "COLLECTION"


class Power(Enum):
    """What a letter may let a window do for an item (readings 3)."""

    RECEIVE = "RECEIVE"
    ACCEPT = "ACCEPT"
    NOT_REQUIRED = "NOT_REQUIRED"
    REFUSE_ACCEPTANCE = "REFUSE_ACCEPTANCE"
    REQUEST_CORRECTION = "REQUEST_CORRECTION"
    DECIDE_ON_THE_SPOT = "DECIDE_ON_THE_SPOT"
    HAND_OUT = "HAND_OUT"


def civil_day(instant: datetime) -> date:
    """Return the day on which `instant` falls in China."""
    return instant.astimezone(CHINA_STANDARD_TIME).date()


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one person (or, for what the law does by itself, of nobody) at an instant."""

    at: datetime
    person: str = ""
    post_kind: str = ""
    unit: str = ""
    authority: str = ""
    # The windows that were merged into the unit by that instant (readings 6).
    predecessors: frozenset[str] = frozenset()

    def is_at(self, window: str) -> bool:
        """Tell whether it is done at `window`, or at the window it was merged into."""
        return self.unit == window or window in self.predecessors


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who applies (申请人). Never inside an event, stored sealed."""

    person: str
    kind: ApplicantKind
    name: str
    identity_number: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One material as it was handed in, with what the preliminary check (初审) found."""

    material_code: str
    sha256: str = ""
    paper_pieces: int = 0
    defect: Defect = Defect.UNSPECIFIED
    # How many of the pieces are copies, and their pages together; None where nobody counted.
    copies: int | None = None
    pages: int | None = None

    @property
    def is_there(self) -> bool:
        """Whether anything arrived at all: a file or paper."""
        return bool(self.sha256) or self.paper_pieces > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUnit:
    """A window as documents name it."""

    code: str
    name: str
    unit_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPowers:
    """What a window may do for an item, and under which letter. No letter: no powers.

    `on_the_spot_deciders` are the persons whom the letter names (readings 2),
    `predecessors` the windows that were merged into this one (readings 6).
    """

    letter: str
    powers: frozenset[Power]
    window: WindowUnit
    on_the_spot_deciders: frozenset[str] = frozenset()
    predecessors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands by law at an instant, whether or not anybody recorded it."""

    state: CaseState
    accepted_at: datetime | None
    deemed: bool
    statutory_due: Due | None
    promise_due: Due | None
    # Last day to confirm a complete correction, while one waits; red once it is over.
    confirmation_due: Due | None = None
    unconfirmed: bool = False
