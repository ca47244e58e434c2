"""How cases are stored. Nothing outside this package knows of tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    event,
)
from sqlalchemy.orm import registry, relationship

from servicekit.database import BigId, UTCDateTime, new_metadata, one_of
from servicekit.kit import kit_tables
from servicekit.mapping import map_aggregate
from servicekit.sealed import SealedColumn
from services.intake.adapters.columns import (
    FactsColumn,
    PersonsColumn,
    TermsColumn,
    about_case,
    counted,
    of_case,
)
from services.intake.adapters.counter_tables import counter_tables
from services.intake.adapters.document_tables import document_tables
from services.intake.adapters.post_acceptance_tables import post_acceptance_tables
from services.intake.adapters.pre_acceptance_tables import pre_acceptance_tables
from services.intake.domain.case import (
    Bundle,
    Case,
    CaseMaterial,
    CountedOriginal,
    Direction,
    Visit,
)
from services.intake.domain.document import Document
from services.intake.domain.records import OpenReason, ServiceMeans
from services.intake.domain.values import (
    ApplicantKind,
    CaseState,
    Channel,
    DecisionOutcome,
    Defect,
    NoticeMeans,
    Recipient,
    ResultDelivery,
    VisitPurpose,
)

__all__ = [
    "SEALED",
    "applicant",
    "back",
    "bundle",
    "calendar_year",
    "case_file",
    "case_material",
    "counted_original",
    "counter",
    "document",
    "document_series",
    "front",
    "mappers",
    "metadata",
    "notice_entry",
    "number_block",
    "start_mappers",
    "tables",
    "timeline_entry",
    "visit",
]

metadata = new_metadata()
mappers = registry(metadata=metadata)
tables = kit_tables(metadata)


case_file = Table(
    "case_file",
    metadata,
    Column("number", Text, primary_key=True, comment="办件编号"),
    Column("revision", Integer, nullable=False, comment="修订号"),
    Column("state", one_of(CaseState), nullable=False, comment="办件状态"),
    Column("terms", TermsColumn, nullable=False, comment="事项版本内容（收件时）"),
    Column("item_code", Text, nullable=False, comment="事项编码"),
    Column("item_version", Text, nullable=False, comment="事项版本"),
    Column("item_name", Text, nullable=False, comment="事项名称"),
    Column("authority", Text, nullable=False, comment="决定机关"),
    Column("window_unit", Text, nullable=False, comment="收件窗口"),
    Column("window_name", Text, nullable=False, comment="收件窗口名称"),
    Column("unit_path", Text, nullable=False, comment="窗口路径"),
    Column("channel", one_of(Channel), nullable=False, comment="申请渠道"),
    Column("result_delivery", one_of(ResultDelivery), nullable=False, comment="结果领取方式"),
    Column("summary", Text, nullable=False, comment="办理摘要"),
    Column("applicant_person", Text, nullable=False, comment="申请人账户，可为空串"),
    Column("applicant_kind", one_of(ApplicantKind), nullable=False, comment="申请人类型"),
    Column("query_code", Text, nullable=False, comment="查询码"),
    Column("received_at", UTCDateTime, nullable=False, comment="收到申请材料时间"),
    Column("received_by", Text, nullable=False, comment="收件人员"),
    Column("notice_due_on", Date, nullable=False, comment="一次性告知期限"),
    Column("notice_due_provisional", Boolean, nullable=False, comment="告知期限为暂定"),
    Column("silence_accepts", Boolean, nullable=False, comment="逾期不告知视为受理"),
    Column("assistance", Text, nullable=False, index=True, comment="代办编号；非代办为空串"),
    Column("out_of_force", Boolean, nullable=False, comment="事项已停止施行"),
    Column("incompetent", Boolean, nullable=False, comment="收件窗口无受理权限，待转办"),
    Column("electronic_service_consent", Boolean, nullable=False, comment="同意电子送达"),
    Column("writer_unit", Text, nullable=False, comment="当前可写站点"),
    Column("writer_epoch", BigInteger, nullable=False, comment="可写站点届次"),
    Column("front_persons", PersonsColumn, nullable=False, comment="前台经手人员"),
    Column("noticed_at", UTCDateTime, comment="一次性告知时间"),
    Column("noticed_by", Text, nullable=False, comment="告知人员"),
    Column("notice_proof", Text, nullable=False, comment="告知凭证：短信标识或邮件号；签收为空串"),
    Column("corrected_at", UTCDateTime, comment="全部补正时间；未补齐为空"),
    Column("unconfirmed_at", UTCDateTime, comment="记录逾期未确认补正的时间"),
    Column("turned_at", UTCDateTime, comment="即办件转承诺件时间"),
    Column("turned_by", Text, nullable=False, comment="即办件转承诺件人员；未转为空串"),
    Column("filed_at", UTCDateTime, comment="备案时间"),
    Column("notice_means", one_of(NoticeMeans), comment="告知方式"),
    Column("accepted_at", UTCDateTime, comment="受理时间"),
    Column("completed_at", UTCDateTime, comment="材料补齐时间"),
    Column("accepted_by", Text, nullable=False, comment="受理人员"),
    Column("deemed_accepted", Boolean, nullable=False, comment="视为受理"),
    Column("statutory_due_on", Date, comment="法定期限届满日"),
    Column("statutory_due_provisional", Boolean, nullable=False, comment="法定期限为暂定"),
    Column("promise_due_on", Date, comment="承诺期限届满日"),
    Column("promise_due_provisional", Boolean, nullable=False, comment="承诺期限为暂定"),
    Column("decided_at", UTCDateTime, comment="决定时间"),
    Column("decider", Text, nullable=False, comment="决定人员"),
    Column("outcome", one_of(DecisionOutcome), nullable=False, comment="决定结果"),
    Column("certificate_number", Text, nullable=False, comment="证照编号"),
    Column("handed_out_at", UTCDateTime, comment="发证时间"),
    Column("handed_out_by", Text, nullable=False, comment="发证人员"),
    Column("recipient", one_of(Recipient), comment="签收人身份"),
    Column("mandate", Text, nullable=False, comment="委托书编号"),
    Column("served_at", UTCDateTime, comment="送达时间"),
    Column("service_means", one_of(ServiceMeans), comment="送达方式"),
    Column("service_open", one_of(OpenReason), comment="送达未完成原因"),
    Column("announced_at", UTCDateTime, comment="公告时间"),
    Column("announced_until", Date, comment="公告期届满日"),
    CheckConstraint("noticed_at >= received_at", name="notice_after_receipt"),
    CheckConstraint("accepted_at >= received_at", name="acceptance_after_receipt"),
    CheckConstraint("(accepted_at IS NULL) = (promise_due_on IS NULL)", name="accepted_with_dates"),
    CheckConstraint("promise_due_on <= statutory_due_on", name="promise_within_law"),
    CheckConstraint("NOT deemed_accepted OR noticed_at IS NULL", name="deemed_without_notice"),
    CheckConstraint("NOT deemed_accepted OR silence_accepts", name="deemed_where_law_says"),
    CheckConstraint("decided_at IS NULL OR accepted_at IS NOT NULL", name="decided_once_accepted"),
    CheckConstraint("handed_out_at IS NULL OR decided_at IS NOT NULL", name="handed_out_decided"),
    CheckConstraint("filed_at >= received_at", name="filed_after_receipt"),
    CheckConstraint("filed_at IS NULL OR accepted_at IS NULL", name="filing_never_accepted"),
    Index("ix_case_file_received_at_number", "received_at", "number"),
    # Lists: the cases of a window, an authority or a person, newest first, also of one state.
    Index("ix_case_file_window_unit_received_at_number", "window_unit", "received_at", "number"),
    Index(
        "ix_case_file_window_unit_state_received_at_number",
        "window_unit",
        "state",
        "received_at",
        "number",
    ),
    Index("ix_case_file_authority_received_at_number", "authority", "received_at", "number"),
    Index(
        "ix_case_file_authority_state_received_at_number",
        "authority",
        "state",
        "received_at",
        "number",
    ),
    Index(
        "ix_case_file_applicant_person_received_at_number",
        "applicant_person",
        "received_at",
        "number",
    ),
    Index(
        "ix_case_file_unit_path", "unit_path", postgresql_ops={"unit_path": "text_pattern_ops"}
    ),  # for LIKE, whatever the collation
    Index("ix_case_file_state_notice_due_on", "state", "notice_due_on"),
)

case_material = Table(
    "case_material",
    metadata,
    of_case(),
    Column("material_code", Text, primary_key=True, comment="材料编码"),
    Column("ordinal", Integer, nullable=False, comment="次序"),
    Column("name", Text, nullable=False, comment="材料名称"),
    Column("sharing_source", Text, nullable=False, comment="共享来源；非共享为空串"),
    Column("demanded", Boolean, nullable=False, comment="受理前必须提交"),
    Column("defect", one_of(Defect), nullable=False, comment="缺陷"),
    Column("sha256", Text, nullable=False, index=True, comment="文件摘要；无文件为空串"),
    Column("paper_pieces", Integer, nullable=False, comment="纸质件数"),
    Column("copies", Integer, comment="其中复印件件数；未清点为空"),
    Column("pages", Integer, comment="页数合计；未清点为空"),
    Column("arrived_at", UTCDateTime, comment="合格材料收到时间"),
    Column("cured_at", UTCDateTime, comment="补正时间"),
    Column("corrected_at", UTCDateTime, comment="告知后最近一次提交时间"),
    CheckConstraint("sharing_source = '' OR defect = 'UNSPECIFIED'", name="shared_never_defective"),
    CheckConstraint("paper_pieces >= 0", name="pieces_not_negative"),
)

front = pre_acceptance_tables(metadata)
notice_entry = front.notice_entry

bundle = Table(
    "bundle",
    metadata,
    of_case(),
    Column("direction", one_of(Direction), primary_key=True, comment="方向"),
    Column("ordinal", Integer, primary_key=True, autoincrement=False, comment="该方向第几包"),
    Column("bag", Text, nullable=False, comment="封袋号"),
    Column("pieces", Integer, nullable=False, comment="件数"),
    Column("document", Text, nullable=False, comment="物料交接单"),
    Column("sent_at", UTCDateTime, nullable=False, comment="移交时间"),
    Column("sent_by", Text, nullable=False, comment="移交人员"),
    Column("sent_from", Text, nullable=False, comment="移交单位"),
    Column("authority", Text, nullable=False, comment="结果所属机关；移交部门为空串"),
    Column("received_at", UTCDateTime, comment="接收时间"),
    Column("received_by", Text, nullable=False, comment="接收人员；未接收为空串"),
    Column("received_in", Text, nullable=False, comment="接收单位；未接收为空串"),
    Column("lost_at", UTCDateTime, comment="报失时间"),
    Column("lost_reported_by", Text, nullable=False, comment="报失人员；未遗失为空串"),
    Column("lost_account", Text, nullable=False, comment="遗失说明；未遗失为空串"),
    Column("overdue_told_at", UTCDateTime, comment="逾期未签收告警时间"),
    CheckConstraint("received_by <> sent_by", name="signed_by_two"),
    CheckConstraint("received_at >= sent_at", name="received_after_sent"),
    CheckConstraint("lost_at IS NULL OR received_at IS NULL", name="lost_or_received"),
)

counted_original = Table(
    "counted_original",
    metadata,
    of_case(),
    Column("shipment", Text, primary_key=True, comment="寄件标识"),
    Column("material_code", Text, primary_key=True, comment="材料编码"),
    Column("paper_pieces", Integer, nullable=False, comment="清点件数"),
    Column("counted_at", UTCDateTime, nullable=False, comment="清点时间"),
    Column("counted_by", Text, nullable=False, comment="清点人员"),
    Column("second_person", Text, nullable=False, comment="第二清点人员"),
    CheckConstraint("counted_by <> second_person", name="counted_by_two"),
)

papers = document_tables(metadata)
document, document_series = papers.document, papers.series

visit = Table(
    "visit",
    metadata,
    of_case(),
    counted("ordinal", "第几次到厅"),
    Column("purpose", one_of(VisitPurpose), nullable=False, comment="事由"),
    Column("visited_at", UTCDateTime, nullable=False, comment="到厅时间"),
    Column("unit", Text, nullable=False, comment="到访单位"),
)

timeline_entry = Table(
    "timeline_entry",
    metadata,
    Column("id", BigId, Identity(always=True), primary_key=True, comment="写入次序"),
    about_case(),
    Column("happened_at", UTCDateTime, nullable=False, comment="发生时间"),
    Column("code", Text, nullable=False, comment="事项代码"),
    Column("facts", FactsColumn, nullable=False, comment="事实（JSON，不含个人信息）"),
    Column("unit", Text, nullable=False, comment="发生单位"),
)

applicant = Table(
    "applicant",
    metadata,
    of_case(),
    Column("person", Text, nullable=False, comment="申请人账户，可为空串"),
    Column("kind", one_of(ApplicantKind), nullable=False, comment="申请人类型"),
    Column("name_sealed", Text, nullable=False, comment="姓名或名称（加密）"),
    Column("identity_sealed", Text, nullable=False, comment="证件号码（加密）"),
    Column("identity_index", Text, nullable=False, index=True, comment="证件号码检索值"),
    Column("phone_sealed", Text, nullable=False, comment="电话（加密）"),
    Column("address_sealed", Text, nullable=False, comment="送达地址（加密）"),
    Column("signed_for_sealed", Text, comment="签收人姓名（加密）"),
    Column("service_account_sealed", Text, comment="留置、公告或确认的经过（加密）"),
)

counter = counter_tables(metadata)

# What `rotate` seals anew when a key is replaced.
SEALED = {
    **counter.sealed,
    applicant: (
        SealedColumn("name_sealed", "applicant.name"),
        SealedColumn("identity_sealed", "applicant.identity", "identity_index"),
        SealedColumn("phone_sealed", "applicant.phone"),
        SealedColumn("address_sealed", "applicant.address"),
        SealedColumn("signed_for_sealed", "applicant.signed_for"),
        SealedColumn("service_account_sealed", "applicant.service_account"),
    ),
}

number_block = Table(
    "number_block",
    metadata,
    Column("site", Text, primary_key=True, comment="受理点"),
    Column("day", Date, primary_key=True, comment="日期"),
    Column("next_ordinal", Integer, nullable=False, comment="下一个号段的起号"),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False, comment="年份"),
    Column("notice", Text, nullable=False, comment="放假安排（导入格式）"),
    Column("source", Text, nullable=False, comment="发文字号"),
    Column("imported_at", UTCDateTime, nullable=False, comment="导入时间"),
)

back = post_acceptance_tables(metadata)


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if list(mappers.mappers):
        return
    parts: dict[str, tuple[type[Any], Table, Any]] = {
        "materials": (CaseMaterial, case_material, case_material.c.ordinal),
        "bundles": (Bundle, bundle, bundle.c.sent_at),
        "originals": (CountedOriginal, counted_original, counted_original.c.counted_at),
        "documents": (Document, document, document.c.ordinal),
        "visits": (Visit, visit, visit.c.ordinal),
        **front.parts,
        **back.parts,
    }
    for kind, table, _ in parts.values():
        mappers.map_imperatively(kind, table)
    map_aggregate(
        mappers,
        Case,
        case_file,
        properties={
            name: relationship(kind, order_by=order, cascade="all, delete-orphan")
            for name, (kind, _, order) in parts.items()
        },
    )
    event.listen(Case, "load", _start_afresh)


def _start_afresh(case: Case, _context: object) -> None:
    case.to_print, case.told = [], []
