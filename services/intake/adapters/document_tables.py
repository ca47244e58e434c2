"""How the documents of a case are stored, and the series that number them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from servicekit.database import UTCDateTime, one_of
from services.intake.adapters.columns import about_case
from services.intake.domain.document import DocumentKind, DocumentState, SealKind

__all__ = ["DocumentTables", "document_tables"]


@dataclass(frozen=True, slots=True)
class DocumentTables:
    """The tables, each with what it keeps."""

    document: Table
    series: Table


def document_tables(metadata: MetaData) -> DocumentTables:
    """Add the tables to the metadata of intake."""
    return DocumentTables(document=_document(metadata), series=_document_series(metadata))


def _document(metadata: MetaData) -> Table:
    return Table(
        "document",
        metadata,
        Column("document", Text, primary_key=True, comment="文书标识"),
        about_case(),
        Column("ordinal", Integer, nullable=False, comment="次序"),
        Column("kind", one_of(DocumentKind), nullable=False, comment="文书种类"),
        Column("state", one_of(DocumentState), nullable=False, comment="文书状态"),
        Column("authority", Text, nullable=False, comment="制发机关"),
        Column("drafted_at", UTCDateTime, nullable=False, comment="拟制时间"),
        Column("drafted_by", Text, nullable=False, comment="拟制人员"),
        Column("signer", Text, nullable=False, comment="签发人员；任一有权岗位为空串"),
        Column("signed_through", Boolean, nullable=False, comment="各方签字齐备"),
        Column("rendering", Integer, nullable=False, comment="排版版次"),
        Column("series_year", Integer, comment="文号年份"),
        Column("series_site", Text, comment="文号受理点"),
        Column("series_ordinal", Integer, comment="文号序号"),
        Column("number", Text, nullable=False, comment="文号；无文号为空串"),
        Column("sha256", Text, nullable=False, index=True, comment="文件摘要；未排版为空串"),
        Column("size", BigInteger, nullable=False, comment="文件字节数"),
        Column("rendered_at", UTCDateTime, comment="排版时间"),
        Column("seal", Text, nullable=False, comment="印章标识；未用印为空串"),
        Column("seal_kind", one_of(SealKind), nullable=False, comment="印章种类"),
        Column("seal_certified", Boolean, nullable=False, comment="可靠电子签章"),
        Column("sealed_by", Text, nullable=False, comment="用印人员"),
        Column("scan_sha256", Text, nullable=False, comment="盖章件扫描件摘要"),
        Column("issued_at", UTCDateTime, comment="出具时间"),
        Column("served_at", UTCDateTime, comment="送达时间"),
        Column("voided_at", UTCDateTime, comment="作废时间"),
        Column("void_reason", Text, nullable=False, comment="作废原因；有效为空串"),
        UniqueConstraint("case_number", "ordinal"),
        UniqueConstraint("authority", "kind", "series_year", "series_site", "series_ordinal"),
        CheckConstraint("(series_ordinal IS NULL) = (number = '')", name="numbered_whole"),
        CheckConstraint(
            "state NOT IN ('ISSUED', 'SERVED') OR issued_at IS NOT NULL", name="issued_with_instant"
        ),
    )


def _document_series(metadata: MetaData) -> Table:
    return Table(
        "document_series",
        metadata,
        Column("authority", Text, primary_key=True, comment="制发机关"),
        Column("kind", Text, primary_key=True, comment="文书种类"),
        Column("year", Integer, primary_key=True, autoincrement=False, comment="年份"),
        Column("site", Text, primary_key=True, comment="受理点"),
        Column("last_ordinal", Integer, nullable=False, comment="最后一个序号"),
    )
