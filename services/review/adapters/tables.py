"""The tables of review. Nothing outside this package knows of them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from servicekit.database import BigId, UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from services.review.adapters.columns import (
    ExtensionTermsText,
    Names,
    ProcedureTermsText,
    clock_columns,
)
from services.review.domain.acts import SpecialProcedureKind
from services.review.domain.facts import BundleState, CaseEnding, DecisionOutcome, ReviewState

__all__ = [
    "calendar_head",
    "calendar_year",
    "consultation",
    "explanation",
    "metadata",
    "review_case",
    "site_check",
    "special_procedure",
    "tables",
]

metadata = new_metadata()
tables = kit_tables(metadata)

review_case = Table(
    "review_case",
    metadata,
    Column("task", Text, primary_key=True, comment="审查任务（牵头机关为办件编号）"),
    Column("case_number", Text, nullable=False, index=True, comment="办件编号"),
    Column("task_name", Text, nullable=False, comment="本机关决定的事项名称（联合办理）"),
    Column("item_code", Text, nullable=False, comment="事项编码"),
    Column("item_version", Text, nullable=False, comment="事项版本"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("unit_path", Text, nullable=False, comment="受理窗口路径"),
    Column("received_at", UTCDateTime, nullable=False, comment="收件时间"),
    Column("accepted_at", UTCDateTime, nullable=False, comment="受理时间"),
    Column("opened_at", UTCDateTime, nullable=False, comment="转入审查时间"),
    Column("deemed", Boolean, nullable=False, comment="是否视为受理"),
    Column("front_persons", Names, nullable=False, comment="收件、告知、受理人员（不透明标识）"),
    Column("persons_required", Integer, nullable=False, comment="须分别办理的人数"),
    Column("site_check_required", Boolean, nullable=False, comment="是否须现场核查"),
    Column("remedies_known", Boolean, nullable=False, comment="救济途径是否已登记"),
    Column("prerequisites", Names, nullable=False, comment="前置机关"),
    Column("consulted", Names, nullable=False, comment="可征求意见的机关"),
    Column("designation", Text, nullable=False, comment="政府确定联合办理的文号"),
    Column("extension_terms", ExtensionTermsText, comment="可以怎样延长（JSON）"),
    Column("procedure_terms", ProcedureTermsText, nullable=False, comment="特别程序（JSON）"),
    Column(
        "bundle",
        Enum(BundleState, native_enum=False, length=20),
        nullable=False,
        comment="纸质材料",
    ),
    Column("handed_over_at", UTCDateTime, comment="纸质材料移交时间"),
    Column("bundle_overdue", Boolean, nullable=False, comment="纸质材料是否逾期未签收"),
    Column("waived_by", Text, comment="免予移交批准人（不透明标识）"),
    Column("waiver_reason", Text, comment="免予移交理由"),
    Column("waived_at", UTCDateTime, comment="免予移交时间"),
    Column(
        "state", Enum(ReviewState, native_enum=False, length=20), nullable=False, comment="状态"
    ),
    *clock_columns("promise", "承诺", nullable=False),
    *clock_columns("statutory", "法定", nullable=True),
    Column("extension_amount", Integer, comment="延长数值"),
    Column("extension_reasons", Text, comment="延长理由"),
    Column("extension_approver", Text, comment="延长批准人（不透明标识）"),
    Column("extended_at", UTCDateTime, comment="批准延长时间"),
    Column("extension_noticed_at", UTCDateTime, comment="延长告知时间"),
    Column("reviewer", Text, comment="审核人员（不透明标识）"),
    Column("opinion_at", UTCDateTime, comment="审核时间"),
    Column("proposes_grant", Boolean, comment="是否拟准予"),
    Column("opinion_text", Text, comment="审核意见"),
    Column("decider", Text, comment="审批人员（不透明标识）"),
    Column("decided_at", UTCDateTime, comment="决定时间"),
    Column("outcome", Enum(DecisionOutcome, native_enum=False, length=20), comment="决定"),
    Column("decision_facts", Text, comment="查明的事实"),
    Column("decision_reasons", Text, comment="理由"),
    Column("legal_bases", Names, comment="依据"),
    Column("content", Text, comment="准予的内容"),
    Column("valid_until_on", Date, comment="有效期至"),
    Column("conditions", Names, comment="准予的条件"),
    Column("ended_at", UTCDateTime, comment="撤回或者终止时间"),
    Column("ending", Enum(CaseEnding, native_enum=False, length=20), comment="撤回或者终止"),
    Column("lights_told", Names, nullable=False, comment="已记录的灯"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("state <> 'DECIDED' OR decided_at IS NOT NULL", name="decided_once"),
    CheckConstraint(
        "decided_at IS NULL OR state = 'DECIDED' OR (state = 'ENDED' AND ended_at < decided_at)",
        name="decision_has_effect",
    ),
    CheckConstraint("state <> 'ENDED' OR ended_at IS NOT NULL", name="ended_once"),
    CheckConstraint("decided_at IS NULL OR opinion_at IS NOT NULL", name="opinion_first"),
    CheckConstraint(
        "decider IS NULL OR persons_required < 2 OR decider <> reviewer", name="decider_is_another"
    ),
    CheckConstraint(
        "outcome IS NULL OR outcome <> 'DENIED' OR decision_reasons <> ''",
        name="denial_has_reasons",
    ),
    CheckConstraint(
        "outcome IS NULL OR outcome <> 'DENIED' OR remedies_known", name="denial_has_remedies"
    ),
    CheckConstraint(
        "statutory_due_on IS NULL OR promise_due_on <= statutory_due_on", name="promise_within_law"
    ),
    CheckConstraint(
        "extended_at IS NULL OR statutory_due_on IS NOT NULL", name="extension_of_a_law"
    ),
)
_c = review_case.c
_OPEN = text("decided_at IS NULL AND ended_at IS NULL")
Index(
    "ix_review_case_work",
    _c.authority, _c.promise_due_on, _c.task,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)  # fmt: skip
Index(
    "ix_review_case_due",
    _c.promise_due_on, _c.task,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)  # fmt: skip


def _task() -> Column[str]:
    """The column by which what belongs to a task points to it."""
    return Column(
        "task", Text, ForeignKey("review_case.task"), nullable=False, index=True, comment="审查任务"
    )


def _order() -> Column[int]:
    return Column("id", BigId, Identity(always=True), primary_key=True, comment="登记次序")


site_check = Table(
    "site_check",
    metadata,
    _order(),
    _task(),
    Column("checked_at", UTCDateTime, nullable=False, comment="核查时间"),
    Column("place", Text, nullable=False, comment="核查地点"),
    Column("checkers", Names, nullable=False, comment="核查人员（不透明标识）"),
    Column("findings", Text, nullable=False, comment="核查情况"),
    Column("complies", Boolean, nullable=False, comment="是否符合"),
)

special_procedure = Table(
    "special_procedure",
    metadata,
    _order(),
    _task(),
    Column("procedure", Text, nullable=False, unique=True, comment="特别程序标识"),
    Column(
        "kind",
        Enum(SpecialProcedureKind, native_enum=False, length=20),
        nullable=False,
        comment="种类",
    ),
    Column("days", Integer, nullable=False, comment="告知的工作日数"),
    Column("start_on", Date, nullable=False, comment="开始日"),
    Column("institution", Text, nullable=False, comment="承担机构"),
    Column("stops_promise", Boolean, nullable=False, comment="承诺时限是否同时停止"),
    Column("source", Text, nullable=False, comment="依据"),
    Column("planned_by", Text, nullable=False, comment="安排人员（不透明标识）"),
    Column("planned_at", UTCDateTime, nullable=False, comment="安排时间"),
    Column("noticed_at", UTCDateTime, comment="告知申请人时间"),
    Column("ended_on", Date, comment="结束日"),
    CheckConstraint("days > 0", name="takes_time"),
    CheckConstraint("ended_on IS NULL OR ended_on >= start_on", name="ends_after_it_begins"),
)

explanation = Table(
    "explanation",
    metadata,
    _order(),
    _task(),
    Column("explanation", Text, nullable=False, unique=True, comment="补充说明标识"),
    Column("question", Text, nullable=False, comment="要求说明的问题"),
    Column("requested_by", Text, nullable=False, comment="提出人员（不透明标识）"),
    Column("requested_at", UTCDateTime, nullable=False, comment="提出时间"),
    Column("answered_at", UTCDateTime, comment="说明时间"),
)

consultation = Table(
    "consultation",
    metadata,
    _order(),
    _task(),
    Column("consulted", Text, nullable=False, index=True, comment="被征求意见的机关"),
    Column("question", Text, nullable=False, comment="征求的问题"),
    Column("answer_by_on", Date, nullable=False, comment="请于此日前答复"),
    Column("asked_by", Text, nullable=False, comment="征求人员（不透明标识）"),
    Column("asked_at", UTCDateTime, nullable=False, comment="征求时间"),
    Column("agrees", Boolean, comment="是否无异议"),
    Column("answer_text", Text, comment="答复意见"),
    Column("answered_by", Text, comment="答复人员（不透明标识）"),
    Column("answered_at", UTCDateTime, comment="答复时间"),
)
Index("uq_consultation_asked", consultation.c.task, consultation.c.consulted, unique=True)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False, comment="年份"),
    Column("notice", Text, nullable=False, comment="放假安排通知（导入格式）"),
    Column("source", Text, nullable=False, comment="文号"),
    Column("imported_at", UTCDateTime, nullable=False, comment="导入时间"),
)

# One row, locked shared by whoever reads the calendar and exclusively by an import.
calendar_head = Table(
    "calendar_head",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False, comment="恒为 1"),
    Column("version", Integer, nullable=False, comment="导入次数"),
)
