"""Clerks who work on while others restart the district."""

from __future__ import annotations

import json
import threading
import time

import pytest

from checker.run import CheckInput, check
from journeys import steady
from journeys.embedded import embedded
from journeys.forms import china
from servicekit.identity import Keyring


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steady") / "district"
    with embedded(folder) as (district, world):
        world.at(china(12, 1, 9))
        yield folder, district, world


def test_a_case_goes_either_way_and_the_checker_agrees(district):
    folder, running, world = district
    numbers = {steady.one_case(world, number) for number in (1, 2)}
    assert len(numbers) == 2
    running.settle()
    assert check(CheckInput.embedded(folder)).findings == ()


def test_clerks_work_until_the_file_is_there(district, monkeypatch, tmp_path, capsys):
    _folder, running, world = district
    monkeypatch.setattr(steady, "connect", lambda address: world.channels[address])
    issuer = tmp_path / "issuer.json"
    Keyring(running.keyring.keys).save(issuer)
    until, ledgers = tmp_path / "until", tmp_path / "ledgers"
    config = tmp_path / "config.json"
    addresses = {name: name for name in running.resources}
    content = {
        "addresses": addresses, "issuer": str(issuer), "ledgers": str(ledgers),
        "until": str(until), "clerks": 2,
    }  # fmt: skip
    config.write_text(json.dumps(content), encoding="utf-8")
    ended: list[int] = []
    at_work = threading.Thread(target=lambda: ended.append(steady.main(["--config", str(config)])))
    at_work.start()
    while len(list(ledgers.glob("*.jsonl"))) < 3:  # a clerk has begun a second case
        assert at_work.is_alive()
        time.sleep(0.05)
    until.touch()
    at_work.join()
    told = json.loads(capsys.readouterr().out)
    assert (ended, told["failures"]) == ([0], [])
    assert told["cases"] == len(list(ledgers.glob("*.jsonl")))


def test_a_district_that_does_not_answer_is_a_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(steady, "PATIENCE_S", 3.0)
    issuer, until = tmp_path / "issuer.json", tmp_path / "until"
    Keyring.create().save(issuer)
    monkeypatch.setattr(steady.Tally, "failure", _ends(until))
    config = tmp_path / "config.json"
    content = {
        "addresses": {"catalog": "127.0.0.1:1", "intake": "127.0.0.1:1"}, "issuer": str(issuer),
        "ledgers": str(tmp_path / "ledgers"), "until": str(until), "clerks": 1,
    }  # fmt: skip
    config.write_text(json.dumps(content), encoding="utf-8")
    assert steady.main(["--config", str(config)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["cases"] == 0
    assert told["answers"]["UNAVAILABLE"] > 1  # it was asked again
    assert len(told["failures"]) == 1


def _ends(until):
    def failure(self, text: str) -> None:
        self.failures.append(text)
        until.touch()

    return failure
