"""Events that were lost, doubled, out of order, or left lying somewhere."""

from __future__ import annotations

import pytest

RECEIPT = "type = 'intake.case_received.v1'"


@pytest.mark.parametrize(
    ("service", "statement", "expected"),
    [
        pytest.param(
            "delivery", "UPDATE outbox_stream SET seq = seq + 1",
            {"OUTBOX_HEAD_DIFFERS", "STREAM_BEHIND"}, id="the-counter-of-a-stream-ran-ahead",
        ),
        pytest.param(
            "intake", "UPDATE outbox SET position = position + 1 WHERE position > 3",
            {"OUTBOX_POSITIONS_BROKEN", "OUTBOX_POSITION_HEAD_DIFFERS"}, id="a-gap-in-the-log",
        ),
        pytest.param(
            "intake", "UPDATE outbox_head SET position = position + 1",
            {"OUTBOX_POSITION_HEAD_DIFFERS"}, id="the-counter-of-the-log-ran-ahead",
        ),
        pytest.param(
            "intake", "UPDATE outbox SET position = 3 - position WHERE position < 3",
            {"OUTBOX_PUBLISHED_OUT_OF_ORDER"}, id="published-out-of-order",
        ),
        pytest.param(
            "metrics",
            """UPDATE outbox SET position = NULL, published_at = NULL
                WHERE id = (SELECT MAX(id) FROM outbox)""",
            {"OUTBOX_NOT_PUBLISHED", "OUTBOX_POSITION_HEAD_DIFFERS"}, id="never-published",
        ),
        pytest.param(
            "intake", "UPDATE outbox SET published_at = NULL WHERE id = 1",
            {"OUTBOX_HALF_PUBLISHED"}, id="half-published",
        ),
        pytest.param(
            "intake", f"UPDATE outbox SET unit = 'another' WHERE {RECEIPT}",
            {"OUTBOX_ENVELOPE_DIFFERS"}, id="the-envelope-says-another-unit",
        ),
        pytest.param(
            "catalog", "UPDATE outbox SET envelope = X'FF' WHERE id = 1",
            {"OUTBOX_ENVELOPE_DIFFERS", "EVENT_MISSING", "EVENT_UNCAUSED"},
            id="the-envelope-is-unreadable",
        ),
    ],
)  # fmt: skip
def test_a_damaged_outbox_is_found(run, service, statement, expected):
    run.sql(service, statement)
    assert run.found() == expected


def test_events_written_out_of_order_are_found(run):
    run.sql(
        "delivery",
        "UPDATE outbox SET id = -id",
        "UPDATE outbox SET id = 3 + id",
    )
    assert "OUTBOX_ORDER_BROKEN" in run.found()


@pytest.mark.parametrize(
    ("service", "statement", "expected"),
    [
        pytest.param(
            "delivery", "UPDATE stream_position SET seq = seq - 1 WHERE source = 'intake'",
            {"STREAM_BEHIND"}, id="an-event-was-lost-on-the-way",
        ),
        pytest.param(
            "delivery", "DELETE FROM stream_position WHERE source = 'intake'",
            {"STREAM_BEHIND"}, id="a-stream-never-arrived",
        ),
        pytest.param(
            "delivery", "UPDATE stream_position SET highest = highest + 1",
            {"STREAM_AHEAD"}, id="a-consumer-saw-what-was-never-sent",
        ),
        pytest.param(
            "delivery", "UPDATE stream_position SET stopped = 1", {"STREAM_STOPPED"}, id="stopped"
        ),
        pytest.param(
            "delivery", "UPDATE stream_position SET consumer = 'review'",
            {"STREAM_STRANGE", "STREAM_BEHIND"}, id="another-consumers-position",
        ),
        pytest.param(
            "delivery",
            """INSERT INTO held_event SELECT consumer, source, stream_id, seq + 2, NULL,
                '2026-09-30', X'00' FROM stream_position""",
            {"EVENT_HELD"}, id="held-for-ever",
        ),
        pytest.param(
            "delivery",
            """INSERT INTO held_event SELECT consumer, source, stream_id, seq, NULL,
                '2026-09-30', X'00' FROM stream_position""",
            {"EVENT_HELD_BEHIND"}, id="held-although-applied",
        ),
    ],
)  # fmt: skip
def test_a_stream_that_did_not_arrive_whole_is_found(run, service, statement, expected):
    run.sql(service, statement)
    assert run.found() == expected


def test_an_event_whose_effect_was_never_made_is_found(run):
    run.sql("delivery", "DELETE FROM audit WHERE action = 'event:intake.case_received.v1'")
    assert run.found() == {"EVENT_NOT_APPLIED", "EVENT_UNCAUSED", "AUDIT_ROW_MISSING"}


def test_an_event_whose_effect_was_made_twice_is_found(run):
    columns = "recorded_at, actor, assignment, service, action, subject, outcome, detail, trace_id"
    run.sql(
        "intake",
        f"""INSERT INTO audit ({columns}) SELECT {columns} FROM audit
            WHERE action = 'event:review.opinion_submitted.v1'""",
    )
    assert run.found() == {"EVENT_APPLIED_TWICE", "AUDIT_UNSEALED"}


def test_an_effect_of_an_event_that_nobody_sent_is_found(run):
    run.sql(
        "intake",
        """UPDATE audit SET detail = '{"request_id": "nobody"}'
            WHERE action = 'event:review.opinion_submitted.v1'""",
    )
    assert run.found() == {"EVENT_UNKNOWN", "EVENT_NOT_APPLIED", "AUDIT_ROW_CHANGED"}


def test_effects_out_of_order_are_found(run):
    run.sql(
        "intake",
        "UPDATE audit SET id = 9999 WHERE action = 'event:review.opinion_submitted.v1'",
    )
    assert run.found() == {"EVENT_OUT_OF_ORDER", "AUDIT_ROW_MISSING", "AUDIT_UNSEALED"}


def test_an_effect_with_another_legal_time_is_found(run):
    run.sql(
        "intake",
        """UPDATE audit SET recorded_at = '2026-09-01 00:00:00.000000'
            WHERE action = 'event:review.opinion_submitted.v1'""",
    )
    assert run.found() == {"EVENT_RESTAMPED", "AUDIT_ROW_CHANGED"}


def test_an_unsettled_run_may_have_events_on_their_way(run):
    run.sql("delivery", "UPDATE stream_position SET seq = seq - 1 WHERE source = 'intake'")
    run.sql("intake", "UPDATE job SET state = 'WAITING'")
    report = run.check(ledger=None, settled=False)
    assert report.ok
    assert report.facts["streams.behind"] == 1


def test_a_consumer_may_not_be_ahead_even_in_an_unsettled_run(run):
    run.sql("delivery", "UPDATE stream_position SET highest = highest + 1")
    assert run.found(settled=False) == {"STREAM_AHEAD"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("UPDATE job SET state = 'DEAD'", {"JOB_DEAD"}, id="dead"),
        pytest.param("UPDATE job SET state = 'WAITING'", {"JOB_WAITING"}, id="waiting"),
        pytest.param("UPDATE job SET state = 'LOST'", {"JOB_UNREADABLE"}, id="no-such-state"),
        pytest.param("UPDATE job SET payload = '{'", {"JOB_UNREADABLE"}, id="no-payload"),
    ],
)
def test_a_job_that_is_not_done_is_found(run, statement, expected):
    run.sql("intake", statement)
    assert run.found() == expected
