"""What deploy/README.md tells an operator to run does run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.main import main
from servicekit.identity import Keyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def test_the_command_it_names_makes_every_file_the_secrets_are_made_from(text, tmp_path):
    (words,) = re.findall(r"^liandong (keys create) keys$", text, re.MULTILINE)
    assert main([*words.split(), str(tmp_path)]) == 0
    named = set(re.findall(r"=keys/(\S+)", text))
    assert named
    assert named <= {path.name for path in tmp_path.iterdir()}
    assert Keyring.load(tmp_path / "verifier.json").keys[0].private is None


def test_every_secret_the_values_refer_to_is_explained(text, values):
    services = values["services"]
    names = {each["existingSecret"] for service in services.values() for each in service.values()
             if "existingSecret" in each} | {values["keyring"]["existingSecret"]}  # fmt: skip
    told = set(re.findall(r"^\| `(liandong-\S+)` \|", text, re.MULTILINE))
    for name in names:
        parts = name.split("-")
        assert name in told or f"{parts[0]}-<service>-{parts[-1]}" in told, name
