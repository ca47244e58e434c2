"""How carried requests, questions, imported applications and the exchange are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from servicekit.database import UTCDateTime, one_of
from servicekit.sealed import SealedColumn
from services.intake.adapters.columns import TermsColumn
from services.intake.domain.assistance import AssistanceState
from services.intake.domain.values import ApplicantKind, ResultDelivery

__all__ = ["CounterTables", "counter_tables"]


@dataclass(frozen=True, slots=True)
class CounterTables:
    """The tables, each with what it keeps."""

    assistance: Table
    carried_material: Table
    assisted_person: Table
    enquiry: Table
    enquirer: Table
    imported_application: Table
    exchange_row: Table
    exchange_batch: Table
    window_merger: Table

    @property
    def sealed(self) -> Mapping[Table, tuple[SealedColumn, ...]]:
        """What `rotate` seals anew when a key is replaced."""
        return {
            self.assisted_person: (
                SealedColumn("name_sealed", "assisted.name"),
                SealedColumn("identity_sealed", "assisted.identity"),
                SealedColumn("phone_sealed", "assisted.phone"),
                SealedColumn("address_sealed", "assisted.address"),
                SealedColumn("agent_sealed", "assisted.agent"),
            ),
            self.enquirer: (
                SealedColumn("name_sealed", "enquirer.name"),
                SealedColumn("phone_sealed", "enquirer.phone"),
            ),
        }


def counter_tables(metadata: MetaData) -> CounterTables:
    """Add the tables to the metadata of intake."""
    return CounterTables(
        assistance=_assistance(metadata),
        carried_material=_carried_material(metadata),
        assisted_person=_assisted_person(metadata),
        enquiry=_enquiry(metadata),
        enquirer=_enquirer(metadata),
        imported_application=_imported_application(metadata),
        exchange_row=_exchange_row(metadata),
        exchange_batch=_exchange_batch(metadata),
        window_merger=_window_merger(metadata),
    )


def _of_assistance() -> Column[str]:
    return Column(
        "assistance", Text, ForeignKey("assistance.number"), primary_key=True, comment="代办编号"
    )


def _assistance(metadata: MetaData) -> Table:
    return Table(
        "assistance",
        metadata,
        Column("number", Text, primary_key=True, comment="代办编号"),
        Column("revision", Integer, nullable=False, comment="修订号"),
        Column("state", one_of(AssistanceState), nullable=False, comment="代办状态"),
        Column("village_post", Text, nullable=False, index=True, comment="村级代办点"),
        Column("unit_path", Text, nullable=False, comment="代办点路径"),
        Column("terms", TermsColumn, nullable=False, comment="事项版本内容（接件时）"),
        Column("item_code", Text, nullable=False, comment="事项编码"),
        Column(
            "applicant_person", Text, nullable=False, index=True, comment="申请人账户，可为空串"
        ),
        Column("applicant_kind", one_of(ApplicantKind), nullable=False, comment="申请人类型"),
        Column("result_delivery", one_of(ResultDelivery), nullable=False, comment="结果领取方式"),
        Column("summary", Text, nullable=False, comment="办理摘要"),
        Column("mandate_sha256", Text, nullable=False, index=True, comment="代办委托书扫描件摘要"),
        Column("mandate_scope", Text, nullable=False, comment="委托事项"),
        Column("may_collect", Boolean, nullable=False, comment="可以代领"),
        Column("taken_at", UTCDateTime, nullable=False, comment="接件时间"),
        Column("taken_by", Text, nullable=False, comment="接件人员"),
        Column("pass_on_due_on", Date, nullable=False, comment="转办期限"),
        Column("pass_on_due_provisional", Boolean, nullable=False, comment="转办期限为暂定"),
        Column("to_unit", Text, nullable=False, index=True, comment="转往窗口；未转办为空串"),
        Column("passed_on_at", UTCDateTime, comment="转办时间"),
        Column("passed_on_by", Text, nullable=False, comment="转办人员；未转办为空串"),
        Column("received_at", UTCDateTime, comment="窗口签收时间"),
        Column("received_by", Text, nullable=False, comment="窗口签收人员；未签收为空串"),
        Column("case_number", Text, nullable=False, index=True, comment="办件编号；未成办件为空串"),
        Column("overdue_told_at", UTCDateTime, comment="转办逾期告警时间"),
        Column(
            "slip_sha256", Text, nullable=False, index=True, comment="代办接件单摘要；未排版为空串"
        ),
        Column("slip_size", BigInteger, nullable=False, comment="代办接件单字节数"),
        CheckConstraint("passed_on_at >= taken_at", name="passed_on_after_taken"),
        CheckConstraint("received_at >= passed_on_at", name="received_after_passed_on"),
        CheckConstraint("mandate_sha256 <> ''", name="mandated"),
        Index("ix_assistance_taken_at_number", "taken_at", "number"),
    )


def _carried_material(metadata: MetaData) -> Table:
    return Table(
        "carried_material",
        metadata,
        _of_assistance(),
        Column("ordinal", Integer, primary_key=True, autoincrement=False, comment="次序"),
        Column("material_code", Text, nullable=False, comment="材料编码"),
        Column("name", Text, nullable=False, comment="材料名称"),
        Column("sha256", Text, nullable=False, index=True, comment="文件摘要；无文件为空串"),
        Column("paper_pieces", Integer, nullable=False, comment="纸质件数"),
        CheckConstraint("paper_pieces >= 0", name="pieces_not_negative"),
    )


def _assisted_person(metadata: MetaData) -> Table:
    return Table(
        "assisted_person",
        metadata,
        _of_assistance(),
        Column("person", Text, nullable=False, comment="申请人账户，可为空串"),
        Column("kind", one_of(ApplicantKind), nullable=False, comment="申请人类型"),
        Column("name_sealed", Text, nullable=False, comment="姓名或名称（加密）"),
        Column("identity_sealed", Text, nullable=False, comment="证件号码（加密）"),
        Column("phone_sealed", Text, nullable=False, comment="电话（加密）"),
        Column("address_sealed", Text, nullable=False, comment="送达地址（加密）"),
        Column("agent_sealed", Text, nullable=False, comment="委托书所列代办人（加密）"),
    )


def _enquiry(metadata: MetaData) -> Table:
    return Table(
        "enquiry",
        metadata,
        Column("number", Text, primary_key=True, comment="首问编号"),
        Column("revision", Integer, nullable=False, comment="修订号"),
        Column("question", Text, nullable=False, comment="所问事项"),
        Column("case_number", Text, nullable=False, comment="办件编号；无为空串"),
        Column("asked_at", UTCDateTime, nullable=False, comment="询问时间"),
        Column("first_owner", Text, nullable=False, comment="首问责任人"),
        Column("first_unit", Text, nullable=False, comment="首问单位"),
        Column("owner", Text, nullable=False, comment="当前责任人"),
        Column("unit", Text, nullable=False, index=True, comment="当前责任单位"),
        Column("unit_path", Text, nullable=False, comment="当前责任单位路径"),
        Column("to_unit", Text, nullable=False, index=True, comment="移交单位；未移交为空串"),
        Column("handed_over_at", UTCDateTime, comment="移交时间"),
        Column("answered_at", UTCDateTime, comment="答复时间"),
        Column("answered_by", Text, nullable=False, comment="答复人员；未答复为空串"),
        Column("answer", Text, nullable=False, comment="答复内容；未答复为空串"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="closed_with_an_answer"),
        Index("ix_enquiry_asked_at_number", "asked_at", "number"),
    )


def _enquirer(metadata: MetaData) -> Table:
    return Table(
        "enquirer",
        metadata,
        Column("enquiry", Text, ForeignKey("enquiry.number"), primary_key=True, comment="首问编号"),
        Column("name_sealed", Text, nullable=False, comment="询问人姓名（加密）"),
        Column("phone_sealed", Text, nullable=False, comment="询问人电话（加密）"),
    )


def _imported_application(metadata: MetaData) -> Table:
    return Table(
        "imported_application",
        metadata,
        Column("exchange_number", Text, primary_key=True, comment="交换编号"),
        Column(
            "case_number",
            Text,
            ForeignKey("case_file.number"),
            nullable=False,
            unique=True,
            comment="办件编号",
        ),
        Column("submitted_at", UTCDateTime, nullable=False, comment="省网提交时间"),
        Column("digest", Text, nullable=False, comment="申请内容摘要"),
    )


def _exchange_row(metadata: MetaData) -> Table:
    return Table(
        "exchange_row",
        metadata,
        Column("exchange_table", Text, primary_key=True, comment="交换表名"),
        Column("guid", Text, primary_key=True, comment="行标识"),
        Column("case_number", Text, nullable=False, index=True, comment="办件编号"),
        Column("digest", Text, nullable=False, comment="已报送内容摘要"),
    )


def _exchange_batch(metadata: MetaData) -> Table:
    return Table(
        "exchange_batch",
        metadata,
        Column("name", Text, primary_key=True, comment="报送方向"),
        Column("last", BigInteger, nullable=False, comment="最后批次号"),
    )


def _window_merger(metadata: MetaData) -> Table:
    return Table(
        "window_merger",
        metadata,
        Column("window_unit", Text, primary_key=True, comment="被合并窗口"),
        Column("successor", Text, nullable=False, index=True, comment="继任窗口"),
        Column("from_on", Date, nullable=False, comment="合并生效日"),
        Column("followed_at", UTCDateTime, comment="未受理办件转入继任窗口的时间"),
    )
