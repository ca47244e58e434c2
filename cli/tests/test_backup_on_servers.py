"""On PostgreSQL and RabbitMQ: one moment of a database that is written to, and queues made good."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, select, text

from cli import backup
from cli.installation import Installation
from cli.main import main
from servicekit.clock import SystemClock
from servicekit.database import make_engine
from servicekit.leases import Lease
from servicekit.messaging import Topology, declare, exchange_name, queue_depths
from servicekit.migrations import upgrade
from servicekit.outbox import PendingEvent, store
from servicekit.publishing import ConfirmingPublisher
from servicekit.relay import Relay
from services.standalone.registry import part_of

QUEUE = "metrics.catalog"
CATALOG = part_of("catalog").definition
OUTBOX = CATALOG.tables.outbox.outbox
EVENTS = 40


@contextmanager
def engine_of(installation):
    engine = make_engine(installation.databases["catalog"], pool_size=3)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def describe(tmp_path, fresh_vhost, fresh_database):
    """Return a function that makes an empty database and a broker of its own."""

    def describe(name):
        folder = tmp_path / name
        (folder / "blobs").mkdir(parents=True)
        installation = Installation(
            addresses={},
            databases={"catalog": fresh_database().url()},
            keystores={},
            checkpoints=str(folder / "checkpoints"),
            blobs=str(folder / "blobs"),
            amqp_url=fresh_vhost(),
        )
        declare(installation.amqp_url, Topology({"catalog": ["metrics"]}))
        installation.save(folder)
        return installation, ["--folder", str(folder)]

    return describe


@pytest.fixture
def running(describe):
    """A database with published events that nobody has taken yet."""
    installation, where = describe("old")
    url = installation.databases["catalog"]
    upgrade(CATALOG.migrations, url, SystemClock().today())
    with engine_of(installation) as engine:
        for number in range(EVENTS):
            write(engine, number)
        publisher = ConfirmingPublisher(installation.amqp_url, exchange_name("catalog"))
        lease = Lease(engine, "relay", "test", ttl=60.0)
        relay = Relay(engine, CATALOG.tables.outbox, publisher, lease, service="catalog")
        while relay.publish_once():
            continue
        publisher.close()
    assert waiting(installation) == EVENTS
    return installation, where


def write(engine, number):
    with engine.begin() as connection:
        store(
            connection,
            CATALOG.tables.outbox,
            "catalog",
            [PendingEvent(f"stream-{number % 7}", "unit", "catalog.toy.v1", b"x")],
            occurred_at=SystemClock().now(),
            traceparent="",
        )


def waiting(installation):
    return queue_depths(installation.amqp_url, [QUEUE])[QUEUE].messages


@contextmanager
def written_to(installation):
    """Somebody writes all the time; yield how often it has been done."""
    stop, done = threading.Event(), []
    with engine_of(installation) as engine:

        def work():
            for number in itertools.count():
                if stop.is_set():
                    return
                write(engine, number)
                done.append(number)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield done
        finally:
            stop.set()
            thread.join(60)


def test_what_lay_in_the_queue_is_sent_again_and_the_log_has_no_gap(
    running, describe, tmp_path, capsys
):
    old, where = running
    with written_to(old) as done:
        assert main(["backup", str(tmp_path / "backup"), *where]) == 0
        written = len(done)
    assert written, "writing went on"

    new, where = describe("new")
    assert main(["restore", str(tmp_path / "backup"), *where]) == 0
    with engine_of(new) as engine, engine.connect() as connection:
        rows = connection.execute(select(OUTBOX.c.stream_id, OUTBOX.c.seq)).all()
        kept = connection.execute(text("SELECT count(*) FROM lease")).scalar_one()
    by_stream = defaultdict(list)
    for row in rows:
        by_stream[row.stream_id].append(row.seq)
    assert all(sorted(found) == [*range(1, len(found) + 1)] for found in by_stream.values())
    assert EVENTS <= len(rows) <= EVENTS + written
    assert kept == 1, "every table came along"

    assert waiting(new) == 0
    assert main(["republish", *where]) == 0
    assert f"重新发送事件{EVENTS}条" in capsys.readouterr().out
    assert waiting(new) == EVENTS
    with engine_of(new) as engine:
        write(engine, 0)  # the counters stand where they stood


def test_a_database_that_is_not_empty_is_not_written_over(running, tmp_path, capsys):
    _, where = running
    assert main(["backup", str(tmp_path / "backup"), *where]) == 0
    assert main(["restore", str(tmp_path / "backup"), *where]) == 1
    assert "不是空的" in capsys.readouterr().err


def test_where_writing_never_pauses_the_backup_says_so_and_holds_up_nobody(
    running, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(backup, "ATTEMPTS", 2)
    monkeypatch.setattr(backup, "LOCK_WAIT_S", 1)
    old, where = running
    with engine_of(old) as engine, engine.begin() as busy:
        busy.execute(text("LOCK TABLE outbox IN ROW EXCLUSIVE MODE"))
        assert main(["backup", str(tmp_path / "backup"), *where]) == 1
        write(engine, 1)
    assert "一直有写入" in capsys.readouterr().err


def test_no_password_is_on_a_command_line(running, tmp_path, monkeypatch):
    old, where = running
    seen = []
    run = backup.subprocess.run

    def listening(words, **options):
        seen.append((words, options["env"]))
        return run(words, **options)

    monkeypatch.setattr(backup.subprocess, "run", listening)
    assert main(["backup", str(tmp_path / "backup"), *where]) == 0
    password = make_url(old.databases["catalog"]).password
    [(words, environment)] = seen
    assert password not in " ".join(words)
    assert environment["PGPASSWORD"] == password
