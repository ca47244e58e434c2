"""The command line explains itself, and says in a sentence what it cannot do."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from cli.installation import Installation
from cli.main import main
from devstack.errors import MissingPackagesError, NotReadyError
from devstack.identity import ProcessIdentity
from devstack.state import ProcessRecord, save_state
from servicekit.database import make_engine
from servicekit.identity import Keyring, TokenVerifier
from servicekit.jobs import enqueue
from services import graph
from services.standalone.district import settings_for
from services.standalone.registry import part_of


@pytest.mark.parametrize(
    "words",
    [[], ["demo"], ["run"], ["up"], ["observe"], ["down"], ["token"], ["call"], ["journey"],
     ["migrate"], ["dead-letters"], ["audit", "verify"], ["calendar", "import"],
     ["keys", "create"], ["keys", "rotate"], ["keys", "signing", "add"],
     ["keys", "signing", "switch"], ["keys", "signing", "retire"], ["metrics", "rebuild"],
     ["probe"], ["backup"], ["restore"], ["republish"]],
    ids=" ".join,
)  # fmt: skip
def test_every_command_explains_itself(words, capsys):
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    assert "usage: liandong" in capsys.readouterr().out


def test_a_command_on_a_folder_without_a_district_says_so(tmp_path, capsys):
    assert main(["token", "p-0102", "--folder", str(tmp_path)]) == 1
    assert "没有运行中的区" in capsys.readouterr().err


def test_new_keys_verify_the_tokens_they_sign_and_are_kept_the_second_time(tmp_path):
    assert main(["keys", "create", str(tmp_path)]) == 0
    issuer = (tmp_path / "issuer.json").read_bytes()
    assert main(["keys", "create", str(tmp_path)]) == 0
    assert (tmp_path / "issuer.json").read_bytes() == issuer
    verifier = TokenVerifier(Keyring.load(tmp_path / "verifier.json"))
    for service, role in graph.ASKS:
        token = (tmp_path / f"{service}-{role}.token").read_text()
        assert verifier.verify(token).service == service
    assert {f"{name}.json" for name in graph.SERVICES} <= {p.name for p in tmp_path.iterdir()}


def test_the_verifiers_file_cannot_sign(tmp_path):
    main(["keys", "create", str(tmp_path)])
    public = json.loads((tmp_path / "verifier.json").read_text())["keys"]
    assert public
    assert all("d" not in key for key in public)  # "d" is the private part of a JWK


def test_the_demonstration_empties_no_folder_of_somebody_else(tmp_path, capsys):
    (tmp_path / "documents").mkdir()
    mine = tmp_path / "documents" / "letter.txt"
    mine.write_text("mine")
    assert main(["demo", "--build", str(tmp_path)]) == 1
    assert mine.read_text() == "mine"
    assert "不会清空" in capsys.readouterr().err


def test_a_stack_that_cannot_be_had_is_one_sentence(tmp_path, capsys, monkeypatch):
    def missing(*_arguments):
        raise MissingPackagesError("缺少 PostgreSQL")

    monkeypatch.setattr("cli.running.Stack", missing)
    assert main(["up", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "缺少 PostgreSQL\n"


@pytest.mark.parametrize("variable", ["LOG_LEVEL", "ADDRESS", "THREADS", "SITE"])
def test_variables_of_others_do_not_configure_the_embedded_district(
    tmp_path, monkeypatch, variable
):
    monkeypatch.setenv(variable, "somebody else's")
    settings = settings_for(part_of("intake"), tmp_path, {})
    assert getattr(settings, variable.lower()) != "somebody else's"


def test_a_process_that_does_not_come_up_is_named_with_its_log(tmp_path, capsys, monkeypatch):
    def fail(_folder):
        raise NotReadyError("intake-api: /readyz does not answer")

    monkeypatch.setattr("cli.running.bring_up", fail)
    assert main(["up", "--folder", str(tmp_path)]) == 1
    assert "intake-api" in capsys.readouterr().err


@pytest.fixture
def stopped(tmp_path):
    """A folder with one service in it whose processes do not run."""
    main(["keys", "create", str(tmp_path / "keys")])
    keystore = tmp_path / "keys" / "intake.json"
    installation = Installation(
        addresses={},
        databases={"intake": f"sqlite:///{tmp_path / 'intake.db'}"},
        keystores={"intake": str(keystore)},
        checkpoints=str(tmp_path / "checkpoints"),
        blobs=str(tmp_path / "blobs"),
    )
    installation.save(tmp_path)
    engine = make_engine(installation.databases["intake"])
    part_of("intake").definition.metadata.create_all(engine)
    engine.dispose()
    return tmp_path


def test_jobs_that_were_given_up_are_dead_letters_until_they_are_replayed(stopped, capsys):
    job = part_of("intake").definition.tables.job
    engine = make_engine(Installation.load(stopped).databases["intake"])
    with engine.begin() as connection:
        enqueue(connection, job, key="render-A1", kind="render", payload={})
        dead = {"state": "DEAD", "attempts": 7, "failure": "no carrier"}
        connection.execute(update(job).values(dead))

    assert main(["dead-letters", "--folder", str(stopped)]) == 1
    listed = capsys.readouterr().out
    assert all(each in listed for each in ("render-A1", "尝试7次", "no carrier", "死信共1条"))

    assert main(["dead-letters", "--replay", "--folder", str(stopped)]) == 0
    assert "重新安排作业1个" in capsys.readouterr().out
    with engine.connect() as connection:
        state = connection.execute(select(job.c.state, job.c.attempts)).one()
    engine.dispose()
    assert state == ("WAITING", 0)
    assert main(["dead-letters", "--folder", str(stopped)]) == 0
    assert "没有死信" in capsys.readouterr().out


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = ProcessIdentity.of(process.pid)
    assert identity is not None
    yield identity
    process.kill()
    process.communicate()


def test_keys_are_not_rotated_under_a_running_service(stopped, capsys, sleeper):
    keystore = stopped / "keys" / "intake.json"
    before = keystore.read_bytes()
    save_state(stopped / "processes.json", [ProcessRecord("intake-api", sleeper)])
    assert main(["keys", "rotate", "--folder", str(stopped)]) == 1
    said = capsys.readouterr().err
    assert "intake-api" in said
    assert "仍在运行" in said
    assert keystore.read_bytes() == before


def test_keys_are_rotated_when_only_the_database_runs(stopped, sleeper):
    keystore = stopped / "keys" / "intake.json"
    before = keystore.read_bytes()
    gone = ProcessRecord("intake-api", replace(sleeper, started=sleeper.started + 1))
    save_state(stopped / "processes.json", [ProcessRecord("postgres", sleeper), gone])
    assert main(["keys", "rotate", "--folder", str(stopped)]) == 0
    assert keystore.read_bytes() != before


@pytest.mark.parametrize("taken", ["ADDRESS", "HEALTH_ADDRESS"])
def test_a_second_run_leaves_the_clock_of_the_first_alone(tmp_path, capsys, monkeypatch, taken):
    clock = tmp_path / "clock.json"
    clock.write_text("the first one's")
    with socket.create_server(("127.0.0.1", 0)) as first:
        for name in ("ADDRESS", "HEALTH_ADDRESS"):
            port = first.getsockname()[1] if name == taken else 0
            monkeypatch.setattr(f"cli.running.{name}", f"127.0.0.1:{port}")
        assert main(["run", "--folder", str(tmp_path)]) == 1
    assert clock.read_text() == "the first one's"
    assert list(tmp_path.iterdir()) == [clock]
    assert "无法监听" in capsys.readouterr().err
