"""How facts, ratings and lights are stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Table, Text
from sqlalchemy.orm import registry

from servicekit.database import UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from servicekit.sealed import SealedColumn
from services.metrics.adapters.columns import AuthoritiesColumn, CodesColumn, ParcelsColumn
from services.metrics.domain.rating import Rating

__all__ = [
    "SEALED",
    "alarm_seen",
    "calendar_year",
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

# Columns are in the order of their sources; each has one source only (`domain/facts.py`). Those
# that came later stand behind the others. What `projection.row_of` computes is for the ratios.
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
    Column("outcome", Text, nullable=False, comment="有效决定的结果"),
    Column("promise_kept", Boolean, comment="有效决定是否在承诺时限内"),
    Column("statutory_kept", Boolean, comment="有效决定是否在法定期限内"),
    Column("courier_offered_at", UTCDateTime, comment="告知免费寄递的时间"),
    Column("courier_answer", Text, nullable=False, comment="申请人的答复"),
    Column("handling", Text, nullable=False, comment="办件类型"),
    Column("assistance", Text, nullable=False, comment="代办标识，可为空串"),
    Column("first_wish", Text, nullable=False, comment="申请时选择的领取方式"),
    Column("out_of_force", Boolean, nullable=False, comment="收件时事项已停止实施"),
    Column("transfers", Integer, nullable=False, comment="转交次数"),
    Column("further_notices", Integer, nullable=False, comment="经批准再次告知次数"),
    Column("spot_decided_at", UTCDateTime, comment="当场决定时间"),
    Column("spot_outcome", Text, nullable=False, comment="当场决定结果"),
    Column("spot_promise_kept", Boolean, comment="当场决定是否在承诺时限内"),
    Column("spot_statutory_kept", Boolean, comment="当场决定是否在法定期限内"),
    Column("ended_at", UTCDateTime, comment="未作决定而终结（含备案）的时间"),
    Column("ended_as", Text, nullable=False, comment="终结方式"),
    Column("dispatches", Integer, nullable=False, comment="交寄次数"),
    Column("service_open", Text, nullable=False, comment="尚未有效送达的原因"),
    Column("served_means", Text, nullable=False, comment="送达方式"),
    Column("authorities", AuthoritiesColumn, nullable=False, comment="各机关办理情况"),
    Column("decided_early", Boolean, comment="是否提前办结"),
    Column("days_at_window", Integer, nullable=False, comment="窗口用时（工作日）"),
    Column("days_at_department", Integer, nullable=False, comment="部门用时（工作日）"),
    Column("parcels_in", Integer, nullable=False, comment="寄往中心的邮件数"),
    Column("parcels", ParcelsColumn, nullable=False, comment="寄给申请人的邮件"),
    Column("parcels_out", Integer, nullable=False, comment="寄给申请人的邮件数"),
    Column("parcels_signed", Integer, nullable=False, comment="其中已签收"),
    Column("parcels_failed", Integer, nullable=False, comment="其中拒收、退回、丢失"),
    Column("parcels_cancelled", Integer, nullable=False, comment="其中已撤销"),
    Column("decision_on", Date, comment="有效决定之日"),
    Column("reworked_by", CodesColumn, nullable=False, comment="作废后重新制作文书的部门"),
    Column("returned_by", CodesColumn, nullable=False, comment="要求申请人补充说明的部门"),
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
    Column("in_force_until", Date, comment="失效日期（次日起不再实施的当日）"),
    Column("handling", Text, nullable=False, comment="办件类型（GB/T 39046 A.6）"),
    Column("statutory_amount", Integer, comment="法定办结时限"),
    Column("statutory_unit", Text, comment="法定办结时限单位"),
    Column("statutory_start", Text, comment="法定办结时限起算"),
    Column("promised_amount", Integer, comment="承诺办结时限"),
    Column("promised_unit", Text, comment="承诺办结时限单位"),
    Column("promised_start", Text, comment="承诺办结时限起算"),
    Column("result_physical", Boolean, nullable=False, comment="结果为纸质"),
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

alarm_seen = Table(
    "alarm_seen",
    metadata,
    Column("alarm_id", Text, primary_key=True, comment="告警标识（事件标识）"),
    Column("kind", Text, nullable=False, comment="告警类别"),
    Column("at", UTCDateTime, nullable=False, comment="发生时间"),
    Column("case_number", Text, nullable=False, index=True, comment="办件编号"),
    Column("authority", Text, nullable=False, index=True, comment="应当处置的机关，可为空串"),
    Column("unit", Text, nullable=False, comment="应当处置的窗口，可为空串"),
    Column("detail", Text, nullable=False, comment="原因、封袋号或灯色，可为空串"),
)
Index("ix_alarm_seen_at", alarm_seen.c.at, alarm_seen.c.alarm_id)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False, comment="年度"),
    Column("notice", Text, nullable=False, comment="放假安排"),
    Column("source", Text, nullable=False, comment="发文字号"),
)

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
