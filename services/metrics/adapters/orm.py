"""How facts, ratings and lights are stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Table, Text
from sqlalchemy.orm import registry

from servicekit.database import UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from servicekit.sealed import SealedColumn
from services.metrics.domain.rating import Rating

__all__ = [
    "SEALED",
    "case_facts",
    "item_light",
    "item_version",
    "mappers",
    "metadata",
    "rating",
    "start_mappers",
    "tables",
    "unit",
    "violation_seen",
]

metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)

# Columns are in the order of their sources; each has one source only (`domain/facts.py`).
case_facts = Table(
    "case_facts",
    metadata,
    Column("case_number", Text, primary_key=True, comment="办件编号"),
    Column("item_code", Text, nullable=False, comment="事项编码"),
    Column("item_version", Text, nullable=False, comment="收件时的事项版本"),
    Column("authority", Text, nullable=False, index=True, comment="决定机关"),
    Column("window_unit", Text, nullable=False, index=True, comment="收件窗口"),
    Column("unit_path", Text, nullable=False, index=True, comment="窗口路径"),
    Column("applicant", Text, nullable=False, index=True, comment="申请人账户（不透明标识）"),
    Column("channel", Text, nullable=False, comment="申请渠道"),
    Column("courier_due", Boolean, nullable=False, comment="有纸质结果，应当告知免费寄递"),
    Column("received_at", UTCDateTime, comment="收件时间；为空表示收件事实尚未到达"),
    Column("notices", Integer, nullable=False, comment="一次性告知次数"),
    Column("corrections", Integer, nullable=False, comment="补正次数"),
    Column("accepted_at", UTCDateTime, comment="受理时间"),
    Column("accepting_unit", Text, nullable=False, comment="受理窗口"),
    Column("deemed", Boolean, nullable=False, comment="视为受理"),
    Column("accepted_promise_due_on", Date, comment="受理时的承诺办结日"),
    Column("visits", Integer, nullable=False, comment="到厅次数"),
    Column("collection_visits", Integer, nullable=False, comment="其中领取结果的到厅次数"),
    Column("served_at", UTCDateTime, comment="结果送达时间"),
    Column("serving_unit", Text, nullable=False, comment="发放窗口"),
    Column("reviewed_promise_due_on", Date, comment="审查环节的承诺办结日"),
    Column("decided_at", UTCDateTime, comment="决定（办结）时间"),
    Column("outcome", Text, nullable=False, comment="决定结果"),
    Column("promise_kept", Boolean, comment="是否在承诺时限内"),
    Column("statutory_kept", Boolean, comment="是否在法定期限内"),
    Column("courier_offered_at", UTCDateTime, comment="告知免费寄递的时间"),
    Column("courier_answer", Text, nullable=False, comment="申请人的答复"),
    CheckConstraint("collection_visits BETWEEN 0 AND visits", name="collections_are_visits"),
)
Index("ix_case_facts_item_code", case_facts.c.item_code, case_facts.c.case_number)

item_version = Table(
    "item_version",
    metadata,
    Column("item_version", Text, primary_key=True, comment="事项版本"),
    Column("item_code", Text, nullable=False, index=True, comment="事项编码"),
    Column("number", Integer, nullable=False, comment="版本序号"),
    Column("name", Text, nullable=False, comment="事项名称"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("item_type", Text, nullable=False, comment="事项类型（GB/T 39046 A.1）"),
    Column("admitted", Boolean, nullable=False, comment="进驻政务服务中心"),
    Column("declared_visits", Integer, nullable=False, comment="公布的到现场次数"),
    Column("declared_fully_online", Boolean, nullable=False, comment="公布为全程网办"),
    Column("excluded_from_online", Boolean, nullable=False, comment="法律规定或涉密除外"),
    Column("courier_offered", Boolean, nullable=False, comment="纸质结果可寄递"),
    Column("in_force_from", Date, nullable=False, comment="生效日期"),
)

unit = Table(
    "unit",
    metadata,
    Column("unit", Text, primary_key=True, comment="单位代码"),
    Column("name", Text, nullable=False, comment="单位名称"),
    Column("level", Integer, nullable=False, comment="层级（GB/T 39046 A.2）"),
    Column("kind", Text, nullable=False, comment="单位类别"),
    Column("unit_path", Text, nullable=False, comment="单位路径"),
)

violation_seen = Table(
    "violation_seen",
    metadata,
    Column("violation_id", Text, primary_key=True, comment="违规标识"),
    Column("source", Text, nullable=False, comment="来源服务"),
    Column("at", UTCDateTime, nullable=False, comment="发生时间"),
    Column("rule", Text, nullable=False, comment="规则编号"),
    Column("reason", Text, nullable=False, comment="原因代码"),
    Column("case_number", Text, nullable=False, index=True, comment="办件编号，可为空串"),
    Column("person", Text, nullable=False, comment="人员（不透明标识）"),
    Column("assignment", Text, nullable=False, comment="岗位任命"),
    Column("unit", Text, nullable=False, comment="单位"),
    Column("unit_path", Text, nullable=False, comment="单位路径"),
    Column("authority", Text, nullable=False, comment="机关"),
)
Index("ix_violation_seen_at", violation_seen.c.at, violation_seen.c.violation_id)

item_light = Table(
    "item_light",
    metadata,
    Column("item_code", Text, primary_key=True, comment="事项编码"),
    Column("red", Boolean, nullable=False, comment="红灯"),
    Column("case_number", Text, nullable=False, comment="致红灯的办件"),
    Column("visits", Integer, nullable=False, comment="该办件到厅次数"),
    Column("visits_by_courier", Integer, nullable=False, comment="如选择寄递的到厅次数"),
    Column("turned_at", UTCDateTime, nullable=False, comment="变灯时间"),
)

rating = Table(
    "rating",
    metadata,
    Column("case_number", Text, primary_key=True, comment="办件编号（一事一评）"),
    Column("grade", Integer, nullable=False, comment="满意度（GB/T 39046 A.8）"),
    Column("comment", Text, nullable=False, comment="评价内容（加密；个人信息）"),
    Column("rated_at", UTCDateTime, nullable=False, comment="评价时间"),
    Column("applicant", Text, nullable=False, comment="申请人账户（不透明标识）"),
    Column("window_unit", Text, nullable=False, comment="收件窗口"),
    Column("unit_path", Text, nullable=False, comment="窗口路径"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("grade BETWEEN 1 AND 5", name="five_grades"),
    CheckConstraint("applicant <> ''", name="by_its_applicant"),
)
# What a rotation of keys seals again, by table.
SEALED = {rating: (SealedColumn("comment", "metrics.rating.comment"),)}


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if not list(mappers.mappers):
        map_aggregate(mappers, Rating, rating)
