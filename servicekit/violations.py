"""Refusals that supervision must hear of are kept although the command is rolled back."""

from __future__ import annotations

import json
import uuid

from liandong.common.v1.violation_events_pb2 import ViolationRecorded
from sqlalchemy import Column, Connection, MetaData, Table, Text

from servicekit.calls import Call
from servicekit.database import UTCDateTime
from servicekit.errors import DomainError
from servicekit.outbox import PendingEvent

__all__ = ["record", "violation_table"]


def violation_table(metadata: MetaData) -> Table:
    return Table(
        "violation",
        metadata,
        Column("id", Text, primary_key=True, comment="违规标识"),
        Column("at", UTCDateTime, nullable=False, index=True, comment="发生时间"),
        Column("rule", Text, nullable=False, comment="规则编号"),
        Column("reason", Text, nullable=False, comment="原因代码"),
        Column("person", Text, nullable=False, comment="人员"),
        Column("assignment", Text, nullable=False, comment="岗位任命"),
        Column("unit", Text, nullable=False, comment="单位"),
        Column("unit_path", Text, nullable=False, comment="单位路径"),
        Column("method", Text, nullable=False, comment="方法"),
        Column("subject", Text, nullable=False, comment="办件等对象"),
        Column("facts", Text, nullable=False, comment="事实（JSON）"),
    )


def record(
    connection: Connection, table: Table, service: str, error: DomainError, call: Call
) -> PendingEvent:
    """Keep the violation and return the event that tells of it.

    The event joins the stream of the case it is about, so that readers see it
    in order with what happened to the case.
    """
    caller = call.caller
    subject = error.facts.get("case", "") or caller.unit or service
    violation_id = str(uuid.uuid4())
    connection.execute(
        table.insert().values(
            id=violation_id,
            at=call.at,
            rule=error.rule,
            reason=error.reason,
            person=caller.person,
            assignment=caller.assignment,
            unit=caller.unit,
            unit_path=caller.unit_path,
            method=call.method,
            subject=subject,
            facts=json.dumps(error.facts, ensure_ascii=False, sort_keys=True),
        )
    )
    event = ViolationRecorded(
        violation_id=violation_id,
        rule=error.rule,
        reason=error.reason,
        case_number=error.facts.get("case", ""),
        person=caller.person,
        assignment=caller.assignment,
        unit=caller.unit,
        unit_path=caller.unit_path,
        authority=caller.authority,
    )
    kind = f"{service}.violation_recorded.v1"
    return PendingEvent(subject, caller.unit, kind, event.SerializeToString())
