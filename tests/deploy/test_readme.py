"""What deploy/README.md tells an operator to run does run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from servicekit.crypto import KeyStore
from servicekit.identity import Keyring
from services import graph

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def test_the_script_makes_every_file_of_the_secrets(text, tmp_path):
    (script,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    path = os.pathsep.join([str(ROOT), str(ROOT / "protos" / "gen" / "python")])
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        timeout=60,
    )
    keys = tmp_path / "keys"
    assert Keyring.load(keys / "keyring.json").keys[0].private is None
    assert Keyring.load(keys / "issuer.json").keys[0].private is not None
    for service in graph.SERVICES:
        assert KeyStore.load(keys / f"{service}.json").data.keys
    for service, role in graph.ASKS:
        assert (keys / f"{service}-{role}.token").read_text(encoding="utf-8").count(".") == 2


def test_every_secret_the_values_refer_to_is_explained(text, values):
    services = values["services"]
    names = {each["existingSecret"] for service in services.values() for each in service.values()
             if "existingSecret" in each} | {values["keyring"]["existingSecret"]}  # fmt: skip
    told = set(re.findall(r"^\| `(liandong-\S+)` \|", text, re.MULTILINE))
    for name in names:
        parts = name.split("-")
        assert name in told or f"{parts[0]}-<service>-{parts[-1]}" in told, name
