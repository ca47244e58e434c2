"""Reads cases; every read is within the caller's reach, and masked for all but the owner."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, select, tuple_
from sqlalchemy.orm import Session

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clauses
from servicekit.mapping import reading, settle_empty_parts
from servicekit.masking import mask_name
from servicekit.paging import Page, page_of
from servicekit.sealed import SealedText
from servicekit.statuses import Say
from services.intake.adapters import orm, views
from services.intake.adapters.calendars import load_calendar
from services.intake.adapters.counter_views import CounterView, at_the_counter
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.imports import SqlImports
from services.intake.adapters.mergers import of_a_predecessor, predecessors
from services.intake.adapters.orm import applicant, case_file, document, timeline_entry
from services.intake.adapters.post_acceptance_tables import LEAD
from services.intake.adapters.post_acceptance_views import AfterAcceptanceView, after_acceptance
from services.intake.adapters.unit_of_work import SqlApplicants
from services.intake.domain import pre_acceptance_rules
from services.intake.domain.case import Case
from services.intake.domain.document import DocumentKind, DocumentState
from services.intake.domain.errors import (
    CaseUnknownError,
    DocumentNotRenderedError,
    DocumentUnknownError,
)
from services.intake.domain.item_terms import ItemTerms
from services.intake.domain.values import CaseState
from workdays import WorkCalendar

__all__ = ["IntakeQueries", "OpenBlobs"]

READ_CHUNK = 1 << 20  # bytes
_c = case_file.c
_SCOPE = ScopeColumns(
    person=_c.applicant_person,
    unit=_c.window_unit,
    unit_path=_c.unit_path,
    authority=_c.authority,
    takes_part=lambda authority: exists().where(
        orm.back.case_decision.c.case_number == _c.number,
        orm.back.case_decision.c.authority == authority,
        orm.back.case_decision.c.ordinal > LEAD,  # the lead's own cases are its already
    ),
)

_DOCUMENTS = (
    select(document).where(document.c.case_number == bindparam("key")).order_by(document.c.ordinal)
)
_TIMELINE = (
    select(timeline_entry)
    .where(timeline_entry.c.case_number == bindparam("key"))
    .order_by(timeline_entry.c.happened_at, timeline_entry.c.id)
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

    def case(
        self, call: Call, connection: Connection, number: str
    ) -> tuple[views.CaseView, AfterAcceptanceView, CounterView]:
        """Return the case as the caller may see it, standing as the law has it now."""
        with Session(bind=connection, autoflush=False) as session:
            found = _within_reach(call, session, number)
            settle_empty_parts(session, found)
            who = SqlApplicants(connection, self.sealed).get(number)
            own = bool(who.person) and who.person == call.caller.person
            calendar = load_calendar(connection)
            standing = found.standing(call.at, calendar)
            view = views.case_view(found, standing, who, own=own)
            imported = SqlImports(connection).number_of(number)
            counter = at_the_counter(found, call.at, calendar, imported)
            return view, after_acceptance(found, call.at, calendar), counter

    def cases(
        self, call: Call, connection: Connection, state: CaseState | None, size: int, token: str
    ) -> Page[views.CaseSummary]:
        """Return a page of cases within the caller's reach, newest first."""
        query = (
            select(case_file, applicant.c.name_sealed)
            .join(applicant, applicant.c.case_number == _c.number)
            .order_by(_c.received_at.desc(), _c.number.desc())
        )
        if state is not None:
            query = query.where(_c.state == state)
        calendar = load_calendar(connection)
        return page_of(
            connection,
            query,
            key=tuple_(_c.received_at, _c.number),
            key_of=lambda row: (row.received_at, row.number),
            view=lambda row: self._summary(row, call.at, calendar),
            page_size=size,
            page_token=token,
            descending=True,
            among=_reach(call, connection),
        )

    def timeline(self, call: Call, connection: Connection, number: str) -> list[views.Entry]:
        """Return what happened to the case, oldest first, in sentences."""
        terms = _require_reach(call, connection, number)
        rows = connection.execute(_TIMELINE, {"key": number})
        return [
            views.Entry(
                row.happened_at, row.code, self._sentence(row.code, row.facts, terms), row.unit
            )
            for row in rows
        ]

    def documents(self, call: Call, connection: Connection, number: str) -> list[views.Paper]:
        """Return the documents of the case, in the order they were made."""
        terms = _require_reach(call, connection, number)
        rows = connection.execute(_DOCUMENTS, {"key": number})
        return [views.paper(row, self.names.title(row.kind, terms)) for row in rows]

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
            found = _find(session, number)
            expected = found.query_code if found is not None else "-" * len(query_code)
            same = hmac.compare_digest(expected.encode(), query_code.strip().upper().encode())
            if found is None or not same:
                raise CaseUnknownError("No such case and code", case=number)
            settle_empty_parts(session, found)
            standing = found.standing(call.at, load_calendar(connection))
            text = self.say(f"PROGRESS_{standing.state.name}", {})
            return views.Progress(
                item_name=found.item_name,
                state=standing.state,
                receive_time=found.received_at,
                promise_due=standing.promise_due,
                text=text,
            )

    def _summary(self, row: Row[Any], at: datetime, calendar: WorkCalendar) -> views.CaseSummary:
        waits = row.state is CaseState.RECEIVED and row.corrected_at is not None
        name = self.sealed.unseal(row.name_sealed, field="applicant.name")
        return views.CaseSummary(
            case_number=row.number,
            state=row.state,
            item_name=row.item_name,
            applicant_name=mask_name(name),
            receive_time=row.received_at,
            promise_due=views.due_of(row.promise_due_on, provisional=row.promise_due_provisional),
            correction_unconfirmed=waits
            and at >= pre_acceptance_rules.confirmation_due(row.corrected_at, calendar).at,
        )

    def _sentence(self, code: str, facts: Mapping[str, str], terms: ItemTerms) -> str:
        said = dict(facts)
        if "kind" in said:
            said["title"] = self.names.title(DocumentKind[said["kind"]], terms)
        return self.say(f"TIMELINE_{code}", said)


def _reach(call: Call, connection: Connection) -> list[ColumnElement[bool]]:
    """Return the conditions of which one holds for each case within the caller's reach.

    Windows that were merged into the caller's are few, and mostly none: they are asked for
    first, so that the cases of each are found by an index as the caller's own are.
    """
    merged = [_c.window_unit == unit for unit in sorted(predecessors(call, connection))]
    return [*scope_clauses(call, _SCOPE), *merged]


def _find(session: Session, number: str) -> Case | None:
    return session.scalars(reading(Case), {"key": number}).one_or_none()


def _within_reach(call: Call, session: Session, number: str) -> Case:
    found = _find(session, number)
    if found is None:
        raise CaseUnknownError(NO_SUCH_THING, case=number)
    if not _is_of_a_predecessor(call, session, number):
        authorise(call, found.ownership, missing=CaseUnknownError, case=number)
    return found


def _is_of_a_predecessor(call: Call, session: Session, number: str) -> bool:
    """Tell whether the case is that of a window that was merged into the caller's (readings 6)."""
    merged = of_a_predecessor(call)
    if merged is None:
        return False
    found = select(_c.number).where(_c.number == number, merged)
    return session.execute(found).one_or_none() is not None


def _require_reach(call: Call, connection: Connection, number: str) -> ItemTerms:
    """Return the version under which the case is handled, to whom the case may be shown."""
    with Session(bind=connection, autoflush=False) as session:
        return _within_reach(call, session, number).terms
