"""What delivery does with the events of other services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from liandong.intake.v1 import intake_events_pb2 as intake
from sqlalchemy import Connection

from servicekit.calls import Call
from servicekit.messages import from_message
from servicekit.sealed import SealedText
from servicekit.service import Resources, on_event
from servicekit.stream import Handler
from services.delivery import handlers
from services.delivery.adapters.unit_of_work import SqlDeliveryUnitOfWork

__all__ = ["event_handlers"]

Apply = Callable[..., None]

# Event type: its message, what delivery needs of it, and what it does with that.
_TAKEN_IN: Mapping[str, tuple[type[Message], type[Any], Apply]] = {
    "intake.case_received.v1": (intake.CaseReceived, handlers.CaseReceived, handlers.open_file),
    "intake.case_transferred.v1": (
        intake.CaseTransferred,
        handlers.CaseTransferred,
        handlers.transfer_case,
    ),
    "intake.case_withdrawn.v1": (intake.CaseWithdrawn, handlers.CaseEnded, handlers.end_case),
    "intake.case_not_required.v1": (intake.CaseNotRequired, handlers.CaseEnded, handlers.end_case),
    "intake.acceptance_refused.v1": (
        intake.AcceptanceRefused,
        handlers.CaseEnded,
        handlers.end_case,
    ),
    "intake.case_terminated.v1": (intake.CaseTerminated, handlers.CaseEnded, handlers.end_case),
    "intake.result_dispatched.v1": (
        intake.ResultDispatched,
        handlers.ResultDispatched,
        handlers.send_result,
    ),
}


def event_handlers(resources: Resources) -> Mapping[str, Handler]:
    """Map each event type that delivery takes in to what is done with it."""
    kit, sealed = resources.kit, SealedText(resources.crypto)

    def new_uow(connection: Connection, call: Call) -> SqlDeliveryUnitOfWork:
        return SqlDeliveryUnitOfWork(kit, connection, call, sealed)

    def taken(message_type: type[Message], fact_type: type[Any], apply: Apply) -> Handler:
        def act(message: Message, *, uow: SqlDeliveryUnitOfWork) -> None:
            apply(from_message(message, fact_type), uow=uow)

        return on_event(kit.service, new_uow, message_type, act)

    return {kind: taken(*how) for kind, how in _TAKEN_IN.items()}
