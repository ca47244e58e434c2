"""How a command is answered: once, in one transaction, or refused.

    prepare (questions to other services, no transaction open)
    begin · claim the request id · load, decide · state + outbox + audit + answer · commit
    a refusal that is a violation: roll back, then commit violation, event and the
    stored refusal in a second transaction under the same request id

A retry under the same request id gets the stored answer or the stored
refusal, after its authority over the thing was checked again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from google.rpc import status_pb2
from sqlalchemy import Connection, Engine

from servicekit import audit, idempotency, outbox, violations
from servicekit.calls import Call, authorise
from servicekit.errors import DomainError
from servicekit.idempotency import Key, StoredAnswer
from servicekit.kit import Kit
from servicekit.messages import from_message, to_message
from servicekit.statuses import Say, StoredRefusalError, to_status
from servicekit.telemetry import REFUSALS, VIOLATIONS
from servicekit.unit_of_work import UnitOfWork

__all__ = ["CommandRunner", "NewUnitOfWork"]

log = logging.getLogger(__name__)

U = TypeVar("U", bound=UnitOfWork)
R = TypeVar("R", bound=Message)

NewUnitOfWork = Callable[[Engine | Connection, Call], U]


def _always() -> None:
    """Admit every command."""


@dataclass(frozen=True, slots=True)
class CommandRunner(Generic[U]):
    """Runs the commands of one service.

    `admit` is asked first and raises `ExhaustedError` while the outbox is
    longer than its limit. `read_engine` is that of the queries, on the same
    database: to look takes no transaction.
    """

    kit: Kit
    engine: Engine
    read_engine: Engine
    new_uow: NewUnitOfWork[U]
    say: Say
    admit: Callable[[], None] = _always

    def run(
        self,
        call: Call,
        request: Message,
        command_type: type[Any],
        handler: Callable[..., Any],
        response_type: type[R],
        *,
        prepare: Callable[[Any, Call], Any] | None = None,
    ) -> R:
        """Answer `request` with what `handler` decides.

        `handler(command, uow=…)` gets, where `prepare` is given, its result as
        a second argument.
        """
        if not call.request_id:
            raise TypeError(f"{call.method} does not require a request id")
        self.admit()
        key = Key(call.caller.key, call.method, call.request_id)
        digest = idempotency.digest(request.SerializeToString(deterministic=True))
        try:
            command = from_message(request, command_type)
            prepared: tuple[Any, ...] = ()
            if prepare is not None:
                # What others would say now must not change what was answered before.
                if (stored := self._stored(key, digest)) is not None:
                    return self._again(call, stored, response_type)
                prepared = (prepare(command, call),)
            return self._attempt(
                call,
                key,
                digest,
                response_type,
                lambda uow: handler(command, *prepared, uow=uow),
            )
        except DomainError as error:
            REFUSALS.labels(self.kit.service, error.reason, error.rule).inc()
            if error.violation:
                self._keep_violation(call, key, digest, error)
            raise

    def _stored(self, key: Key, digest: str) -> StoredAnswer | None:
        with self.read_engine.connect() as connection:
            return idempotency.find(connection, key, digest)

    def _attempt(
        self,
        call: Call,
        key: Key,
        digest: str,
        response_type: type[R],
        decide: Callable[[U], Any],
    ) -> R:
        # The transaction is opened here and not by the unit of work, so that a
        # handler that commits cannot part the effect from its answer.
        with self.engine.begin() as connection:
            stored = idempotency.begin(connection, key, digest, call.at)
            if stored is not None:
                return self._again(call, stored, response_type)
            with self.new_uow(connection, call) as uow:
                response = to_message(decide(uow), response_type)
                uow.flush()
                ownership = uow.first_ownership
            answer = response.SerializeToString()
            idempotency.finish(connection, key, answer=answer, ownership=ownership)
        self.kit.ring()
        return response

    @staticmethod
    def _again(call: Call, stored: StoredAnswer, response_type: type[R]) -> R:
        if stored.refusal is not None:
            raise StoredRefusalError(status_pb2.Status.FromString(stored.refusal))
        if stored.ownership is not None:
            authorise(call, stored.ownership)
        return response_type.FromString(stored.answer or b"")

    def _keep_violation(self, call: Call, key: Key, digest: str, error: DomainError) -> None:
        tables = self.kit.tables
        status = to_status(error, self.say)
        with self.engine.begin() as connection:
            if idempotency.begin(connection, key, digest, call.at):
                return  # an identical attempt was quicker and is already kept
            event = violations.record(connection, tables.violation, self.kit.service, error, call)
            outbox.store(
                connection,
                tables.outbox,
                self.kit.service,
                [event],
                occurred_at=call.at,
                traceparent=call.traceparent,
            )
            audit.append(connection, tables.audit, self._violation_entry(call, error))
            idempotency.finish(connection, key, refusal=status.SerializeToString())
        VIOLATIONS.labels(self.kit.service, error.rule).inc()
        log.info("violation_kept", extra={"rule": error.rule, "reason": error.reason})
        self.kit.ring()

    def _violation_entry(self, call: Call, error: DomainError) -> audit.AuditEntry:
        return audit.AuditEntry(
            recorded_at=call.at,
            actor=call.caller.person or call.caller.service,
            assignment=call.caller.assignment,
            service=self.kit.service,
            action=call.method,
            subject=error.facts.get("case", ""),
            outcome=error.reason,
            detail=json.dumps(
                {"request_id": call.request_id, "rule": error.rule, "facts": error.facts},
                ensure_ascii=False,
                sort_keys=True,
            ),
            trace_id=call.traceparent[3:35],
        )
