"""A command under one request id has one effect and one answer, or none of both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from sqlalchemy import event

from servicekit.calls import OutOfScopeError, Scope
from servicekit.errors import ConflictError, DomainError, ExhaustedError, RuleViolationError
from servicekit.idempotency import RequestReusedError
from servicekit.tests.toy import (
    CLERK,
    FOREIGN,
    NOTHING,
    Changed,
    Parcel,
    answer,
    request,
    tables,
)

ONE = {"events": 1, "audit": 1, "answers": 1, "violations": 0, "streams": 1}


def test_a_command_leaves_state_event_audit_and_answer_together(toy):
    response = toy.run()
    assert response == pb.AnswerCourierOfferResponse(case_number="A1", revision=2)
    assert toy.state() == ("TAKEN", 2)
    assert toy.effects() == ONE
    assert toy.rings == 1
    [audit] = toy.rows(tables.audit.audit)
    assert (audit.actor, audit.subject, audit.outcome) == ("p-1", "A1", "OK")
    assert audit.trace_id == "0af7651916cd43dd8448eb211c80319c"


def test_the_same_command_three_times_has_one_effect_and_one_answer(toy):
    answers = [toy.run() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert toy.effects() == ONE


def test_the_same_command_at_once_has_one_effect_and_one_answer(toy):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: toy.run(), range(8)))
    assert all(each == answers[0] for each in answers)
    assert toy.effects() == ONE
    assert toy.state() == ("TAKEN", 2)


def test_another_content_under_the_same_id_is_refused(toy):
    toy.run()
    with pytest.raises(RequestReusedError):
        toy.run(request(by_courier=False))
    assert toy.effects() == ONE


def test_the_same_id_of_another_caller_is_another_command(toy):
    toy.add(Parcel("A2"))
    toy.run()
    toy.run(request("A2"), caller=replace(CLERK, person="p-2"))
    assert toy.effects()["answers"] == 2


def test_a_retry_after_authority_was_lost_is_refused_and_not_answered(toy):
    toy.run()
    with pytest.raises(OutOfScopeError):
        toy.run(caller=FOREIGN)


def test_a_retry_is_answered_where_a_rule_of_the_domain_had_admitted_the_caller(toy):
    def admitted(command, *, uow):
        uow.parcels.find(command.case_number).answer(by_courier=True)
        return Changed(command.case_number, 2)

    first = toy.run(caller=FOREIGN, handler=admitted)
    assert toy.run(caller=FOREIGN, handler=admitted) == first


def test_a_retry_of_a_command_about_nothing_owned_is_answered(toy):
    def nothing(command, *, uow):
        return Changed(command.case_number, 1)

    assert toy.run(handler=nothing) == toy.run(handler=nothing)
    assert toy.effects() == {**ONE, "events": 0, "streams": 0}


def test_a_refused_command_leaves_nothing_and_may_be_tried_again(toy):
    with pytest.raises(ConflictError):
        toy.run(request(revision=7))
    assert toy.effects() == NOTHING
    toy.run()
    assert toy.effects() == ONE


def test_different_commands_on_one_thing_at_once_leave_one_winner(toy):
    def attempt(number):
        try:
            return toy.run(request(request_id=f"request-{number}"))
        except DomainError as error:
            return error

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    losers = [each for each in outcomes if isinstance(each, DomainError)]
    assert len(losers) == 5
    assert all(isinstance(each, ConflictError) for each in losers)
    assert toy.effects() == ONE


class CrashError(Exception):
    """The process dies here."""


def crash_before(engine, step):
    """Raise before the statement number `step` of every following transaction."""
    seen = []

    def on_statement(*_):
        seen.append(1)
        if len(seen) == step:
            raise CrashError

    event.listen(engine, "before_cursor_execute", on_statement)
    return lambda: event.remove(engine, "before_cursor_execute", on_statement)


def begins(toy):
    """BEGIN is a statement on SQLite; on PostgreSQL the driver sends it."""
    return int(toy.engine.dialect.name == "sqlite")


@pytest.mark.parametrize("step", range(1, 9))
def test_a_crash_before_any_statement_leaves_nothing(toy, step):
    recover = crash_before(toy.engine, step + begins(toy))
    with pytest.raises(CrashError):
        toy.run()
    recover()
    assert toy.effects() == NOTHING
    assert toy.state() == ("OPEN", 1)
    toy.run()
    assert toy.effects() == ONE


def test_there_are_no_more_steps_than_the_crashes_cover(toy):
    recover = crash_before(toy.engine, 9 + begins(toy))
    toy.run()
    recover()
    assert toy.effects() == ONE


def test_a_crash_before_the_commit_leaves_nothing(toy):
    def crash(_connection):
        raise CrashError

    event.listen(toy.engine, "commit", crash)
    with pytest.raises(CrashError):
        toy.run()
    event.remove(toy.engine, "commit", crash)
    assert toy.effects() == NOTHING


def test_a_handler_that_commits_cannot_part_the_effect_from_its_answer(toy):
    def hasty(command, *, uow):
        answer(command, uow=uow)
        uow.commit()
        raise CrashError

    with pytest.raises(CrashError):
        toy.run(handler=hasty)
    assert toy.effects() == NOTHING


def test_a_handler_that_commits_is_stored_once(toy):
    def hasty(command, *, uow):
        changed = answer(command, uow=uow)
        uow.commit()
        return changed

    toy.run(handler=hasty)
    assert toy.effects() == ONE
    assert toy.state() == ("TAKEN", 2)


def test_preparation_happens_outside_the_transaction_and_once_per_command(toy):
    asked = []

    def prepare(command, call):
        asked.append(command.case_number)
        toy.add(Parcel("B1"))  # would wait for ever inside a transaction on SQLite
        return "fact"

    def handler(command, fact, *, uow):
        assert fact == "fact"
        return answer(command, uow=uow)

    first = toy.run(handler=handler, prepare=prepare)
    assert toy.run(handler=handler, prepare=prepare) == first
    assert asked == ["A1"]


def test_what_others_say_later_does_not_change_an_answer(toy):
    class ItemGoneError(RuleViolationError):
        reason = "NOT_FOUND"

    def gone(command, call):
        raise ItemGoneError("The item is no longer in force")

    first = toy.run()
    assert toy.run(prepare=gone) == first


def test_a_command_without_a_request_id_is_a_bug_of_its_proto(toy):
    with pytest.raises(TypeError, match="request id"):
        toy.run(request(request_id=""))


def test_an_overfull_outbox_refuses_before_anything_is_done(toy):
    def full():
        raise ExhaustedError("The outbox is overfull")

    crowded = replace(toy.runner, admit=full)
    toy.runner = crowded
    with pytest.raises(ExhaustedError):
        toy.run()
    assert toy.effects() == NOTHING


def test_a_citizen_cannot_tell_a_foreign_thing_from_none(toy):
    def refusal(number):
        with pytest.raises(DomainError) as caught:
            toy.run(
                request(number, request_id=f"request-{number}"),
                caller=replace(CLERK, person="a-9", roles=frozenset({"APPLICANT"})),
                scopes=frozenset({Scope.OWN}),
            )
        return type(caught.value), str(caught.value), caught.value.facts.keys()

    assert refusal("A1") == refusal("A-unknown")
