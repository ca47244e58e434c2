"""A district in which nobody speaks plain text: services, database and broker show certificates.

The authority is made for this test. Journey 1 goes its way through all twenty processes, the
checker rules on what it left, and whoever shows no certificate, or a foreign one, is nobody.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import amqp
import grpc
import psycopg
import pytest
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.intake.v1 import intake_service_pb2_grpc as pb_grpc
from sqlalchemy import make_url

from checker.run import CheckInput, check
from cli.main import main
from cli.processes import SIGN_IN, ProcessDistrict
from devstack.server import ServerTls
from devstack.stack import Stack
from journeys.every import journey
from journeys.recorder import Recorder
from journeys.world import World, steering
from servicekit.identity import TokenIssuer
from servicekit.tests.certificates import Authority
from services import graph

pytestmark = pytest.mark.mutual_tls


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def district(tmp_path_factory, authority) -> Iterator[ProcessDistrict]:
    folder = tmp_path_factory.mktemp("mutual-tls")
    for who in (*graph.SERVICES, SIGN_IN, "servers", "client"):
        authority.files(folder / "tls" / who, who)
    server, client = folder / "tls" / "servers", folder / "tls" / "client"
    tls = ServerTls(
        server / "tls.crt", server / "tls.key", server / "ca.crt",
        client / "tls.crt", client / "tls.key",
    )  # fmt: skip
    with Stack(tls=tls) as stack:
        made = ProcessDistrict(folder, stack, tls=folder / "tls")
        made.prepare()
        try:
            made.start()
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="module")
def driven(district) -> Iterator[World]:
    """The district after journey 1."""
    channels = district.channels()
    world = World(
        channels=channels,
        issuer=TokenIssuer(district.keyring),
        clock=steering(district.clock_control),
        ledger=district.folder / "ledger.jsonl",
        courier=district.courier,
    )
    journey("1").run(world, Recorder())
    yield world
    for channel in channels.values():
        channel.close()


def progress(channel: grpc.Channel) -> grpc.StatusCode:
    """Ask what needs no token: only the certificate decides whether there is an answer."""
    with channel:
        try:
            pb_grpc.IntakeServiceStub(channel).GetProgress(
                pb.GetProgressRequest(case_number="000000-00-00000000-00000", query_code="0"),
                timeout=60,
            )
        except grpc.RpcError as error:
            return error.code()
    raise AssertionError("a case that nobody has is known")


def shown(authority: Authority, folder: Path) -> grpc.ChannelCredentials:
    files = authority.files(folder, SIGN_IN)
    return grpc.ssl_channel_credentials(
        root_certificates=files.ca.read_bytes(),
        private_key=files.key.read_bytes(),
        certificate_chain=files.cert.read_bytes(),
    )


def test_journey_1_goes_its_way_and_the_checker_finds_nothing(district, driven):
    asked = CheckInput.from_json(district.checker_input(district.folder / "ledger.jsonl"))
    report = driven.wait(
        "a settled district", lambda: check(asked), lambda report: not report.findings
    )
    assert report.facts["queues"] != "not asked"


def test_who_shows_a_certificate_of_the_authority_is_answered(district, authority, tmp_path):
    address = f"127.0.0.1:{district.ports['intake'].api}"
    channel = grpc.secure_channel(address, shown(authority, tmp_path))
    assert progress(channel) == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", graph.SERVICES)
def test_who_shows_none_or_speaks_plain_text_reaches_no_service(district, authority, service):
    address = f"127.0.0.1:{district.ports[service].api}"
    without = grpc.ssl_channel_credentials(root_certificates=authority.pem)
    assert progress(grpc.secure_channel(address, without)) == grpc.StatusCode.UNAVAILABLE
    assert progress(grpc.insecure_channel(address)) == grpc.StatusCode.UNAVAILABLE


def test_a_certificate_of_a_foreign_authority_reaches_nobody(district, authority, tmp_path):
    foreign = Authority("foreign").files(tmp_path, SIGN_IN)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=authority.pem,
        private_key=foreign.key.read_bytes(),
        certificate_chain=foreign.cert.read_bytes(),
    )
    address = f"127.0.0.1:{district.ports['intake'].api}"
    assert progress(grpc.secure_channel(address, credentials)) == grpc.StatusCode.UNAVAILABLE


def test_the_database_lets_nobody_in_who_speaks_plain_text(district):
    url = make_url(district.database_url("intake")).set(drivername="postgresql", query={})
    plain = url.render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(plain, sslmode="disable")


def test_the_broker_lets_nobody_in_without_a_certificate(district, authority, tmp_path):
    ca = tmp_path / "ca.crt"
    ca.write_bytes(authority.pem)
    port = district.stack.rabbitmq.port
    verified = {
        "ca_certs": str(ca), "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "127.0.0.1",
    }  # fmt: skip
    for tls in (verified, False):
        connection = amqp.Connection(host=f"127.0.0.1:{port}", ssl=tls, connect_timeout=60)
        with pytest.raises((OSError, amqp.AMQPError)):
            connection.connect()
        connection.collect()


def test_the_operators_command_calls_with_the_districts_certificate(district, driven, capsys):
    district.installation().save(district.folder)
    words = ["call", "p-0401", "metrics", "GetRatios", "{}", "--folder", str(district.folder)]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["ratios"]
