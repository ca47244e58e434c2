"""The small values of a case: who acts, what is handed in, what a version demands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from workdays import CHINA_STANDARD_TIME, Due, Start, Unit
from workdays import Limit as CountedLimit

__all__ = [
    "Act",
    "Applicant",
    "ApplicantKind",
    "CaseState",
    "Channel",
    "DecisionOutcome",
    "Defect",
    "HandedIn",
    "ItemMaterial",
    "ItemTerms",
    "Limit",
    "Necessity",
    "NoticeMeans",
    "PostKind",
    "Power",
    "Recipient",
    "ResultDelivery",
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


class DecisionOutcome(Enum):
    """What was decided; `UNSPECIFIED` means nothing yet."""

    UNSPECIFIED = "UNSPECIFIED"
    GRANTED = "GRANTED"
    DENIED = "DENIED"


class VisitPurpose(Enum):
    """What an applicant came to a hall for."""

    APPLICATION = "APPLICATION"
    CORRECTION = "CORRECTION"
    COLLECTION = "COLLECTION"


class Necessity(Enum):
    """Whether a material must be there before acceptance."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    LATER = "LATER"


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

    @property
    def is_there(self) -> bool:
        """Whether anything arrived at all: a file or paper."""
        return bool(self.sha256) or self.paper_pieces > 0


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of time as the version states it, with the clause that sets it."""

    amount: int
    unit: Unit
    start: Start
    source: str = ""

    def counted(self) -> CountedLimit:
        return CountedLimit(self.amount, self.unit, self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMaterial:
    """One material that a version asks for."""

    material_code: str
    name: str
    necessity: Necessity
    sharing_source: str
    legal_basis: str

    @property
    def is_demanded(self) -> bool:
        """Whether the applicant must bring it before acceptance.

        What can be had by data sharing is never the applicant's to bring.

        Source: 国务院令第716号 第七条.
        """
        return self.necessity is Necessity.REQUIRED and not self.sharing_source


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTerms:
    """The version of the item under which a case is handled; kept with the case, never reread."""

    item_code: str
    item_version: str
    name: str
    authority: str
    authority_name: str
    authority_prefix: str
    statutory_limit: Limit | None
    promised_limit: Limit
    deemed_acceptance: bool
    persons_required: int
    site_check_required: bool
    materials: tuple[ItemMaterial, ...]
    result_name: str
    result_physical: bool
    courier_offered: bool
    legal_bases: tuple[str, ...]
    advice_phone: str
    complaint_phone: str
    review_body: str
    court: str

    @property
    def issues_certificate(self) -> bool:
        """Whether a grant comes with a certificate that has a number of its own."""
        return self.result_physical and bool(self.result_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUnit:
    """A window as documents name it."""

    code: str
    name: str
    unit_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPowers:
    """What a window may do for an item, and under which letter. No letter: no powers."""

    letter: str
    powers: frozenset[Power]
    window: WindowUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands by law at an instant, whether or not anybody recorded it."""

    state: CaseState
    accepted_at: datetime | None
    deemed: bool
    statutory_due: Due | None
    promise_due: Due | None
