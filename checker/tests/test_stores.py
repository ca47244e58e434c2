"""Files, the audit chain, the broker: what lies beside the tables of the services."""

from __future__ import annotations

import json

import pytest
from amqp import Message
from kombu import Connection

from checker.graph import CONSUMERS, queues
from servicekit.messaging import Topology, declare

URL = "memory://checker"


def blobs(run):
    return sorted((run.folder / "blobs" / "blobs").glob("??/*"))


def test_a_missing_file_is_found(run):
    scan = run.one("intake", "SELECT scan_sha256 FROM document WHERE kind = 'GRANT_DECISION'")
    (run.folder / "blobs" / "blobs" / scan[:2] / scan).unlink()
    assert run.found() == {"FILE_MISSING"}


def test_a_file_that_was_changed_is_found(run):
    sha256 = run.one("intake", "SELECT sha256 FROM case_material WHERE sha256 <> ''")
    path = run.folder / "blobs" / "blobs" / sha256[:2] / sha256
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert run.found() == {"FILE_DAMAGED"}


def test_a_document_of_another_size_is_found(run):
    run.sql("intake", "UPDATE document SET size = size + 1 WHERE kind = 'GRANT_DECISION'")
    assert run.found() == {"FILE_SIZE_DIFFERS"}


def test_what_nothing_refers_to_is_counted_and_after_a_sweep_found(run):
    report = run.check()
    assert report.ok
    assert report.facts["files.orphaned"] == 2  # first printings of the two handover records
    assert run.found(swept=True) == {"FILE_ORPHANED"}


def test_a_store_in_memory_can_be_checked(run):
    class Memory:
        def names(self):
            return [path.name for path in blobs(run)]

        def read(self, sha256):
            return (run.folder / "blobs" / "blobs" / sha256[:2] / sha256).read_bytes()

    assert run.found(blobs={"intake": Memory()}) == set()


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(
            ["UPDATE audit SET actor = 'nobody' WHERE id = 1"],
            {"AUDIT_ROW_CHANGED"}, id="a-row-was-changed",
        ),
        pytest.param(
            ["UPDATE audit_seal SET key_id = 'other' WHERE seq = 1"],
            {"AUDIT_KEY_UNKNOWN"}, id="an-unknown-key",
        ),
        pytest.param(
            ["DELETE FROM audit_seal WHERE seq = 1"],
            {"AUDIT_SEAL_MISSING", "AUDIT_UNSEALED"}, id="a-seal-was-deleted",
        ),
        pytest.param(
            ["DELETE FROM audit_seal WHERE seq = (SELECT MAX(seq) FROM audit_seal)"],
            {"AUDIT_TRUNCATED", "AUDIT_UNSEALED"}, id="the-end-was-cut-off",
        ),
    ],
)  # fmt: skip
def test_an_audit_that_was_changed_is_found(run, statements, expected):
    run.sql("catalog", *statements)
    assert run.found() == expected


def checkpoint(run):
    [path] = (run.folder / "checkpoints").glob("review-*.jsonl")
    return path


def test_a_checkpoint_that_was_forged_is_found(run):
    path = checkpoint(run)
    fields = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**fields, "seq": 1}) + "\n", encoding="utf-8")
    assert run.found() == {"AUDIT_CHECKPOINT_FORGED", "AUDIT_UNANCHORED"}


def test_a_chain_that_no_checkpoint_vouches_for_is_found(run):
    checkpoint(run).unlink()
    assert run.found() == {"AUDIT_UNANCHORED"}


def test_a_chain_made_again_behind_its_checkpoint_is_found(run):
    run.sql(
        "review", "UPDATE audit_seal SET mac = X'00' WHERE seq = (SELECT MAX(seq) FROM audit_seal)"
    )
    assert run.found() == {"AUDIT_ROW_CHANGED", "AUDIT_CHECKPOINT_DIFFERS"}


def test_without_the_keys_the_audit_is_said_not_to_be_recomputed(run):
    run.sql("review", "UPDATE audit SET trace_id = trace_id || 'x' WHERE id = 1")
    report = run.check(ledger=None, keystores={})
    assert report.facts["audit.review"] == "not recomputed: no key file was given"
    assert "AUDIT_ROW_CHANGED" not in report.ids()


@pytest.fixture
def broker():
    with Connection(URL) as connection:
        channel = connection.channel()
        for name in (name for queue in queues() for name in (queue, f"{queue}.dead")):
            channel.queue_declare(name)
        yield channel
        channel.queues.clear()


def put(channel, queue):
    channel.basic_publish(channel.prepare_message(b"body"), exchange="", routing_key=queue)


def test_empty_queues_are_no_finding(run, broker):
    report = run.check(ledger=None, amqp_url=URL)
    assert report.ok
    assert report.facts["queues"] == 12


def test_a_message_that_is_left_in_the_broker_is_found(run, broker):
    put(broker, "metrics.intake")
    assert run.found(amqp_url=URL) == {"QUEUE_NOT_EMPTY"}
    assert run.found(amqp_url=URL, settled=False) == set()


def test_a_parked_body_is_found_unless_it_was_sent_on_purpose(run, broker):
    put(broker, "metrics.intake.dead")
    assert run.found(amqp_url=URL) == {"DEAD_QUEUE_UNEXPLAINED"}
    assert run.found(amqp_url=URL, explained_dead={"metrics.intake.dead": 1}) == set()


def test_a_parked_body_that_was_lost_is_found(run, broker):
    assert run.found(amqp_url=URL, explained_dead={"metrics.intake.dead": 1}) == {
        "DEAD_QUEUE_UNEXPLAINED"
    }


def test_a_broker_that_is_away_is_a_finding(run):
    assert run.found(amqp_url="amqp://127.0.0.1:1//") == {"BROKER_UNREACHABLE"}


def test_a_consumer_without_a_queue_is_found(run, broker):
    del broker.queues["delivery.intake"]
    assert run.found(amqp_url=URL) == {"QUEUE_MISSING"}


def test_the_queues_of_a_real_broker_are_asked_without_touching_them(run, fresh_vhost):
    url = fresh_vhost()
    declare(url, Topology(CONSUMERS))
    assert run.found(amqp_url=url) == set()
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        channel.basic_publish(Message(b"body"), exchange="", routing_key="metrics.intake")
        channel.queue_delete("delivery.intake")
        channel.close()
    for _ in range(2):  # nothing was taken out by looking
        assert run.found(amqp_url=url) == {"QUEUE_NOT_EMPTY", "QUEUE_MISSING"}
