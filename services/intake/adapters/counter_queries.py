"""Reads carried requests and questions, each within the caller's reach, names masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, tuple_

from servicekit.calls import (
    NO_SUCH_THING,
    Call,
    OutOfScopeError,
    Scope,
    ScopeColumns,
    scope_clause,
)
from servicekit.masking import mask_name
from servicekit.paging import Page, page_of
from servicekit.sealed import SealedText
from services.intake.adapters.orm_counter import (
    assistance,
    assisted_person,
    carried_material,
    enquirer,
    enquiry,
)
from services.intake.adapters.queries import READ_CHUNK, OpenBlobs, Piece
from services.intake.domain.assistance import AssistanceState
from services.intake.domain.counter_errors import AssistanceUnknownError, EnquiryUnknownError
from services.intake.domain.errors import DocumentNotRenderedError
from services.intake.domain.values import PostKind
from workdays import Due

__all__ = ["AssistanceView", "CounterQueries", "EnquiryView"]

_a, _e = assistance.c, enquiry.c
_ASSISTANCE_SCOPE = ScopeColumns(
    person=_a.applicant_person, unit=_a.village_post, unit_path=_a.unit_path
)
_PIECES = (
    select(func.coalesce(func.sum(carried_material.c.paper_pieces), 0))
    .where(carried_material.c.assistance == _a.number)
    .scalar_subquery()
    .label("paper_pieces")
)


@dataclass(frozen=True, slots=True)
class AssistanceView:
    """A carried request as a reader sees it."""

    assistance: str
    revision: int
    state: AssistanceState
    village_post: str
    item_code: str
    item_name: str
    applicant_name: str
    summary: str
    take_time: datetime
    pass_on_due: Due
    overdue: bool
    to_unit: str
    pass_time: datetime | None
    case_number: str
    mandate_scope: str
    may_collect: bool
    paper_pieces: int
    slip_sha256: str
    slip_size: int


@dataclass(frozen=True, slots=True)
class EnquiryView:
    """A question as a reader sees it."""

    enquiry: str
    revision: int
    question: str
    asked_by_name: str
    case_number: str
    ask_time: datetime
    first_owner: str
    owner: str
    unit: str
    to_unit: str
    answer_time: datetime | None
    answer: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class CounterQueries:
    """The reads of what happens around the counter, over one connection each."""

    sealed: SealedText
    blobs: OpenBlobs

    def assistance(self, call: Call, connection: Connection, number: str) -> AssistanceView:
        """Return the carried request."""
        return self._assistance(call, self._row(call, connection, number))

    def assistances(
        self,
        call: Call,
        connection: Connection,
        state: AssistanceState | None,
        size: int,
        token: str,
    ) -> Page[AssistanceView]:
        """Return a page of carried requests within the caller's reach, newest first."""
        query = (
            _assistances()
            .where(_carried_within_reach(call))
            .order_by(_a.taken_at.desc(), _a.number.desc())
        )
        if state is not None:
            query = query.where(_a.state == state)
        return page_of(
            connection,
            query,
            key=tuple_(_a.taken_at, _a.number),
            key_of=lambda row: (row.taken_at, row.number),
            view=lambda row: self._assistance(call, row),
            page_size=size,
            page_token=token,
            descending=True,
        )

    def slip(self, call: Call, connection: Connection, number: str, offset: int) -> Piece:
        """Return a piece of the printed 代办接件单."""
        row = self._row(call, connection, number)
        if not row.slip_sha256:
            raise DocumentNotRenderedError("Not rendered yet", assistance=number)
        with self.blobs.open(row.slip_sha256) as content:
            content.seek(min(offset, row.slip_size))
            return Piece(content.read(READ_CHUNK), row.slip_size)

    def enquiry(self, call: Call, connection: Connection, number: str) -> EnquiryView:
        """Return the question."""
        found = connection.execute(_enquiries().where(_e.number == number)).one_or_none()
        if found is None:
            raise EnquiryUnknownError(NO_SUCH_THING, enquiry=number)
        near = connection.execute(
            select(_e.number).where(_e.number == number, _asked_within_reach(call))
        ).one_or_none()
        if near is None:
            raise OutOfScopeError("The caller's post does not reach this", enquiry=number)
        return self._enquiry(found)

    def enquiries(
        self, call: Call, connection: Connection, size: int, token: str, *, answered: bool
    ) -> Page[EnquiryView]:
        """Return a page of the questions that a unit has or was offered, oldest first."""
        query = _enquiries().where(_asked_within_reach(call)).order_by(_e.asked_at, _e.number)
        if not answered:
            query = query.where(_e.answered_at.is_(None))
        return page_of(
            connection,
            query,
            key=tuple_(_e.asked_at, _e.number),
            key_of=lambda row: (row.asked_at, row.number),
            view=self._enquiry,
            page_size=size,
            page_token=token,
        )

    def _row(self, call: Call, connection: Connection, number: str) -> Row[Any]:
        found = connection.execute(_assistances().where(_a.number == number)).one_or_none()
        near = connection.execute(
            select(_a.number).where(_a.number == number, _carried_within_reach(call))
        ).one_or_none()
        if found is None or (near is None and call.scopes <= {Scope.OWN, Scope.NONE}):
            raise AssistanceUnknownError(NO_SUCH_THING, assistance=number)
        if near is None:
            raise OutOfScopeError("The caller's post does not reach this", assistance=number)
        return found

    def _assistance(self, call: Call, row: Row[Any]) -> AssistanceView:
        name = self.sealed.unseal(row.name_sealed, field="assisted.name")
        own = bool(row.applicant_person) and row.applicant_person == call.caller.person
        due = Due(row.pass_on_due_on, row.pass_on_due_provisional)
        return AssistanceView(
            assistance=row.number,
            revision=row.revision,
            state=row.state,
            village_post=row.village_post,
            item_code=row.item_code,
            item_name=row.terms.name,
            applicant_name=name if own else mask_name(name),
            summary=row.summary,
            take_time=row.taken_at,
            pass_on_due=due,
            overdue=(row.passed_on_at or call.at) >= due.at,
            to_unit=row.to_unit,
            pass_time=row.passed_on_at,
            case_number=row.case_number,
            mandate_scope=row.mandate_scope,
            may_collect=row.may_collect,
            paper_pieces=row.paper_pieces,
            slip_sha256=row.slip_sha256,
            slip_size=row.slip_size,
        )

    def _enquiry(self, row: Row[Any]) -> EnquiryView:
        name = self.sealed.unseal(row.name_sealed, field="enquirer.name")
        return EnquiryView(
            enquiry=row.number,
            revision=row.revision,
            question=row.question,
            asked_by_name=mask_name(name) if name else "",
            case_number=row.case_number,
            ask_time=row.asked_at,
            first_owner=row.first_owner,
            owner=row.owner,
            unit=row.unit,
            to_unit=row.to_unit,
            answer_time=row.answered_at,
            answer=row.answer,
            answered_by=row.answered_by,
        )


def _assistances() -> Any:
    return select(assistance, assisted_person.c.name_sealed, _PIECES).join(
        assisted_person, assisted_person.c.assistance == _a.number
    )


def _enquiries() -> Any:
    return select(enquiry, enquirer.c.name_sealed).join(enquirer, enquirer.c.enquiry == _e.number)


def _carried_within_reach(call: Call) -> ColumnElement[bool]:
    """Return what a reader reaches: an agent the post, a window the villages around its centre.

    Source: R5.5; readings 5.
    """
    if call.caller.post_kind != PostKind.WINDOW:
        return scope_clause(call, _ASSISTANCE_SCOPE)
    around = replace(call, caller=replace(call.caller, unit_path=_division_of(call)))
    return or_(scope_clause(around, _ASSISTANCE_SCOPE), _a.to_unit == call.caller.unit)


def _division_of(call: Call) -> str:
    """Return the path of the division whose centre the window belongs to."""
    parts = call.caller.unit_path.strip("/").split("/")
    return f"/{'/'.join(parts[:-2])}/" if len(parts) > 2 else ""  # noqa: PLR2004 -- centre, window


def _asked_within_reach(call: Call) -> ColumnElement[bool]:
    """Return what a reader reaches: what the unit has, what it was offered, what it began."""
    reach = scope_clause(call, ScopeColumns(unit=_e.unit, unit_path=_e.unit_path))
    if not call.caller.unit:
        return reach
    return or_(reach, _e.to_unit == call.caller.unit, _e.first_unit == call.caller.unit)
