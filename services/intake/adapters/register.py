"""Reads the register of numbers (文号), and files by pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection, Row, func, select, tuple_

from servicekit.calls import Call, authorise
from servicekit.events import Ownership
from servicekit.paging import Page, page_of
from services.intake.adapters.orm import document
from services.intake.domain.document import DocumentKind, DocumentState

__all__ = ["DocumentRegister", "Piece", "RegisterEntry", "with_gaps"]

READ_CHUNK = 1 << 20  # bytes
_d = document.c
_KEY = tuple_(_d.series_site, _d.series_ordinal)


class OpenBlobs(Protocol):
    """Where files are read."""

    def open(self, sha256: str) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file."""

    chunk: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One number of a series; without a document only where one vanished, which is a fault."""

    site: str
    ordinal: int
    document_number: str = ""
    document: str = ""
    case_number: str = ""
    state: DocumentState | None = None
    draft_time: datetime | None = None
    issue_time: datetime | None = None
    void_time: datetime | None = None
    void_reason: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRegister:
    """The numbers that an authority used, voided ones included; nothing personal."""

    blobs: OpenBlobs

    def entries(
        self,
        call: Call,
        connection: Connection,
        series: tuple[str, str, int],
        size: int,
        token: str,
    ) -> Page[RegisterEntry]:
        """Return a page of the series of an authority, a kind and a year, ascending.

        Source: readings 12.
        """
        authority, kind, year = series
        authorise(call, Ownership(authority=authority), authority=authority)
        of_series = (
            _d.authority == authority,
            _d.kind == DocumentKind.__members__.get(kind),
            _d.series_year == year,
            _d.series_ordinal.is_not(None),
        )
        page = page_of(
            connection,
            select(document).where(*of_series).order_by(_d.series_site, _d.series_ordinal),
            key=_KEY,
            key_of=lambda row: (row.series_site, row.series_ordinal),
            view=_entry,
            page_size=size,
            page_token=token,
        )
        if not page.items:
            return page
        first = page.items[0]
        ahead = select(func.max(_d.series_ordinal)).where(
            *of_series, _d.series_site == first.site, _d.series_ordinal < first.ordinal
        )
        before = connection.execute(ahead).scalar() or 0
        return replace(page, items=tuple(with_gaps(page.items, before=before)))

    def piece(self, sha256: str, offset: int) -> Piece:
        """Return a piece of a file; who may read it was asked before."""
        with self.blobs.open(sha256) as content:
            size = content.seek(0, 2)
            content.seek(min(offset, size))
            return Piece(content.read(READ_CHUNK), size)


def with_gaps(entries: Iterable[RegisterEntry], *, before: int) -> Iterator[RegisterEntry]:
    """Yield the entries with a place for each number that no document bears.

    Numbers are taken in the transaction that drafts, so there should be none.
    `before` is the last number of the site ahead of the first entry.

    Source: readings 12.
    """
    site: str | None = None
    last = before
    for entry in entries:
        if site is not None and entry.site != site:
            last = 0
        site = entry.site
        for missing in range(last + 1, entry.ordinal):
            yield RegisterEntry(site=site, ordinal=missing)
        yield entry
        last = entry.ordinal


def _entry(row: Row[Any]) -> RegisterEntry:
    return RegisterEntry(
        site=row.series_site,
        ordinal=row.series_ordinal,
        document_number=row.number,
        document=row.document,
        case_number=row.case_number,
        state=row.state,
        draft_time=row.drafted_at,
        issue_time=row.issued_at,
        void_time=row.voided_at,
        void_reason=row.void_reason,
    )
