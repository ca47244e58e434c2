"""Commands that were lost, doubled, or answered otherwise than they are stored."""

from __future__ import annotations

import pytest
from google.rpc import error_details_pb2, status_pb2

ACCEPT = "/liandong.intake.v1.IntakeService/AcceptCase"
BEGIN = "/liandong.intake.v1.IntakeService/BeginUpload"
FIRST = f"(SELECT MIN(request_id) FROM idempotency WHERE method = '{BEGIN}')"
ONE_UPLOAD = f"method = '{BEGIN}' AND request_id = {FIRST}"
ONE_ROW = f"(SELECT MIN(id) FROM audit WHERE action = '{BEGIN}')"


def test_a_command_that_was_answered_and_is_not_stored_is_lost(run):
    lines = run.ledger()
    run.write_ledger([*lines, {**lines[0], "request_id": "request-999"}])
    assert run.check().ids() == ("COMMAND_LOST",)


def test_a_stored_answer_that_differs_from_the_given_one_is_found(run):
    run.sql(
        "intake",
        f"UPDATE idempotency SET answer = X'0A00' WHERE method = '{ACCEPT}' AND answer IS NOT NULL",
    )
    assert run.check().ids() == ("COMMAND_ANSWER_DIFFERS",)


def test_two_different_answers_to_one_request_are_found(run):
    lines = run.ledger()
    run.write_ledger([*lines, {**lines[0], "response": "AAAA"}])
    assert run.check().ids() == ("COMMAND_ANSWERS_DISAGREE",)


def test_the_same_answer_twice_is_no_finding(run):
    lines = run.ledger()
    run.write_ledger([*lines, lines[0]])
    assert run.check().ok


def test_an_answer_about_another_case_is_found(run):
    lines = run.ledger()
    of_case = next(line for line in lines if line["method"] == ACCEPT and line["code"] == "OK")
    of_case["case_number"] = "another"
    run.write_ledger(lines)
    assert run.check().ids() == ("COMMAND_SUBJECT_DIFFERS",)


def test_a_refused_command_that_left_its_effect_is_found(run):
    lines = run.ledger()
    lines[0] |= {"code": "ABORTED", "reason": "STALE_REVISION"}
    run.write_ledger(lines)
    assert run.check().ids() == ("REFUSAL_LEFT_TRACES",)


def test_a_command_whose_answer_was_lost_on_the_way_may_be_stored_or_not(run):
    lines = run.ledger()
    lines[0] |= {"code": "UNAVAILABLE", "reason": ""}
    run.write_ledger([*lines, {**lines[0], "request_id": "request-999"}])
    assert run.check().ok


def test_a_violation_whose_refusal_is_not_stored_is_found(run):
    lines = run.ledger()
    violation = next(line for line in lines if line["reason"] == "ACCEPTED_BY_DEPARTMENT")
    run.write_ledger([*lines, {**violation, "request_id": "request-999"}])
    assert run.check().ids() == ("VIOLATION_LOST",)


def test_a_violation_with_another_stored_reason_is_found(run):
    lines = run.ledger()
    violation = next(line for line in lines if line["reason"] == "ACCEPTED_BY_DEPARTMENT")
    violation["reason"] = "NOT_A_WINDOW_POST"
    run.write_ledger(lines)
    assert run.check().ids() == ("VIOLATION_LOST",)


def test_a_claimed_request_without_an_answer_is_found(run):
    run.sql("intake", f"UPDATE idempotency SET answer = NULL WHERE {ONE_UPLOAD}")
    assert run.found() == {"ANSWER_INCOMPLETE"}


def test_two_answers_under_one_key_are_found(run):
    run.sql(
        "intake",
        "CREATE TABLE c AS SELECT * FROM idempotency",
        "DROP TABLE idempotency",
        "ALTER TABLE c RENAME TO idempotency",
        f"INSERT INTO idempotency SELECT * FROM idempotency WHERE {ONE_UPLOAD}",
    )
    assert run.found() == {"ANSWER_DOUBLED"}


def test_a_stored_answer_that_nobody_audited_is_found(run):
    run.sql("intake", f"DELETE FROM audit WHERE id = {ONE_ROW}")
    assert run.found() == {"COMMAND_NOT_AUDITED", "AUDIT_ROW_MISSING"}


def test_a_command_that_was_done_twice_is_found(run):
    columns = "recorded_at, actor, assignment, service, action, subject, outcome, detail, trace_id"
    run.sql(
        "intake",
        f"INSERT INTO audit ({columns}) SELECT {columns} FROM audit WHERE id = {ONE_ROW}",
    )
    assert run.found() == {"COMMAND_DOUBLED", "AUDIT_UNSEALED"}


def test_an_audited_command_without_a_stored_answer_is_found(run):
    run.sql("intake", f"DELETE FROM idempotency WHERE {ONE_UPLOAD}")
    assert run.found() == {"COMMAND_NOT_STORED"}


def test_answers_that_expired_are_not_missed(run):
    run.sql(
        "intake",
        "DELETE FROM idempotency WHERE answered_at < '2026-09-24'",
    )
    assert run.found() == set()


AFTER_YEARS = """INSERT INTO audit (recorded_at, actor, assignment, service, action, subject,
    outcome, detail, trace_id) VALUES ('2029-01-01', '', '', 'metrics', 'job:tally', '', 'OK',
    '{}', '')"""


def test_what_a_caller_was_answered_long_ago_may_have_expired_but_not_its_audit_row(run):
    run.sql("metrics", AFTER_YEARS)
    run.sql("intake", "DELETE FROM idempotency")
    assert run.check().ids() == ("AUDIT_UNSEALED",)
    run.sql("intake", f"DELETE FROM audit WHERE id = {ONE_ROW}")
    assert "COMMAND_LOST" in run.check().ids()


def test_an_answer_of_these_days_has_not_expired(run):
    run.sql("metrics", AFTER_YEARS.replace("2029-01-01", "2026-10-15"))
    run.sql("intake", f"DELETE FROM idempotency WHERE {ONE_UPLOAD}")
    assert set(run.check().ids()) == {"AUDIT_UNSEALED", "COMMAND_LOST", "COMMAND_NOT_STORED"}


def test_a_stored_refusal_that_is_no_violation_is_found(run):
    status = status_pb2.Status(code=10)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="STALE_REVISION"))
    run.sql(
        "review",
        "UPDATE idempotency SET refusal = :refusal WHERE refusal IS NOT NULL",
        refusal=status.SerializeToString(),
    )
    assert run.found() == {"REFUSAL_STORED_WRONGLY", "COMMAND_NOT_AUDITED"}


@pytest.mark.parametrize("service", ["intake", "review"])
def test_a_lost_event_of_a_command_is_found(run, service):
    kind = {"intake": "intake.visit_recorded.v1", "review": "review.site_check_recorded.v1"}
    run.sql(service, f"DELETE FROM outbox WHERE type = '{kind[service]}'")
    assert "EVENT_MISSING" in run.found()


def test_an_event_that_no_command_caused_is_found(run):
    run.sql(
        "intake",
        """INSERT INTO outbox (recorded_at, event_id, stream_id, seq, unit, type, envelope,
            position, published_at) SELECT recorded_at, event_id, stream_id, seq, unit, type,
            envelope, position, published_at FROM outbox WHERE id = 1""",
    )
    assert run.found() >= {"EVENT_UNCAUSED", "OUTBOX_EVENT_ID_DOUBLED", "OUTBOX_SEQ_BROKEN"}


def test_a_violation_without_its_row_is_found(run):
    run.sql("review", "DELETE FROM violation")
    assert run.found() == {"VIOLATION_EVENT_UNCAUSED", "VIOLATION_UNCOUNTED"}


def test_a_violation_kept_twice_is_found(run):
    columns = "at, rule, reason, person, assignment, unit, unit_path, method, subject, facts"
    run.sql(
        "review",
        f"INSERT INTO violation (id, {columns}) SELECT 'another', {columns} FROM violation",
    )
    assert run.found() == {
        "VIOLATION_NOT_AUDITED", "VIOLATION_EVENT_MISSING", "VIOLATION_UNCOUNTED",
    }  # fmt: skip


def test_a_violation_that_was_told_otherwise_is_found(run):
    run.sql("review", "UPDATE violation SET rule = 'R9.9'")
    assert run.found() == {"VIOLATION_EVENT_DIFFERS", "VIOLATION_MISCOUNTED"}
