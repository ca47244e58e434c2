"""Bodies that nobody could read are listed, and go back to their queues on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.installation import Installation
from cli.main import main
from servicekit.clock import SystemClock
from servicekit.messaging import Topology, declare, park, queue_depths
from servicekit.migrations import upgrade
from services.standalone.registry import part_of

QUEUE = "review.intake"


@pytest.fixture
def folder(tmp_path, fresh_vhost):
    url = fresh_vhost()
    declare(url, Topology({"catalog": ["review"], "intake": ["review"]}))
    database = f"sqlite:///{tmp_path / 'review.db'}"
    upgrade(part_of("review").definition.migrations, database, SystemClock().today())
    Installation(
        addresses={},
        databases={"review": database},
        keystores={},
        checkpoints="",
        blobs="",
        amqp_url=url,
    ).save(tmp_path)
    return tmp_path


def test_parked_bodies_are_listed_and_put_back_once(folder, capsys):
    url = Installation.load(folder).amqp_url
    for number in range(3):
        park(url, QUEUE, f"body {number}".encode(), "no envelope")
    words = ["dead-letters", "--folder", str(folder)]

    assert main(words) == 1
    assert capsys.readouterr().out.count("无法识别的消息：no envelope") == 3
    assert main([*words, "--requeue"]) == 0
    assert "review ← intake  放回3条" in capsys.readouterr().out
    depths = queue_depths(url, [QUEUE, f"{QUEUE}.dead"])
    assert (depths[QUEUE].messages, depths[f"{QUEUE}.dead"].messages) == (3, 0)
    assert main([*words, "--requeue"]) == 0
    assert "共放回0条" in capsys.readouterr().out


def test_a_district_without_a_broker_says_so(folder, capsys):
    installation = Installation.load(folder)
    replace(installation, amqp_url="").save(folder)
    assert main(["dead-letters", "--requeue", "--folder", str(folder)]) == 1
    assert "没有消息代理" in capsys.readouterr().err
