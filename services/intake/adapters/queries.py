"""Reads cases; every read is within the caller's reach, and masked for all but the owner."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.orm import Session

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clause
from servicekit.masking import mask_name
from servicekit.paging import Page, page_of
from servicekit.sealed import SealedText
from servicekit.statuses import Say
from services.intake.adapters import views
from services.intake.adapters.calendars import load_calendar
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.orm import applicant, case_file, document, timeline_entry
from services.intake.adapters.unit_of_work import SqlApplicants
from services.intake.domain.case import Case
from services.intake.domain.document import DocumentKind, DocumentState
from services.intake.domain.errors import (
    CaseUnknownError,
    DocumentNotRenderedError,
    DocumentUnknownError,
)
from services.intake.domain.values import CaseState

__all__ = ["IntakeQueries", "OpenBlobs"]

READ_CHUNK = 1 << 20  # bytes
_c = case_file.c
_SCOPE = ScopeColumns(
    person=_c.applicant_person,
    unit=_c.window_unit,
    unit_path=_c.unit_path,
    authority=_c.authority,
)


class OpenBlobs(Protocol):
    """Where files are read."""

    def open(self, sha256: str) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file."""

    chunk: bytes
    size: int


@dataclass(frozen=True, slots=True)
class IntakeQueries:
    """The reads of intake, over one connection each."""

    sealed: SealedText
    names: DocumentNames
    say: Say
    blobs: OpenBlobs

    def case(self, call: Call, connection: Connection, number: str) -> views.CaseView:
        """Return the case as the caller may see it, standing as the law has it now."""
        with Session(bind=connection, autoflush=False) as session:
            found = _within_reach(call, session, number)
            who = SqlApplicants(connection, self.sealed).get(number)
            own = bool(who.person) and who.person == call.caller.person
            standing = found.standing(call.at, load_calendar(connection))
            return views.case_view(found, standing, who, own=own)

    def cases(
        self, call: Call, connection: Connection, state: CaseState | None, size: int, token: str
    ) -> Page[views.CaseSummary]:
        """Return a page of cases within the caller's reach, newest first."""
        query = (
            select(case_file, applicant.c.name_sealed)
            .join(applicant, applicant.c.case_number == _c.number)
            .where(scope_clause(call, _SCOPE))
            .order_by(_c.received_at.desc(), _c.number.desc())
        )
        if state is not None:
            query = query.where(_c.state == state)
        return page_of(
            connection,
            query,
            key=tuple_(_c.received_at, _c.number),
            key_of=lambda row: (row.received_at, row.number),
            view=self._summary,
            page_size=size,
            page_token=token,
            descending=True,
        )

    def timeline(self, call: Call, connection: Connection, number: str) -> list[views.Entry]:
        """Return what happened to the case, oldest first, in sentences."""
        _require_reach(call, connection, number)
        rows = connection.execute(
            select(timeline_entry)
            .where(timeline_entry.c.case_number == number)
            .order_by(timeline_entry.c.happened_at, timeline_entry.c.id)
        )
        return [
            views.Entry(row.happened_at, row.code, self._sentence(row.code, row.facts), row.unit)
            for row in rows
        ]

    def documents(self, call: Call, connection: Connection, number: str) -> list[views.Paper]:
        """Return the documents of the case, in the order they were made."""
        _require_reach(call, connection, number)
        rows = connection.execute(
            select(document).where(document.c.case_number == number).order_by(document.c.ordinal)
        )
        return [views.paper(row, self.names.titles[row.kind]) for row in rows]

    def read_document(
        self, call: Call, connection: Connection, number: str, identity: str, offset: int
    ) -> Piece:
        """Return a piece of a rendered document."""
        _require_reach(call, connection, number)
        row = connection.execute(
            select(document).where(
                document.c.document == identity, document.c.case_number == number
            )
        ).one_or_none()
        if row is None:
            raise DocumentUnknownError("No such document", case=number, document=identity)
        if row.state is DocumentState.DRAFTED or not row.sha256:
            raise DocumentNotRenderedError("Not rendered yet", case=number, document=identity)
        with self.blobs.open(row.sha256) as content:
            content.seek(min(offset, row.size))
            return Piece(content.read(READ_CHUNK), row.size)

    def progress(
        self, call: Call, connection: Connection, number: str, query_code: str
    ) -> views.Progress:
        """Return how far the case is to whoever holds its query code.

        An unknown number and a wrong code are one answer, and take the same time.
        """
        with Session(bind=connection, autoflush=False) as session:
            found = session.get(Case, number)
            expected = found.query_code if found is not None else "-" * len(query_code)
            same = hmac.compare_digest(expected.encode(), query_code.strip().upper().encode())
            if found is None or not same:
                raise CaseUnknownError("No such case and code", case=number)
            standing = found.standing(call.at, load_calendar(connection))
            text = self.say(f"PROGRESS_{standing.state.name}", {})
            return views.Progress(
                item_name=found.item_name,
                state=standing.state,
                receive_time=found.received_at,
                promise_due=standing.promise_due,
                text=text,
            )

    def _summary(self, row: Row[Any]) -> views.CaseSummary:
        name = self.sealed.unseal(row.name_sealed, field="applicant.name")
        return views.CaseSummary(
            case_number=row.number,
            state=row.state,
            item_name=row.item_name,
            applicant_name=mask_name(name),
            receive_time=row.received_at,
            promise_due=views.due_of(row.promise_due_on, provisional=row.promise_due_provisional),
        )

    def _sentence(self, code: str, facts: Mapping[str, str]) -> str:
        said = dict(facts)
        if "kind" in said:
            said["title"] = self.names.titles[DocumentKind[said["kind"]]]
        return self.say(f"TIMELINE_{code}", said)


def _within_reach(call: Call, session: Session, number: str) -> Case:
    found = session.get(Case, number)
    if found is None:
        raise CaseUnknownError(NO_SUCH_THING, case=number)
    authorise(call, found.ownership, missing=CaseUnknownError, case=number)
    return found


def _require_reach(call: Call, connection: Connection, number: str) -> None:
    with Session(bind=connection, autoflush=False) as session:
        _within_reach(call, session, number)
