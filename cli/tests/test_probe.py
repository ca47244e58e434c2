"""An installation is asked as its callers ask: `helm test` runs this."""

from __future__ import annotations

import socket

import pytest

from cli.main import main
from journeys.embedded import embedded


@pytest.fixture
def served(tmp_path):
    """An embedded district that answers on ports of this machine."""
    with embedded(tmp_path / "district") as (district, _world):
        yield district._server, tmp_path / "district"


def target(service, server) -> str:
    return f"{service}=127.0.0.1:{server.port},{server.health_port}"


def test_a_district_that_is_well_answers_and_a_journey_goes_through(served, capsys):
    server, folder = served
    targets = [
        target(name, server) for name in ("catalog", "intake", "review", "delivery", "metrics")
    ]
    asked = main([
        "probe", *targets, "--journey", "1",
        "--issuer", str(folder / "keyring.json"), "--clock", str(folder / "clock.json"),
    ])  # fmt: skip
    told = capsys.readouterr().out
    assert asked == 0, told
    assert "正常 intake GetProgress CASE_UNKNOWN" in told
    assert told.rstrip().endswith("正常 办件流程1")


def test_a_service_that_does_not_answer_is_named(monkeypatch, capsys):
    monkeypatch.setattr("cli.probe.SECONDS", 0.5)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        assert main(["probe", f"catalog=127.0.0.1:{port},{port}"]) == 1
    assert f"异常 catalog 127.0.0.1:{port} DEADLINE_EXCEEDED" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["intake"], ["intake=host:1"], ["=host:1,2"]], ids=" ".join)
def test_a_target_that_cannot_be_read_is_shown_the_form(words, capsys):
    assert main(["probe", *words]) == 1
    assert "服务=主机:端口,健康检查端口" in capsys.readouterr().err


def test_a_journey_needs_a_clock_that_may_be_moved(capsys):
    assert main(["probe", "intake=host:1,2", "--journey", "1"]) == 1
    assert "--clock" in capsys.readouterr().err
