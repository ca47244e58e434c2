"""Documents of a case (文书): drafted, rendered, issued by seal, served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from services.intake.domain import errors
from services.intake.domain.events import DocumentIssued

__all__ = [
    "ADVERSE",
    "DECISIONS",
    "FORMS",
    "PROCESS_NOTICES",
    "REVIEWABLE",
    "Document",
    "DocumentForm",
    "DocumentKind",
    "DocumentState",
    "Seal",
    "SealKind",
    "seal_named",
    "sealed_in_department",
]


class DocumentKind(Enum):
    """What a document is."""

    MATERIALS_RECEIPT = "MATERIALS_RECEIPT"  # 收件凭证
    ONE_TIME_NOTICE = "ONE_TIME_NOTICE"  # 一次性补正告知书
    ACCEPTANCE_NOTICE = "ACCEPTANCE_NOTICE"  # 受理通知书
    HANDOVER_RECORD = "HANDOVER_RECORD"  # 物料交接单
    SITE_CHECK_RECORD = "SITE_CHECK_RECORD"  # 现场核查笔录
    GRANT_DECISION = "GRANT_DECISION"  # 准予行政许可决定书
    DENIAL_DECISION = "DENIAL_DECISION"  # 不予行政许可决定书
    PROOF_OF_SERVICE = "PROOF_OF_SERVICE"  # 送达回证
    SPECIAL_PROCEDURE = "SPECIAL_PROCEDURE"  # 特别程序告知书
    EXTENSION_NOTICE = "EXTENSION_NOTICE"  # 延期决定通知书
    EXPLANATION_REQUEST = "EXPLANATION_REQUEST"  # 补充说明通知书
    NOT_REQUIRED_NOTICE = "NOT_REQUIRED_NOTICE"  # 不受理告知书
    ACCEPTANCE_REFUSAL = "ACCEPTANCE_REFUSAL"  # 不予受理决定书
    TERMINATION = "TERMINATION"  # 终止办理决定书
    WITHDRAWAL_RECORD = "WITHDRAWAL_RECORD"  # 撤回申请确认书
    CORRECTION_REMINDER = "CORRECTION_REMINDER"  # 补正提醒书
    FURTHER_NOTICE = "FURTHER_NOTICE"  # 再次补正告知书
    FILING_RECEIPT = "FILING_RECEIPT"  # 备案回执


class DocumentState(Enum):
    """How far a document is."""

    DRAFTED = "DRAFTED"
    RENDERED = "RENDERED"
    ISSUED = "ISSUED"
    SERVED = "SERVED"
    VOIDED = "VOIDED"


class SealKind(Enum):
    """Which seal makes a document what it is."""

    NONE = "NONE"
    SPECIAL = "SPECIAL"  # 专用印章
    AUTHORITY = "AUTHORITY"  # 机关印章


@dataclass(frozen=True, slots=True)
class DocumentForm:
    """What holds for every document of a kind."""

    numbered: bool
    seal: SealKind


DECISIONS: Final = frozenset({DocumentKind.GRANT_DECISION, DocumentKind.DENIAL_DECISION})
# Against the applicant: they name the reviewing body and the court (readings 11).
ADVERSE: Final = frozenset(
    {
        DocumentKind.DENIAL_DECISION,
        DocumentKind.ACCEPTANCE_REFUSAL,
        DocumentKind.TERMINATION,
    }
)
# What prints who reviews it, by the record of its authority on its day.
REVIEWABLE: Final = ADVERSE | {DocumentKind.NOT_REQUIRED_NOTICE}
# What the departments tell the applicant while the clock runs (readings 6).
PROCESS_NOTICES: Final = frozenset(
    {
        DocumentKind.SPECIAL_PROCEDURE,
        DocumentKind.EXTENSION_NOTICE,
        DocumentKind.EXPLANATION_REQUEST,
    }
)
FORMS: Final[Mapping[DocumentKind, DocumentForm]] = {
    # The receipt carries the case number only; records and proof are signed, not sealed.
    DocumentKind.MATERIALS_RECEIPT: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.HANDOVER_RECORD: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.SITE_CHECK_RECORD: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.PROOF_OF_SERVICE: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.EXPLANATION_REQUEST: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.WITHDRAWAL_RECORD: DocumentForm(numbered=False, seal=SealKind.NONE),
    # A reminder repeats what a sealed notice said, so it needs no seal of its own.
    DocumentKind.CORRECTION_REMINDER: DocumentForm(numbered=False, seal=SealKind.NONE),
    DocumentKind.NOT_REQUIRED_NOTICE: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.ACCEPTANCE_REFUSAL: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.TERMINATION: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.FURTHER_NOTICE: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.FILING_RECEIPT: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.SPECIAL_PROCEDURE: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.EXTENSION_NOTICE: DocumentForm(numbered=True, seal=SealKind.AUTHORITY),
    DocumentKind.ONE_TIME_NOTICE: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.ACCEPTANCE_NOTICE: DocumentForm(numbered=True, seal=SealKind.SPECIAL),
    DocumentKind.GRANT_DECISION: DocumentForm(numbered=True, seal=SealKind.AUTHORITY),
    DocumentKind.DENIAL_DECISION: DocumentForm(numbered=True, seal=SealKind.AUTHORITY),
}


def sealed_in_department(kind: DocumentKind) -> bool:
    """Tell whether a department post seals documents of a kind; the window seals all others.

    Source: 行政许可法 第三十九条, 第四十二条, 第四十五条; readings 6, 10.
    """
    return kind in DECISIONS | PROCESS_NOTICES


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal of the register: whose it is and what it is for."""

    identity: str
    authority: str
    kind: SealKind


def seal_named(identity: str) -> Seal | None:
    """Return the seal that `identity` names, or None.

    The register numbers seals by authority and kind, `370306000000-D01-SPECIAL`,
    with a running number after it where an authority has several for its windows.
    """
    for kind in (SealKind.SPECIAL, SealKind.AUTHORITY):
        authority, found, number = identity.rpartition(f"-{kind.name}")
        if found and authority and (not number or (number[0] == "-" and number[1:].isalnum())):
            return Seal(identity, authority, kind)
    return None


@dataclass(eq=False, kw_only=True)
class Document:
    """One document. Rendering changes nothing in law; issue and service do (readings 10)."""

    document: str
    case_number: str
    ordinal: int
    kind: DocumentKind
    drafted_at: datetime
    drafted_by: str
    authority: str
    # Who must sign it: the decider for a decision; empty where any entitled post may.
    signer: str = ""
    # False while a second signature is still to come on a form without a seal.
    signed_through: bool = True
    rendering: int = 1
    state: DocumentState = DocumentState.DRAFTED
    series_year: int | None = None
    series_site: str | None = None
    series_ordinal: int | None = None
    number: str = ""
    sha256: str = ""
    size: int = 0
    rendered_at: datetime | None = None
    seal: str = ""
    seal_kind: SealKind = SealKind.NONE
    seal_certified: bool = False
    sealed_by: str = ""
    scan_sha256: str = ""
    issued_at: datetime | None = None
    served_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str = ""

    @property
    def form(self) -> DocumentForm:
        return FORMS[self.kind]

    @property
    def awaits_number(self) -> bool:
        """Whether a number of its series is still to be given."""
        return self.form.numbered and self.series_ordinal is None

    @property
    def is_issued(self) -> bool:
        return self.state in (DocumentState.ISSUED, DocumentState.SERVED)

    @property
    def is_voided(self) -> bool:
        return self.state is DocumentState.VOIDED

    def void(self, reason: str, at: datetime) -> None:
        """Take the document out of force; its number stays in the register with the reason.

        Source: readings 12.
        """
        self.state, self.voided_at, self.void_reason = DocumentState.VOIDED, at, reason

    def take_number(self, *, year: int, site: str, ordinal: int, number: str) -> None:
        """Take the next number of the series; numbers are never given back."""
        if not self.awaits_number:
            raise ValueError(f"{self.document} takes no number")
        self.series_year, self.series_site, self.series_ordinal = year, site, ordinal
        self.number = number

    def sign_through(self) -> None:
        """Note that the second signature is there: it is printed once more, complete."""
        self.signed_through = True
        self.rendering += 1

    def rendered(
        self, *, rendering: int, sha256: str, size: int, at: datetime
    ) -> DocumentIssued | None:
        """Keep the rendered file; return the fact of issue where no seal is needed.

        A file of an older rendering, or of a document that is issued, changes
        nothing: what was issued stays what it was.
        """
        if rendering != self.rendering or self.is_issued or self.is_voided:
            return None
        self.sha256, self.size, self.rendered_at = sha256, size, at
        self.state = DocumentState.RENDERED
        if self.form.seal is not SealKind.NONE or not self.signed_through:
            return None
        self.state = DocumentState.ISSUED
        self.issued_at = at
        return self._issued()

    def sealed(
        self, seal: Seal, *, by: str, at: datetime, scan_sha256: str, certified: bool
    ) -> DocumentIssued:
        """Register the use of the seal (用印登记); with it the document is issued."""
        self.seal, self.seal_kind, self.seal_certified = seal.identity, seal.kind, certified
        self.sealed_by, self.scan_sha256 = by, scan_sha256
        self.state = DocumentState.ISSUED
        self.issued_at = at
        return self._issued()

    def serve(self, at: datetime) -> None:
        """Note that the addressee has it (送达)."""
        if not self.is_issued:
            raise errors.ResultNotIssuedError("It is not issued", case=self.case_number)
        self.state = DocumentState.SERVED
        self.served_at = at

    def _issued(self) -> DocumentIssued:
        return DocumentIssued(
            case_number=self.case_number,
            document=self.document,
            kind=self.kind.name,
            document_number=self.number,
        )
