"""`liandong call` speaks as the district's processes do: with certificates where they have them."""

from __future__ import annotations

import pytest

from cli.installation import Installation
from cli.main import main
from journeys.embedded import embedded
from servicekit.grpc_server import Server, ServerLimits
from servicekit.tests.certificates import Authority
from servicekit.tls import Certificates

ITEM = '{"itemCode":"370306-01-001"}'


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def district(tmp_path_factory, authority):
    """A district whose services answer only whoever shows a certificate; and its folder."""
    folder = tmp_path_factory.mktemp("calls")
    with embedded(folder / "district") as (opened, _world):
        server = Server(
            {opened.resources_grpc_name(name): each for name, each in opened.registrars.items()},
            address="127.0.0.1:0",
            health_address="127.0.0.1:0",
            limits=ServerLimits(),
            certificates=Certificates(authority.files(folder / "server", "catalog")),
        )
        server.start()
        yield folder / "district", f"127.0.0.1:{server.port}"
        server.stop()


@pytest.fixture
def call(district, tmp_path, monkeypatch):
    folder, address = district
    for part in ("CERT", "KEY", "CA"):
        monkeypatch.delenv(f"SIGN_IN_TLS_{part}", raising=False)

    def run(**told: str) -> int:
        Installation(
            addresses={"catalog": address}, databases={}, keystores={}, checkpoints="", blobs="",
            issuer=str(folder / "keyring.json"), clock=str(folder / "clock.json"), **told,
        ).save(tmp_path)  # fmt: skip
        return main(["call", "p-0102", "catalog", "GetServiceItem", ITEM,
                     "--folder", str(tmp_path)])  # fmt: skip

    return run


def test_the_certificate_of_the_district_is_shown(call, authority, tmp_path, capsys):
    authority.files(tmp_path / "caller", "sign-in")
    assert call(tls=str(tmp_path / "caller")) == 0
    assert '"370306-01-001"' in capsys.readouterr().out


def test_what_the_processes_are_told_is_used_where_the_district_says_nothing(
    call, authority, tmp_path, monkeypatch, capsys
):
    files = authority.files(tmp_path / "caller", "sign-in")
    for part, path in (("CERT", files.cert), ("KEY", files.key), ("CA", files.ca)):
        monkeypatch.setenv(f"SIGN_IN_TLS_{part}", str(path))
    assert call() == 0
    assert "370306-01-001" in capsys.readouterr().out


def test_half_of_the_settings_is_said_to_be_half(call, authority, tmp_path, monkeypatch, capsys):
    files = authority.files(tmp_path / "caller", "sign-in")
    monkeypatch.setenv("SIGN_IN_TLS_CERT", str(files.cert))
    assert call() == 1
    told = capsys.readouterr().err
    assert "缺少 SIGN_IN_TLS_KEY、SIGN_IN_TLS_CA" in told


def test_a_certificate_that_cannot_be_read_is_named(call, tmp_path, capsys):
    assert call(tls=str(tmp_path / "nowhere")) == 1
    assert "nowhere" in capsys.readouterr().err
