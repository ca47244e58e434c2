"""A refusal that supervision must hear of is kept, although its command is rolled back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.rpc import code_pb2, error_details_pb2
from liandong.common.v1.violation_events_pb2 import ViolationRecorded
from sqlalchemy import event

from servicekit.statuses import StoredRefusalError
from servicekit.tests.toy import (
    NOTHING,
    TRACEPARENT,
    AnsweredBeforeError,
    Changed,
    Parcel,
    answer,
    request,
    tables,
)

KEPT = {"events": 1, "audit": 1, "answers": 1, "violations": 1, "streams": 1}


@pytest.fixture
def answered(toy):
    toy.add(Parcel("A3", state="TAKEN"))
    return toy


def violate(toy, request_id="request-1", handler=answer):
    with pytest.raises((AnsweredBeforeError, StoredRefusalError)) as caught:
        toy.run(request("A3", request_id=request_id), handler=handler)
    return caught.value


def test_row_event_audit_and_refusal_are_kept_together(answered):
    assert isinstance(violate(answered), AnsweredBeforeError)
    assert answered.effects() == KEPT
    assert answered.rings == 1
    [violation] = answered.rows(tables.violation)
    assert (violation.rule, violation.subject, violation.person) == ("R9.9", "A3", "p-1")
    assert json.loads(violation.facts) == {"case": "A3"}
    [audit] = answered.rows(tables.audit.audit)
    assert (audit.outcome, audit.subject) == ("ROLE_DENIED", "A3")
    assert json.loads(audit.detail)["rule"] == "R9.9"


def test_the_event_stands_in_the_stream_of_the_case(answered):
    violate(answered)
    [envelope] = answered.envelopes()
    fact = ViolationRecorded.FromString(envelope.payload)
    assert (envelope.type, envelope.stream_id, envelope.seq) == (
        "toy.violation_recorded.v1",
        "A3",
        1,
    )
    assert (fact.rule, fact.case_number, fact.unit, fact.authority) == ("R9.9", "A3", "W01", "D01")
    assert fact.violation_id == answered.rows(tables.violation)[0].id
    assert envelope.traceparent == TRACEPARENT


def test_what_the_command_had_changed_is_rolled_back(answered):
    def changes_first(command, *, uow):
        parcel = uow.parcels.get(command.case_number)
        parcel.unit = "W09"
        parcel.note("half done")
        uow.flush()
        parcel.answer(by_courier=True)

    violate(answered, handler=changes_first)
    assert answered.state("A3") == ("TAKEN", 1)
    assert answered.effects() == KEPT


def test_a_repetition_gets_the_same_refusal_and_is_not_counted_again(answered):
    violate(answered)
    again = violate(answered)
    assert isinstance(again, StoredRefusalError)
    assert again.status.code == code_pb2.FAILED_PRECONDITION
    info = error_details_pb2.ErrorInfo()
    again.status.details[0].Unpack(info)
    assert (info.reason, info.metadata["rule"], info.metadata["case"]) == (
        "ROLE_DENIED",
        "R9.9",
        "A3",
    )
    assert answered.effects() == KEPT


def test_the_refusal_stays_even_if_the_case_would_now_allow_it(answered):
    violate(answered)
    answered.run(request("A3", request_id="request-2"), handler=reopen)
    assert isinstance(violate(answered), StoredRefusalError)


def reopen(command, *, uow):
    uow.parcels.get(command.case_number).state = "OPEN"
    return Changed(command.case_number, 2)


def test_identical_attempts_at_once_keep_one(answered):
    with ThreadPoolExecutor(6) as pool:
        refusals = list(pool.map(lambda _: violate(answered), range(6)))
    assert len(refusals) == 6
    assert answered.effects() == KEPT


def test_different_attempts_are_different_violations(answered):
    violate(answered)
    violate(answered, "request-2")
    assert answered.effects() == KEPT | {"events": 2, "audit": 2, "answers": 2, "violations": 2}


@pytest.mark.parametrize("step", range(1, 6))
def test_a_crash_while_it_is_kept_keeps_nothing_of_it(answered, step):
    crashed = []

    def on_statement(_connection, _cursor, statement, *_):
        if "violation" in statement:
            crashed.append(0)
        if crashed:
            crashed.append(1)
            if len(crashed) == step + 1:
                raise RuntimeError("crash")

    event.listen(answered.engine, "before_cursor_execute", on_statement)
    with pytest.raises(RuntimeError):
        answered.run(request("A3"))
    event.remove(answered.engine, "before_cursor_execute", on_statement)
    assert answered.effects() == NOTHING
    assert isinstance(violate(answered), AnsweredBeforeError)
    assert answered.effects() == KEPT
