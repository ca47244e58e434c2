"""The command line explains itself, and says in a sentence what it cannot do."""

from __future__ import annotations

import json

import pytest

from cli.main import main
from servicekit.identity import Keyring, TokenVerifier
from services import graph


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
