"""A district backed up while it ran is restored on fresh servers and passes the checker."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checker.run import CheckInput, check
from cli.installation import Installation
from cli.main import main
from cli.processes import ProcessDistrict
from devstack.stack import Stack
from journeys.every import all_journeys
from journeys.recorder import Recorder
from journeys.world import World, steering
from servicekit.identity import TokenIssuer
from servicekit.messaging import queue_depths
from services import graph

# Two districts of twenty processes, one after the other.
pytestmark = pytest.mark.timeout(1800)

QUEUE = "metrics.intake"
QUESTION = {
    "question": "棋牌室开业前要不要消防检查？",
    "asked_by_name": "示例申请人",
    "asked_by_phone": "13800000000",
}


def save_description(district: ProcessDistrict) -> list[str]:
    """Write what the command line must know; return the words that point to it."""
    folder = district.folder
    Installation(
        addresses={},
        databases={name: district.database_url(name) for name in graph.SERVICES},
        keystores={name: str(folder / "keys" / f"{name}.json") for name in graph.SERVICES},
        checkpoints=str(folder / "checkpoints"),
        blobs=str(folder / "blobs"),
        amqp_url=district.stack.rabbitmq.url(),
    ).save(folder)
    return ["--folder", str(folder)]


@contextmanager
def world_of(district: ProcessDistrict) -> Iterator[World]:
    channels = district.channels()
    yield World(
        channels=channels,
        issuer=TokenIssuer(district.keyring),
        clock=steering(district.clock_control),
        ledger=district.folder / "ledger.jsonl",
        courier=district.courier,
    )
    for channel in channels.values():
        channel.close()


@contextmanager
def clerks_at_work(world: World) -> Iterator[None]:
    """Somebody reads and writes all the time; whatever fails there fails here."""
    stop, failed = threading.Event(), []

    def work() -> None:
        clerk = world.staff("p-0102")
        while not stop.is_set() and not failed:
            try:
                world.do(clerk, "intake", "ListCases")
                world.do(clerk, "intake", "RegisterEnquiry", **QUESTION)
            except Exception as error:  # noqa: BLE001 -- told by the thread that can fail
                failed.append(error)

    working = threading.Thread(target=work)
    working.start()
    try:
        yield
    finally:
        stop.set()
        working.join(60)
    assert not failed, failed


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What is left after the disaster: the backup, the keys, and what was answered until then.

    The worker of metrics was down, so events lay in its queue: published, and nowhere else.
    """
    kept = tmp_path / "left"
    with Stack() as stack:
        district = ProcessDistrict(tmp_path / "district", stack)
        district.prepare()
        district.start()
        try:
            with world_of(district) as world:
                all_journeys()[0].run(world, Recorder())
                district.processes["metrics", "worker"].stop()
                world.do(world.staff("p-0102"), "intake", "RegisterEnquiry", **QUESTION)
                world.wait(
                    "an event in the queue",
                    lambda: queue_depths(stack.rabbitmq.url(), [QUEUE])[QUEUE].messages,
                    bool,
                )
                where = save_description(district)
                shutil.copytree(district.folder / "keys", kept / "keys")
                for name in ("clock.json", "ledger.jsonl"):
                    shutil.copy(district.folder / name, kept / name)
                with clerks_at_work(world):
                    assert main(["backup", str(kept / "backup"), *where]) == 0
        finally:
            district.stop()
    return kept


def test_a_restored_district_answers_and_passes_the_checker(left: Path, tmp_path: Path) -> None:
    with Stack() as stack:
        fresh = ProcessDistrict(tmp_path / "fresh", stack)
        shutil.copytree(left, fresh.folder, ignore=shutil.ignore_patterns("backup"))
        for name in graph.SERVICES:
            stack.postgres.create_database(f"liandong_{name}")
        where = save_description(fresh)
        assert main(["restore", str(left / "backup"), *where]) == 0
        for service in graph.SERVICES:
            fresh._migrate(service)
        fresh.start()
        try:
            assert main(["republish", *where]) == 0
            with world_of(fresh) as world:
                supervisor = world.staff("p-0401")
                assert world.do(supervisor, "intake", "ListCases").cases
                world.do(world.staff("p-0102"), "intake", "RegisterEnquiry", **QUESTION)
                found = CheckInput.from_json(fresh.checker_input(fresh.folder / "ledger.jsonl"))
                deadline = time.monotonic() + 600  # twenty processes begin beside it
                while (report := check(found)).findings and time.monotonic() < deadline:
                    time.sleep(1)  # between two looks
                assert not report.findings, "\n".join(map(str, report.findings))
                assert report.facts["commands"] > 0
        finally:
            fresh.stop()
