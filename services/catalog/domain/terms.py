"""What an item may take in time, and how several authorities share the work on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from workdays import Limit, Start, Unit

__all__ = [
    "AuthorityPart",
    "Extension",
    "ExtensionApprover",
    "ItemLimit",
    "JointForm",
    "SpecialProcedureKind",
    "SpecialProcedureTerms",
]

_LARGEST_AMOUNT: Final = 1000  # as in common.proto


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLimit:
    """A limit as the catalogue states it; `source` is the clause, empty for a mere promise.

    It may be nonsense ("0 working days") until the lint has seen it.

    Source: readings 15.
    """

    amount: int
    unit: Unit
    start: Start
    source: str = ""

    @property
    def is_countable(self) -> bool:
        """Tell whether the amount fits the unit: 0 on the spot, from 1 otherwise."""
        if self.unit is Unit.ON_THE_SPOT:
            return self.amount == 0
        return 1 <= self.amount <= _LARGEST_AMOUNT

    @property
    def limit(self) -> Limit:
        return Limit(self.amount, self.unit, self.start)


class ExtensionApprover(StrEnum):
    """Whose head approves an extension (行政许可法 第四十二条)."""

    AUTHORITY_HEAD = "AUTHORITY_HEAD"  # 本行政机关负责人
    GOVERNMENT_HEAD = "GOVERNMENT_HEAD"  # 本级人民政府负责人


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """How the limit of the law may be extended: once, by so much, with a clause that says so.

    Source: 行政许可法 第四十二条.
    """

    amount: int
    unit: Unit
    approver: ExtensionApprover
    moves_promise: bool = False
    source: str = ""


class SpecialProcedureKind(StrEnum):
    """Procedures whose time does not count (特别程序). A check on the site is none of them."""

    HEARING = "HEARING"  # 听证
    TENDER = "TENDER"  # 招标
    AUCTION = "AUCTION"  # 拍卖
    INSPECTION = "INSPECTION"  # 检验
    TESTING = "TESTING"  # 检测
    QUARANTINE = "QUARANTINE"  # 检疫
    APPRAISAL = "APPRAISAL"  # 鉴定
    EXPERT_REVIEW = "EXPERT_REVIEW"  # 专家评审
    ASSESSMENT = "ASSESSMENT"  # 委托评估, where another law excludes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialProcedureTerms:
    """A procedure whose time does not count, for how many working days at most.

    Source: 行政许可法 第四十五条; readings 18.
    """

    kind: SpecialProcedureKind
    max_days: int
    stops_promise: bool = False
    source: str = ""


class JointForm(StrEnum):
    """In which form several authorities deal with one application (readings 21)."""

    JOINT_HANDLING = "JOINT_HANDLING"  # 联合办理: a decision per authority
    CONSULTATION = "CONSULTATION"  # 征求意见: one decision, others are asked


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityPart:
    """The part of one authority in 联合办理: its own limits, persons, certificate, remedies.

    What the server sets (names and remedies of the authority) is empty in a draft.

    Source: 行政许可法 第二十六条第二款; readings 21.
    """

    authority: str
    name: str
    promised_limit: ItemLimit
    persons_required: int
    statutory_limit: ItemLimit | None = None
    site_check_required: bool = False
    prerequisites: tuple[str, ...] = ()
    result_name: str = ""
    authority_name: str = ""
    authority_prefix: str = ""
    review_body: str = ""
    court: str = ""

    @property
    def draft(self) -> AuthorityPart:
        """The same part without what the server sets."""
        return replace(self, authority_name="", authority_prefix="", review_body="", court="")
