"""`liandong metrics rebuild` on a district that runs."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.installation import Installation
from cli.keys import make_keys
from cli.main import main
from servicekit.database import make_engine
from services import graph
from services.standalone.district import District
from services.standalone.seed import seed_catalogue


@pytest.fixture
def running(tmp_path):
    """A folder with an embedded district that serves, and what it counted."""
    district = District.open(tmp_path)
    with contextlib.closing(district):
        seed_catalogue(district.resources["catalog"])
        address = f"127.0.0.1:{district.serve().port}"
        district.settle()
        district.keyring.save(tmp_path / "issuer.json")
        Installation(
            addresses=dict.fromkeys(graph.SERVICES, address),
            databases={name: f"sqlite:///{tmp_path / name}.db" for name in graph.SERVICES},
            keystores=dict.fromkeys(graph.SERVICES, str(tmp_path / "keystore.json")),
            checkpoints=str(tmp_path / "checkpoints"),
            blobs=str(tmp_path / "blobs"),
            issuer=str(tmp_path / "issuer.json"),
        ).save(tmp_path)
        yield tmp_path


def test_a_rebuild_names_what_differed_and_puts_it_right(running, capsys):
    engine = make_engine(Installation.load(running).databases["metrics"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE unit SET name = 'X' WHERE unit = '370306000000-C1'"))

    assert main(["metrics", "rebuild", "--folder", str(running)]) == 1
    assert "unit 370306000000-C1" in capsys.readouterr().out

    assert main(["metrics", "rebuild", "--folder", str(running)]) == 0
    assert "已替换0行" in capsys.readouterr().out
    engine.dispose()


def test_without_the_issuer_nothing_is_read(running, capsys):
    installation = Installation.load(running)
    (running / "district.json").unlink()
    Installation(
        addresses=installation.addresses,
        databases=installation.databases,
        keystores=installation.keystores,
        checkpoints=installation.checkpoints,
        blobs=installation.blobs,
    ).save(running)

    assert main(["metrics", "rebuild", "--folder", str(running)]) == 1
    assert "没有签发令牌的私钥" in capsys.readouterr().err


def test_where_the_issuer_is_elsewhere_its_token_and_the_addresses_suffice(
    running, tmp_path_factory, capsys
):
    installation = Installation.load(running)
    keys = tmp_path_factory.mktemp("issuer")
    shutil.copy(installation.issuer, keys / "issuer.json")
    make_keys(keys)
    Path(installation.issuer).unlink()
    replace(installation, issuer="", addresses={}).save(running)
    words = ["metrics", "rebuild", "--folder", str(running)]

    assert main(words) == 1
    assert "--at" in capsys.readouterr().err
    for name in graph.sources_of("metrics"):
        words += ["--at", f"{name}={installation.addresses[name]}"]
    assert main(words) == 1
    assert "metrics-rebuild.token" in capsys.readouterr().err
    assert main([*words, "--token", str(keys / "metrics-rebuild.token")]) == 0
    assert "已替换0行" in capsys.readouterr().out
    assert main([*words, "--token", str(keys / "intake-jobs.token")]) == 1
    assert "无法读取事件日志" in capsys.readouterr().err
