"""The version of a service item under which a case is handled, as the catalogue published it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from servicekit.naming import named
from workdays import Limit as CountedLimit
from workdays import Start, Unit

__all__ = [
    "AuthorityPart",
    "Extension",
    "ExtensionApprover",
    "Handling",
    "ItemMaterial",
    "ItemTerms",
    "JointForm",
    "Limit",
    "Necessity",
    "SpecialProcedureKind",
    "SpecialProcedureTerms",
]


class Necessity(Enum):
    """Whether a material must be there before acceptance."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    LATER = "LATER"


class Handling(Enum):
    """How an item is handled (readings 2, 14)."""

    ON_THE_SPOT = "ON_THE_SPOT"
    PROMISED = "PROMISED"
    FILING = "FILING"


class JointForm(Enum):
    """In which form several authorities deal with one application (readings 21)."""

    UNSPECIFIED = "UNSPECIFIED"
    JOINT_HANDLING = "JOINT_HANDLING"
    CONSULTATION = "CONSULTATION"


class ExtensionApprover(Enum):
    """Who approves an extension (行政许可法 第四十二条)."""

    AUTHORITY_HEAD = "AUTHORITY_HEAD"
    GOVERNMENT_HEAD = "GOVERNMENT_HEAD"


class SpecialProcedureKind(Enum):
    """Procedures whose time does not count (行政许可法 第四十五条)."""

    HEARING = "HEARING"
    TENDER = "TENDER"
    AUCTION = "AUCTION"
    INSPECTION = "INSPECTION"
    TESTING = "TESTING"
    QUARANTINE = "QUARANTINE"
    APPRAISAL = "APPRAISAL"
    EXPERT_REVIEW = "EXPERT_REVIEW"
    ASSESSMENT = "ASSESSMENT"


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
class Extension:
    """How a limit may be extended: once, before it ends, by whom, under which clause."""

    amount: int
    unit: Unit
    approver: ExtensionApprover
    moves_promise: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialProcedureTerms:
    """A procedure whose time does not count, as the version allows it."""

    kind: SpecialProcedureKind
    max_days: int
    stops_promise: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """Who reviews what an authority decides on a day, by its dated record (readings 11)."""

    review_body: str
    court: str

    @property
    def known(self) -> bool:
        """Whether both are recorded."""
        return bool(self.review_body and self.court)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityPart:
    """The part of one authority in 联合办理 (行政许可法 第二十六条第二款)."""

    authority: str
    name: str
    statutory_limit: Limit | None
    promised_limit: Limit
    persons_required: int
    site_check_required: bool
    prerequisites: tuple[str, ...]
    result_name: str
    authority_name: str
    authority_prefix: str
    review_body: str
    court: str


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
    """The version of the item under which a case is handled; kept with the case, never reread.

    What has a default was added after the first cases were received: their
    terms are stored without it.
    """

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
    handling: Handling = Handling.PROMISED
    extension: Extension | None = None
    special_procedures: tuple[SpecialProcedureTerms, ...] = ()
    joint_form: JointForm = JointForm.UNSPECIFIED
    parts: tuple[AuthorityPart, ...] = ()
    consulted: tuple[str, ...] = ()
    designation: str = ""
    verification_limit: Limit | None = None
    correction_limit: Limit | None = None
    presence_basis: str = ""
    receiving_posts: tuple[str, ...] = ()
    town_receiving_record: str = ""
    courier_inbound: bool = False
    successor_item: str = ""
    item_type: str = "01"

    @property
    def is_permit(self) -> bool:
        """Whether 行政许可法 governs the item; benefits and public services follow their own law.

        Source: readings 14.
        """
        return self.item_type == "01"

    @property
    def issues_certificate(self) -> bool:
        """Whether a grant comes with a certificate that has a number of its own."""
        return self.result_physical and bool(self.result_name)

    def named(self, codes: Iterable[str]) -> str:
        """Return materials as a sentence names them: each by its name, with its code behind it."""
        names = {each.material_code: each.name for each in self.materials}
        return "、".join(named(names.get(code), code) for code in codes)

    @property
    def item_named(self) -> str:
        """The item as a sentence names it."""
        return named(self.name, self.item_code)

    @property
    def remedies_known(self) -> bool:
        """Whether reviewing body and court of the authority are on record (readings 11)."""
        return bool(self.review_body and self.court)
