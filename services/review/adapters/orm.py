"""How cases in review are stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, fields
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import composite, registry, relationship

from servicekit.database import BigId, UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from services.review.adapters.columns import (
    Names,
    clock_columns,
    clock_of,
    clock_values,
    columns_of_clock,
)
from services.review.domain.clocks import Clock
from services.review.domain.facts import (
    BundleState,
    Decision,
    DecisionOutcome,
    Opinion,
    ReviewState,
    SiteCheck,
)
from services.review.domain.review_case import ReviewCase

__all__ = [
    "calendar_head",
    "calendar_year",
    "mappers",
    "metadata",
    "review_case",
    "site_check",
    "start_mappers",
    "tables",
]

metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)

review_case = Table(
    "review_case",
    metadata,
    Column("case_number", Text, primary_key=True, comment="办件编号"),
    Column("item_code", Text, nullable=False, comment="事项编码"),
    Column("item_version", Text, nullable=False, comment="事项版本"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("unit_path", Text, nullable=False, comment="受理窗口路径"),
    Column("accepted_at", UTCDateTime, nullable=False, comment="受理时间"),
    Column("front_persons", Names, nullable=False, comment="收件、告知、受理人员（不透明标识）"),
    Column("persons_required", Integer, nullable=False, comment="须分别办理的人数"),
    Column("site_check_required", Boolean, nullable=False, comment="是否须现场核查"),
    Column(
        "bundle",
        Enum(BundleState, native_enum=False, length=20),
        nullable=False,
        comment="纸质材料",
    ),
    Column(
        "state", Enum(ReviewState, native_enum=False, length=20), nullable=False, comment="状态"
    ),
    *clock_columns("promise", "承诺", nullable=False),
    *clock_columns("statutory", "法定", nullable=True),
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
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("(decided_at IS NULL) = (state <> 'DECIDED')", name="decided_once"),
    CheckConstraint("decided_at IS NULL OR opinion_at IS NOT NULL", name="opinion_first"),
    CheckConstraint(
        "decider IS NULL OR persons_required < 2 OR decider <> reviewer", name="decider_is_another"
    ),
    CheckConstraint(
        "outcome IS NULL OR outcome <> 'DENIED' OR decision_reasons <> ''",
        name="denial_has_reasons",
    ),
    CheckConstraint(
        "statutory_due_on IS NULL OR promise_due_on <= statutory_due_on", name="promise_within_law"
    ),
)
_c = review_case.c
_UNDECIDED = text("decided_at IS NULL")
Index(
    "ix_review_case_work",
    _c.authority, _c.promise_due_on, _c.case_number,
    postgresql_where=_UNDECIDED,
    sqlite_where=_UNDECIDED,
)  # fmt: skip
Index(
    "ix_review_case_due",
    _c.promise_due_on, _c.case_number,
    postgresql_where=_UNDECIDED,
    sqlite_where=_UNDECIDED,
)  # fmt: skip

site_check = Table(
    "site_check",
    metadata,
    Column("id", BigId, Identity(always=True), primary_key=True, comment="登记次序"),
    Column(
        "case_number",
        Text,
        ForeignKey("review_case.case_number"),
        nullable=False,
        index=True,
        comment="办件编号",
    ),
    Column("checked_at", UTCDateTime, nullable=False, comment="核查时间"),
    Column("place", Text, nullable=False, comment="核查地点"),
    Column("checkers", Names, nullable=False, comment="核查人员（不透明标识）"),
    Column("findings", Text, nullable=False, comment="核查情况"),
    Column("complies", Boolean, nullable=False, comment="是否符合"),
)

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


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if list(mappers.mappers):
        return
    checks = {"check_time": site_check.c.checked_at}
    mappers.map_imperatively(SiteCheck, site_check, properties=checks)
    promise = columns_of_clock(review_case, "promise")
    statutory = columns_of_clock(review_case, "statutory")
    opinion = (_c.reviewer, _c.opinion_at, _c.proposes_grant, _c.opinion_text)
    decision = (
        _c.decider,
        _c.decided_at,
        _c.outcome,
        _c.decision_facts,
        _c.decision_reasons,
        _c.legal_bases,
    )
    values = {
        "promise": _value(Clock, clock_of, clock_values, promise),
        "statutory": _value(Clock, clock_of, clock_values, statutory),
        "opinion": _value(Opinion, _reader(Opinion), astuple, opinion),
        "decision": _value(Decision, _reader(Decision), astuple, decision),
    }
    site_checks = relationship(SiteCheck, order_by=site_check.c.id, lazy="selectin")
    map_aggregate(
        mappers, ReviewCase, review_case, properties={**values, "site_checks": site_checks}
    )


def _value(
    kind: type[Any],
    read: Callable[..., Any],
    write: Callable[[Any], tuple[object, ...]],
    columns: tuple[Column[Any], ...],
) -> Any:
    """Map a value object on several columns that are all empty where there is none."""
    kind.__composite_values__ = write  # SQLAlchemy's name; the domain does not know it
    return composite(read, *columns)


def _reader(kind: type[Any]) -> Callable[..., Any]:
    """Return what makes a `kind` of columns that stand in the order of its fields."""
    names = [field.name for field in fields(kind)]

    def read(*row: Any) -> Any:
        return None if row[0] is None else kind(**dict(zip(names, row, strict=True)))

    return read
