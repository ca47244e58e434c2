"""How a case's way after acceptance is stored: decisions, dispatches, notices on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from servicekit.database import UTCDateTime, one_of
from services.intake.adapters.columns import FactsColumn, counted, of_case
from services.intake.domain.document import DocumentKind
from services.intake.domain.records import (
    CaseDecision,
    Dispatch,
    ExplanationMaterial,
    Failure,
    ProcessNotice,
    Signer,
)
from services.intake.domain.values import DecisionOutcome, NoticeMeans

__all__ = ["LEAD", "BackTables", "post_acceptance_tables"]

LEAD: Final = 1  # the ordinal of the leading authority, whose the case is


@dataclass(frozen=True, slots=True)
class BackTables:
    """The tables, each with what it keeps."""

    case_decision: Table
    dispatch: Table
    process_notice: Table
    explanation_material: Table

    @property
    def parts(self) -> dict[str, tuple[type[Any], Table, Any]]:
        """What a case keeps in them: attribute, class, table, order."""
        materials = self.explanation_material
        return {
            "decisions": (CaseDecision, self.case_decision, self.case_decision.c.ordinal),
            "dispatches": (Dispatch, self.dispatch, self.dispatch.c.attempt),
            "process_notices": (ProcessNotice, self.process_notice, self.process_notice.c.ordinal),
            "explanation_materials": (ExplanationMaterial, materials, materials.c.place),
        }


def post_acceptance_tables(metadata: MetaData) -> BackTables:
    """Add the tables to the metadata of intake."""
    return BackTables(
        case_decision=_case_decision(metadata),
        dispatch=_dispatch(metadata),
        process_notice=_process_notice(metadata),
        explanation_material=_explanation_material(metadata),
    )


def _case_decision(metadata: MetaData) -> Table:
    return Table(
        "case_decision",
        metadata,
        of_case(),
        Column("authority", Text, primary_key=True, comment="决定机关"),
        Column("ordinal", Integer, nullable=False, comment="次序，牵头机关为1"),
        Column("statutory_due_on", Date, comment="法定期限届满日"),
        Column("statutory_due_provisional", Boolean, nullable=False, comment="法定期限为暂定"),
        Column("promise_due_on", Date, comment="承诺期限届满日"),
        Column("promise_due_provisional", Boolean, nullable=False, comment="承诺期限为暂定"),
        Column("dated_by_review", Boolean, nullable=False, comment="期限由审批环节计算"),
        Column("decided_at", UTCDateTime, comment="决定时间"),
        Column("decider", Text, nullable=False, comment="决定人员"),
        Column("outcome", one_of(DecisionOutcome), nullable=False, comment="决定结果"),
        Column("certificate_number", Text, nullable=False, comment="证照编号"),
        CheckConstraint("promise_due_on <= statutory_due_on", name="promise_within_law"),
        CheckConstraint(
            "(decided_at IS NULL) = (outcome = 'UNSPECIFIED')", name="decided_with_outcome"
        ),
        CheckConstraint("outcome <> 'PARTLY'", name="one_authority_decides_wholly"),
        # Lists: the cases in which an authority decides beside the lead.
        Index(
            "ix_case_decision_taking_part",
            "authority",
            postgresql_where=text(f"ordinal > {LEAD}"),
            sqlite_where=text(f"ordinal > {LEAD}"),
        ),
    )


def _dispatch(metadata: MetaData) -> Table:
    return Table(
        "dispatch",
        metadata,
        of_case(),
        counted("attempt", "第几次交寄"),
        Column("dispatched_at", UTCDateTime, nullable=False, comment="交寄时间"),
        Column("dispatched_by", Text, nullable=False, comment="交寄人员"),
        Column("dispatched_from", Text, nullable=False, comment="交寄窗口"),
        Column("pieces", Integer, nullable=False, comment="件数"),
        Column("mandate", Text, nullable=False, comment="代收委托书编号；无为空串"),
        Column("waybill", Text, nullable=False, comment="邮件号；未知为空串"),
        Column("signed_at", UTCDateTime, comment="签收时间"),
        Column("signer", one_of(Signer), comment="签收人身份"),
        Column("failed_at", UTCDateTime, comment="未妥投时间"),
        Column("failure", one_of(Failure), comment="未妥投原因"),
        CheckConstraint("signed_at IS NULL OR failed_at IS NULL", name="signed_or_failed"),
        CheckConstraint("pieces > 0", name="pieces_in_it"),
    )


def _process_notice(metadata: MetaData) -> Table:
    return Table(
        "process_notice",
        metadata,
        of_case(),
        counted("ordinal", "次序"),
        Column("kind", one_of(DocumentKind), nullable=False, comment="告知书种类"),
        Column("authority", Text, nullable=False, comment="告知机关"),
        Column("reference", Text, nullable=False, comment="审批环节所用标识"),
        Column("document", Text, nullable=False, comment="现行告知书"),
        Column("facts", FactsColumn, nullable=False, comment="告知内容（JSON）"),
        Column("told_at", UTCDateTime, nullable=False, comment="拟制时间"),
        Column("given_at", UTCDateTime, comment="告知时间"),
        Column("given_by", Text, nullable=False, comment="告知人员；未告知为空串"),
        Column("means", one_of(NoticeMeans), comment="告知方式"),
        Column("ems_number", Text, nullable=False, comment="邮件号；非邮寄为空串"),
        Column("answered_at", UTCDateTime, comment="说明时间"),
        Column("answer", Text, nullable=False, comment="申请人说明；未说明为空串"),
        CheckConstraint("(given_at IS NULL) = (means IS NULL)", name="given_by_some_means"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_with_words"),
    )


def _explanation_material(metadata: MetaData) -> Table:
    return Table(
        "explanation_material",
        metadata,
        of_case(),
        counted("notice", "所答告知书的次序"),
        counted("place", "次序"),
        Column("material_code", Text, nullable=False, comment="材料编码"),
        Column("sha256", Text, nullable=False, index=True, comment="文件摘要；无文件为空串"),
        Column("paper_pieces", Integer, nullable=False, comment="纸质件数"),
        CheckConstraint("paper_pieces >= 0", name="pieces_not_negative"),
    )
