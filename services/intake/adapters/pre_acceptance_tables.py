"""How a case's way before acceptance is stored: endings, reminders, further notices, the spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
)

from servicekit.database import UTCDateTime, one_of
from services.intake.adapters.columns import PersonsColumn, counted, of_case
from services.intake.domain.case_history import Ending, FurtherNotice, Reminder, SpotDecision
from services.intake.domain.case_parts import NoticeEntry
from services.intake.domain.values import CaseState, Defect, NoticeMeans

__all__ = ["FrontTables", "pre_acceptance_tables"]


@dataclass(frozen=True, slots=True)
class FrontTables:
    """The tables, each with what it keeps."""

    notice_entry: Table
    ending: Table
    reminder: Table
    further_notice: Table
    spot_decision: Table

    @property
    def parts(self) -> dict[str, tuple[type[Any], Table, Any]]:
        """What a case keeps in them: attribute, class, table, order."""
        return {
            "notice_entries": (NoticeEntry, self.notice_entry, self.notice_entry.c.ordinal),
            "endings": (Ending, self.ending, self.ending.c.ended_at),
            "reminders": (Reminder, self.reminder, self.reminder.c.ordinal),
            "further_notices": (FurtherNotice, self.further_notice, self.further_notice.c.ordinal),
            "spot_decisions": (SpotDecision, self.spot_decision, self.spot_decision.c.decided_at),
        }


def pre_acceptance_tables(metadata: MetaData) -> FrontTables:
    """Add the tables to the metadata of intake."""
    return FrontTables(
        notice_entry=_notice_entry(metadata),
        ending=_ending(metadata),
        reminder=_reminder(metadata),
        further_notice=_further_notice(metadata),
        spot_decision=_spot_decision(metadata),
    )


def _notice_entry(metadata: MetaData) -> Table:
    return Table(
        "notice_entry",
        metadata,
        of_case(),
        counted("ordinal", "次序"),
        Column("material_code", Text, nullable=False, comment="材料编码"),
        Column("defect", one_of(Defect), nullable=False, comment="缺陷"),
        Column("what_to_do", Text, nullable=False, comment="补正要求"),
        Column("legal_basis", Text, nullable=False, comment="依据"),
        Column("further", Integer, nullable=False, comment="第几次再告知；一次性告知为0"),
    )


def _ending(metadata: MetaData) -> Table:
    return Table(
        "case_ending",
        metadata,
        of_case(),
        Column("kind", one_of(CaseState), nullable=False, comment="终结种类"),
        Column("ended_at", UTCDateTime, nullable=False, comment="终结时间"),
        Column("ended_by", Text, nullable=False, comment="经手人员或申请人账户"),
        Column("document", Text, nullable=False, comment="文书标识"),
        Column("reason", Text, nullable=False, comment="理由"),
        Column("legal_basis", Text, nullable=False, comment="依据"),
        Column("competent_authority", Text, nullable=False, comment="应向其申请的机关；无则为空串"),
        Column("successor_item", Text, nullable=False, comment="替代事项编码；无则为空串"),
        Column("successor_name", Text, nullable=False, comment="替代事项名称；无则为空串"),
        Column("request_sha256", Text, nullable=False, comment="撤回申请书扫描件摘要；无则为空串"),
        Column("overtaken", Boolean, nullable=False, comment="撤回前已作出决定，撤回不生效"),
        CheckConstraint(
            "kind <> 'REFUSED' OR competent_authority <> ''", name="refusal_names_authority"
        ),
        CheckConstraint("NOT overtaken OR kind = 'WITHDRAWN'", name="only_withdrawal_overtaken"),
    )


def _reminder(metadata: MetaData) -> Table:
    return Table(
        "correction_reminder",
        metadata,
        of_case(),
        counted("ordinal", "第几次提醒"),
        Column("material_codes", PersonsColumn, nullable=False, comment="尚缺材料编码（JSON）"),
        Column("reminded_at", UTCDateTime, nullable=False, comment="提醒时间"),
        Column("reminded_by", Text, nullable=False, comment="提醒人员；系统提醒为空串"),
        Column("document", Text, nullable=False, comment="文书标识"),
    )


def _further_notice(metadata: MetaData) -> Table:
    return Table(
        "further_notice",
        metadata,
        of_case(),
        counted("ordinal", "第几次再告知"),
        Column("means", one_of(NoticeMeans), nullable=False, comment="告知方式"),
        Column("proof", Text, nullable=False, comment="告知凭证：短信标识或邮件号"),
        Column("reason", Text, nullable=False, comment="首次未能告知的理由"),
        Column("proposed_at", UTCDateTime, nullable=False, comment="提请时间"),
        Column("proposed_by", Text, nullable=False, comment="提请人员"),
        Column("approved_at", UTCDateTime, comment="批准时间"),
        Column("approved_by", Text, nullable=False, comment="批准人员；未批准为空串"),
        Column("approved_because", Text, nullable=False, comment="批准理由；未批准为空串"),
        Column("document", Text, nullable=False, comment="文书标识；未批准为空串"),
        CheckConstraint("approved_by <> proposed_by", name="approved_by_another"),
        CheckConstraint("(approved_at IS NULL) = (approved_by = '')", name="approved_whole"),
        CheckConstraint(
            "approved_at IS NULL OR approved_because <> ''", name="approved_for_reason"
        ),
    )


def _spot_decision(metadata: MetaData) -> Table:
    return Table(
        "spot_decision",
        metadata,
        of_case(),
        Column("decider", Text, nullable=False, comment="当场决定人员"),
        Column("letter", Text, nullable=False, comment="授权书编号"),
        Column("facts", Text, nullable=False, comment="事实"),
        Column("legal_bases", PersonsColumn, nullable=False, comment="依据（JSON）"),
        Column("decided_at", UTCDateTime, nullable=False, comment="决定时间"),
        Column("document", Text, nullable=False, comment="文书标识"),
        CheckConstraint("letter <> ''", name="decided_under_a_letter"),
    )
