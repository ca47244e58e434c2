"""An embedded district: copied at one moment, restored only into nothing, and only when whole."""

from __future__ import annotations

import json
import shutil

import pytest

from checker.run import CheckInput, check
from cli.installation import Installation
from cli.main import main
from journeys.embedded import embedded
from journeys.every import all_journeys
from journeys.recorder import Recorder
from services import graph


def installation(folder):
    return Installation(
        addresses={},
        databases={name: f"sqlite:///{folder / name}.db" for name in graph.SERVICES},
        keystores={name: str(folder / "keystore.json") for name in graph.SERVICES},
        checkpoints=str(folder / "checkpoints"),
        blobs=str(folder / "blobs"),
    )


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A district after the first journey, its backup, and what it was asked until then."""
    folder = tmp_path_factory.mktemp("district")
    backup = tmp_path_factory.mktemp("backups") / "first"
    with embedded(folder) as (district, world):
        all_journeys()[0].run(world, Recorder())
        district.settle()
        installation(folder).save(folder)
        assert main(["backup", str(backup), "--folder", str(folder)]) == 0
        for name in ("keystore.json", "ledger.jsonl", "keyring.json"):
            (backup.parent / name).write_bytes((folder / name).read_bytes())
    return backup


@pytest.fixture
def target(backed_up, tmp_path):
    folder = tmp_path / "restored"
    folder.mkdir()
    for name in ("keystore.json", "ledger.jsonl", "keyring.json"):
        (folder / name).write_bytes((backed_up.parent / name).read_bytes())
    installation(folder).save(folder)
    return folder


def test_a_restored_district_passes_the_checker(backed_up, target, capsys):
    assert main(["restore", str(backed_up), "--folder", str(target)]) == 0
    assert "已恢复到" in capsys.readouterr().out
    report = check(CheckInput.embedded(target))
    assert not report.findings, "\n".join(map(str, report.findings))
    assert report.facts["commands"] > 0
    assert any((target / "blobs").rglob("*"))


def test_what_is_there_already_is_never_written_over(backed_up, target, capsys):
    (target / "review.db").write_bytes(b"somebody's")
    assert main(["restore", str(backed_up), "--folder", str(target)]) == 1
    assert "review 的数据库不是空的" in capsys.readouterr().err
    assert (target / "review.db").read_bytes() == b"somebody's"
    assert not (target / "catalog.db").exists(), "nothing is written before all is looked at"


def test_a_backup_that_was_changed_is_refused(backed_up, target, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(backed_up, copy)
    with (copy / "intake.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff")
    assert main(["restore", str(copy), "--folder", str(target)]) == 1
    assert "intake.db" in capsys.readouterr().err


def test_a_folder_that_is_no_backup_or_lacks_a_database_is_refused(
    backed_up, target, tmp_path, capsys
):
    assert main(["restore", str(tmp_path), "--folder", str(target)]) == 1
    assert "manifest.json" in capsys.readouterr().err
    copy = tmp_path / "copy"
    shutil.copytree(backed_up, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["files"]["metrics.db"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert main(["restore", str(copy), "--folder", str(target)]) == 1
    assert "没有 metrics 的数据库" in capsys.readouterr().err


def test_a_backup_does_not_write_into_a_folder_that_exists(target, tmp_path, capsys):
    assert main(["backup", str(tmp_path), "--folder", str(target)]) == 1
    assert "File exists" in capsys.readouterr().err


def test_without_a_broker_there_is_nothing_to_send_again(target, capsys):
    assert main(["republish", "--folder", str(target)]) == 1
    assert "没有消息代理" in capsys.readouterr().err
