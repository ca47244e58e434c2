"""The command line explains itself, and says in a sentence what it cannot do."""

from __future__ import annotations

import json

import pytest

from cli.main import main
from devstack.errors import MissingPackagesError, NotReadyError
from servicekit.identity import Keyring, TokenVerifier
from services import graph
from services.standalone.district import settings_for
from services.standalone.registry import part_of


@pytest.mark.parametrize(
    "words",
    [[], ["demo"], ["run"], ["up"], ["down"], ["token"], ["call"], ["journey"], ["migrate"],
     ["dead-letters"], ["audit", "verify"], ["calendar", "import"], ["keys", "create"],
     ["keys", "rotate"]],
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
