"""What is done about a case besides its review: procedures, extension, questions, waiver.

Each is written once; only the notice, the end or the answer is added to it later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workdays import Unit

__all__ = [
    "BundleWaiver",
    "Consultation",
    "ConsultationAnswer",
    "Explanation",
    "ExtensionApprover",
    "ExtensionTerms",
    "LimitExtension",
    "ProcedureTerms",
    "SpecialProcedure",
    "SpecialProcedureKind",
]


class SpecialProcedureKind(StrEnum):
    """Procedures whose time does not count; a check on the site is none of them.

    Source: 行政许可法 第四十五条.
    """

    HEARING = "HEARING"  # 听证
    TENDER = "TENDER"  # 招标
    AUCTION = "AUCTION"  # 拍卖
    INSPECTION = "INSPECTION"  # 检验
    TESTING = "TESTING"  # 检测
    QUARANTINE = "QUARANTINE"  # 检疫
    APPRAISAL = "APPRAISAL"  # 鉴定
    EXPERT_REVIEW = "EXPERT_REVIEW"  # 专家评审
    ASSESSMENT = "ASSESSMENT"  # 委托评估, where another law excludes its time


class ExtensionApprover(StrEnum):
    """Whose head approves an extension.

    Source: 行政许可法 第四十二条.
    """

    AUTHORITY_HEAD = "AUTHORITY_HEAD"  # 本行政机关负责人
    GOVERNMENT_HEAD = "GOVERNMENT_HEAD"  # 本级人民政府负责人


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionTerms:
    """How the limit of the law may be extended, as the version of the item says."""

    amount: int
    unit: Unit
    approver: ExtensionApprover
    moves_promise: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureTerms:
    """A procedure whose time does not count, as the version of the item allows it."""

    kind: SpecialProcedureKind
    max_days: int
    stops_promise: bool
    source: str


@dataclass(eq=False, kw_only=True)
class SpecialProcedure:
    """A procedure whose time does not count (特别程序), as planned, told and ended.

    Source: 行政许可法 第四十五条; readings 18.
    """

    procedure: str
    kind: SpecialProcedureKind
    days: int
    start_date: date
    institution: str
    stops_promise: bool
    source: str
    planned_by: str
    plan_time: datetime
    notice_time: datetime | None = None
    end_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitExtension:
    """The one extension of the limit (延长), and when the applicant was told."""

    amount: int
    reasons: str
    approver: str
    extend_time: datetime
    notice_time: datetime | None = None


@dataclass(eq=False, kw_only=True)
class Explanation:
    """A request for an explanation (补充说明); the answer itself is with intake.

    Source: readings 17.
    """

    explanation: str
    question: str
    requested_by: str
    request_time: datetime
    answer_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationAnswer:
    """What an authority that was asked answered."""

    agrees: bool
    text: str
    answered_by: str
    answer_time: datetime


@dataclass(eq=False, kw_only=True)
class Consultation:
    """The question to another authority (征求意见), and its answer.

    Source: readings 21.
    """

    consulted: str
    question: str
    answer_by_date: date
    asked_by: str
    ask_time: datetime
    answer: ConsultationAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleWaiver:
    """The head's waiver of paper that does not come.

    Source: readings 13.
    """

    waived_by: str
    reason: str
    waive_time: datetime
