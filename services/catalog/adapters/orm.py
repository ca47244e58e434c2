"""How the catalogue is stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import registry, relationship
from sqlalchemy.types import TypeDecorator

from servicekit.database import UTCDateTime, new_metadata
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from services.catalog.adapters import json_values
from services.catalog.domain.authorities import Authority, AuthorityRecord
from services.catalog.domain.calendar_years import CalendarYear
from services.catalog.domain.items import ItemVersion, PublishedVersion, ServiceItem
from services.catalog.domain.letters import AuthorisationLetter, ItemPowers
from services.catalog.domain.posts import Assignment, Officer, Post, PostKind
from services.catalog.domain.training import TrainingRecord
from services.catalog.domain.units import Unit, UnitKind
from services.catalog.domain.work_rules import RulesKind, RulesVersion, WorkRules

__all__ = [
    "assignment",
    "authorisation_letter",
    "authority",
    "calendar_year",
    "item_version",
    "mappers",
    "metadata",
    "officer",
    "post",
    "rules_version",
    "service_item",
    "start_mappers",
    "tables",
    "training_record",
    "unit",
    "work_rules",
]


class JsonValue(TypeDecorator[Any]):
    """A value of the domain as readable JSON text, the same on every database."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json_values.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json_values.loads(self.kind, value)


metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)

unit = Table(
    "unit",
    metadata,
    Column("code", Text, primary_key=True, comment="单位编码"),
    Column("name", Text, nullable=False, comment="名称"),
    Column("kind", Enum(UnitKind, native_enum=False, length=20), nullable=False, comment="类型"),
    Column("parent", Text, nullable=False, comment="上级单位；省为空串"),
    Column("unit_path", Text, nullable=False, comment="路径，首尾为斜线"),
    Column("level", Integer, nullable=False, comment="行使层级（GB/T 39046 A.2）；内设单位为0"),
    Column("site", Text, nullable=False, comment="文号中的发文地点；不发文的为空串"),
    Column(
        "merged_into", Text, nullable=False, server_default="", comment="并入的窗口；未合并的为空串"
    ),
    Column("merged_from_date", Date, comment="合并首日；未合并的为空"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    Index("ix_unit_parent_code", "parent", "code"),
)

authority = Table(
    "authority",
    metadata,
    Column("unit", Text, ForeignKey("unit.code"), primary_key=True, comment="机关的单位编码"),
    Column("name", Text, nullable=False, comment="机关名称"),
    Column("prefix", Text, nullable=False, comment="机关代字"),
    Column(
        "records",
        JsonValue(tuple[AuthorityRecord, ...]),
        nullable=False,
        comment="复议机关和管辖法院，按生效日期（JSON）",
    ),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

post = Table(
    "post",
    metadata,
    Column("post", Text, primary_key=True, comment="岗位编码"),
    Column("title", Text, nullable=False, comment="岗位名称"),
    Column(
        "post_kind", Enum(PostKind, native_enum=False, length=20), nullable=False, comment="类别"
    ),
    Column("roles", JsonValue(tuple[str, ...]), nullable=False, comment="角色（JSON）"),
    Column("unit", Text, ForeignKey("unit.code"), nullable=False, comment="所在单位"),
    Column("authority", Text, nullable=False, comment="所代表的机关；窗口等为空串"),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

officer = Table(
    "officer",
    metadata,
    Column("person", Text, primary_key=True, comment="人员（不透明标识）"),
    Column("person_name", Text, nullable=False, comment="文书所印姓名"),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

assignment = Table(
    "assignment",
    metadata,
    Column("assignment", Text, primary_key=True, comment="任职标识"),
    Column(
        "person", Text, ForeignKey("officer.person"), nullable=False, index=True, comment="人员"
    ),
    Column("post", Text, ForeignKey("post.post"), nullable=False, comment="岗位"),
    Column("from_date", Date, nullable=False, comment="任职首日"),
    Column("until_date", Date, comment="任职末日的次日；未定为空"),
    CheckConstraint("until_date IS NULL OR until_date > from_date", name="ends_after_begin"),
)

service_item = Table(
    "service_item",
    metadata,
    Column("item_code", Text, primary_key=True, comment="事项编码（本区）"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("red", Boolean, nullable=False, comment="最多跑一次红灯"),
    Column("red_case_number", Text, nullable=False, comment="引起红灯的办件；无则空串"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("red = (red_case_number <> '')", name="red_names_its_case"),
)

# Rows are only ever added: the migration makes the database refuse every change.
item_version = Table(
    "item_version",
    metadata,
    Column("item_version", Text, primary_key=True, comment="版本标识：事项编码@序号"),
    Column(
        "item_code", Text, ForeignKey("service_item.item_code"), nullable=False, comment="事项编码"
    ),
    Column("number", Integer, nullable=False, comment="版本序号，自1起连续"),
    Column("in_force_from_date", Date, nullable=False, comment="生效日期"),
    Column("in_force_until_date", Date, comment="失效日期（当日不再有效）；未定为空"),
    Column("content", JsonValue(ItemVersion), nullable=False, comment="版本全文（JSON）"),
    Column("published_at", UTCDateTime, nullable=False, comment="发布时间"),
    UniqueConstraint("item_code", "number", name="uq_item_version_item_code_number"),
    CheckConstraint(
        "in_force_until_date IS NULL OR in_force_until_date > in_force_from_date",
        name="ends_after_begin",
    ),
)

authorisation_letter = Table(
    "authorisation_letter",
    metadata,
    Column("letter", Text, primary_key=True, comment="授权书文号"),
    Column("authority", Text, ForeignKey("authority.unit"), nullable=False, comment="授权机关"),
    Column(
        "window_unit",
        Text,
        ForeignKey("unit.code"),
        nullable=False,
        index=True,
        comment="被授权的综合窗口",
    ),
    Column("signatory", Text, nullable=False, comment="签署人"),
    Column("from_date", Date, nullable=False, comment="生效日期"),
    Column("until_date", Date, nullable=False, comment="失效日期（当日不再有效）"),
    Column(
        "item_powers",
        JsonValue(tuple[ItemPowers, ...]),
        nullable=False,
        comment="各事项的权限（JSON）",
    ),
    Column("scan_sha256", Text, nullable=False, comment="扫描件SHA-256"),
    Column("signed_at", UTCDateTime, nullable=False, comment="签署登记时间"),
    Column(
        "on_the_spot_deciders",
        JsonValue(tuple[str, ...]),
        nullable=False,
        server_default="[]",
        comment="当场决定的人员（JSON）",
    ),
    Column("revision", Integer, nullable=False, comment="修订号"),
    CheckConstraint("until_date > from_date", name="ends_after_begin"),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False, comment="年份"),
    Column("notice", Text, nullable=False, comment="放假安排原文（导入格式）"),
    Column("source", Text, nullable=False, comment="发文依据"),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

work_rules = Table(
    "work_rules",
    metadata,
    Column("kind", Enum(RulesKind, native_enum=False, length=40), primary_key=True, comment="种类"),
    Column("revision", Integer, nullable=False, comment="修订号"),
)

# Rows of this and the next table are only ever added, like those of `item_version`.
rules_version = Table(
    "rules_version",
    metadata,
    Column("rules_version", Text, primary_key=True, comment="版本标识：种类@序号"),
    Column(
        "kind",
        Enum(RulesKind, native_enum=False, length=40),
        ForeignKey("work_rules.kind"),
        nullable=False,
        comment="种类",
    ),
    Column("number", Integer, nullable=False, comment="版本序号，自1起连续"),
    Column("document_number", Text, nullable=False, comment="发文文号"),
    Column("title", Text, nullable=False, comment="名称"),
    Column("from_date", Date, nullable=False, comment="施行日期"),
    Column("text_sha256", Text, nullable=False, comment="正文SHA-256"),
    Column("published_by", Text, nullable=False, comment="发布人"),
    Column("published_at", UTCDateTime, nullable=False, comment="发布时间"),
    UniqueConstraint("kind", "number", name="uq_rules_version_kind_number"),
)

training_record = Table(
    "training_record",
    metadata,
    Column("training", Text, primary_key=True, comment="培训记录标识：人员@序号"),
    Column("person", Text, ForeignKey("officer.person"), nullable=False, comment="受训人员"),
    Column("number", Integer, nullable=False, comment="序号，自1起连续"),
    Column(
        "rules_version",
        Text,
        ForeignKey("rules_version.rules_version"),
        nullable=False,
        comment="所学的一口受理工作制度版本",
    ),
    Column("trained_on", Date, nullable=False, comment="培训日期"),
    Column("until_date", Date, comment="有效期末日的次日；长期有效为空"),
    Column("item_codes", JsonValue(tuple[str, ...]), nullable=False, comment="事项编码（JSON）"),
    Column("recorded_by", Text, nullable=False, comment="登记人"),
    Column("recorded_at", UTCDateTime, nullable=False, comment="登记时间"),
    UniqueConstraint("person", "number", name="uq_training_record_person_number"),
    CheckConstraint("until_date IS NULL OR until_date > trained_on", name="ends_after_begin"),
)


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if list(mappers.mappers):
        return
    for kind, table in (
        (Unit, unit),
        (Authority, authority),
        (Post, post),
        (AuthorisationLetter, authorisation_letter),
        (CalendarYear, calendar_year),
    ):
        map_aggregate(mappers, kind, table)
    mappers.map_imperatively(PublishedVersion, item_version)
    mappers.map_imperatively(Assignment, assignment)
    mappers.map_imperatively(RulesVersion, rules_version)
    mappers.map_imperatively(TrainingRecord, training_record)
    map_aggregate(
        mappers,
        ServiceItem,
        service_item,
        properties={
            "versions": relationship(PublishedVersion, order_by=item_version.c.number),
        },
    )
    map_aggregate(
        mappers,
        Officer,
        officer,
        properties={
            "assignments": relationship(Assignment, order_by=assignment.c.from_date),
            "trainings": relationship(TrainingRecord, order_by=training_record.c.number),
        },
    )
    map_aggregate(
        mappers,
        WorkRules,
        work_rules,
        properties={"versions": relationship(RulesVersion, order_by=rules_version.c.number)},
    )
