"""One transaction: state, outbox and audit together, or nothing.

In an api the unit of work opens and commits its own transaction. In a worker
it joins the transaction that also moves the stream position, and `commit`
only writes into it (`architecture.md`, events in).
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from servicekit import audit, outbox
from servicekit.calls import NO_SUCH_THING, Call, authorise, reaches
from servicekit.database import is_duplicate
from servicekit.errors import ConflictError, NotFoundError
from servicekit.events import Aggregate, Ownership
from servicekit.kit import Kit
from servicekit.mapping import locking, settle_empty_parts
from servicekit.outbox import PendingEvent

__all__ = ["Repository", "UnitOfWork", "check_revision"]

A = TypeVar("A", bound=Aggregate)


def check_revision(aggregate: Aggregate, seen: int) -> None:
    """Refuse a command that was decided on an older state of `aggregate`."""
    if aggregate.revision != seen:
        raise ConflictError(
            "The case changed in the meantime",
            case=aggregate.stream_id,
            seen=str(seen),
            current=str(aggregate.revision),
        )


class UnitOfWork:
    """Leaving the block without `commit()` changes nothing."""

    session: Session
    connection: Connection

    def __init__(self, kit: Kit, bind: Engine | Connection, call: Call) -> None:
        self.kit = kit
        self.call = call
        self._bind = bind
        self._owns = isinstance(bind, Engine)
        self._seen: list[Aggregate] = []
        self._counted: list[Aggregate] = []
        self._loose: list[PendingEvent] = []
        self._notes: dict[str, Any] = {}
        self._audited = False

    def __enter__(self) -> Self:
        if isinstance(self._bind, Engine):
            self.connection = self._bind.connect()
            self.connection.begin()
        else:
            self.connection = self._bind
        self.session = Session(
            bind=self.connection, autoflush=False, join_transaction_mode="rollback_only"
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.close()
        if self._owns:
            self.connection.close()  # rolls back whatever was not committed

    def seen(self, aggregate: Aggregate) -> None:
        """Remember `aggregate`: its events are published with this transaction."""
        if all(aggregate is not known for known in self._seen):
            self._seen.append(aggregate)

    def added(self, aggregate: Aggregate) -> None:
        """Remember that `aggregate` is new: its first revision is the one it was made with."""
        self.seen(aggregate)
        self._counted.append(aggregate)

    def publish(self, event: PendingEvent) -> None:
        """Publish an event that belongs to no aggregate of this transaction."""
        self._loose.append(event)

    def note(self, **facts: Any) -> None:
        """Add facts to the audit entry of this command; never personal data."""
        self._notes.update(facts)

    def rule_on(self, owned: Ownership, **facts: str) -> None:
        """Refuse unless the caller's scope covers `owned`."""
        authorise(self.call, owned, missing=NotFoundError, **facts)

    @property
    def first_ownership(self) -> Ownership | None:
        """Whose the first thing is that the caller reaches by scope.

        None if there is none: the transaction touched nothing, or a rule of
        the domain alone admitted the caller.
        """
        owned = (aggregate.ownership for aggregate in self._seen)
        return next((each for each in owned if reaches(self.call, each)), None)

    @property
    def subject(self) -> str:
        """The stream of the aggregate this transaction is about."""
        return self._seen[0].stream_id if self._seen else ""

    def flush(self) -> None:
        """Write state, events and audit into the transaction, without committing it.

        A second time it writes only what happened since the first.
        """
        events = self._collect()
        subject = self.subject  # a failed flush leaves no attribute that could be read
        try:
            self.session.flush()
        except StaleDataError as error:
            raise ConflictError("The case changed in the meantime", case=subject) from error
        if self._audited and not events:
            return
        outbox.store(
            self.connection,
            self.kit.tables.outbox,
            self.kit.service,
            events,
            occurred_at=self.call.at,
            traceparent=self.call.traceparent,
        )
        self._audit([event.type for event in events])

    def commit(self) -> None:
        self.flush()
        if self._owns:
            self.connection.commit()
            self.kit.ring()

    def _collect(self) -> list[PendingEvent]:
        pending: list[PendingEvent] = []
        for aggregate in self._seen:
            if not aggregate.events:
                continue
            self._count(aggregate)
            stream_id, unit = aggregate.stream_id, aggregate.ownership.unit
            pending.extend(
                self.kit.codec.pending(event, stream_id=stream_id, unit=unit)
                for event in aggregate.events
            )
            aggregate.events = []
        pending += self._loose
        self._loose = []
        return pending

    def _count(self, aggregate: Aggregate) -> None:
        """Give the aggregate its next revision, once for each transaction with events of it.

        It counts where only child rows changed, and not where nothing happened
        that anybody decides upon (a rendered file, a recomputed date).
        """
        if all(aggregate is not counted for counted in self._counted):
            aggregate.revision += 1
            self._counted.append(aggregate)

    def _audit(self, types: list[str]) -> None:
        self._audited = True
        caller = self.call.caller
        detail = {"request_id": self.call.request_id, "events": types, **self._notes}
        audit.append(
            self.connection,
            self.kit.tables.audit,
            audit.AuditEntry(
                recorded_at=self.call.at,
                actor=caller.person or caller.service,
                assignment=caller.assignment,
                service=self.kit.service,
                action=self.call.method,
                subject=self.subject,
                outcome="OK",
                detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
                trace_id=self.call.traceparent[3:35],
            ),
        )


class Repository(Generic[A]):
    """The aggregates of one kind; whatever it returns is within the caller's reach."""

    def __init__(self, uow: UnitOfWork, kind: type[A], missing: type[NotFoundError]) -> None:
        self._uow = uow
        self._kind = kind
        self._missing = missing
        self._locked: dict[str, A] = {}

    def get(self, key: str) -> A:
        """Return the aggregate, locked for this transaction, or refuse."""
        found = self.find(key)
        if found is None:
            raise self._missing(NO_SUCH_THING, case=key)
        authorise(self._uow.call, found.ownership, missing=self._missing, case=key)
        return found

    def find(self, key: str) -> A | None:
        """Return the aggregate, locked, without asking whose it is; None if there is none.

        Only for facts that arrive from other services and for rules of the
        domain that refuse a foreign post with a rule of their own.
        """
        if key in self._locked:
            return self._locked[key]
        session = self._uow.session
        kind: Any = self._kind
        found: A | None = session.scalars(locking(kind), {"key": key}).one_or_none()
        if found is not None:
            self._locked[key] = found
            self._uow.seen(found)
            settle_empty_parts(session, found)
        return found

    def add(self, aggregate: A) -> None:
        """Add a new aggregate; one that exists already is a conflict."""
        self._uow.session.add(aggregate)
        self._uow.added(aggregate)
        stream_id = aggregate.stream_id
        try:
            self._uow.session.flush([aggregate])
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise ConflictError("It exists already", case=stream_id) from error
