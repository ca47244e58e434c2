"""Between processes: who shows no certificate of ours is nobody, and a renewal fails no call."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc

from servicekit import tls
from servicekit.client import TracedChannel, connect
from servicekit.grpc_errors import refusal_of
from servicekit.grpc_server import Server, ServerLimits
from servicekit.identity import Caller
from servicekit.tests.certificates import Authority
from servicekit.tests.toy import CLERK
from servicekit.tests.toy_server import SERVICE, Desk
from servicekit.tls import Certificates, TlsFiles

METRICS = Caller(service="metrics", purpose="rebuild")


@pytest.fixture(autouse=True)
def _looks_again_at_once(monkeypatch):
    monkeypatch.setattr(tls, "LOOK_AGAIN_S", 0.0)


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def desk(toy):
    return Desk(toy.runner)


@pytest.fixture
def served(desk, authority, tmp_path):
    server = Server(
        {SERVICE: desk.registrar},
        address="127.0.0.1:0",
        health_address="127.0.0.1:0",
        limits=ServerLimits(drain_s=10),
        certificates=Certificates(authority.files(tmp_path / "server", "delivery")),
    )
    server.start()
    yield server
    server.stop()


def read_events(channel, desk, caller=METRICS):
    stub = pb_grpc.DeliveryServiceStub(
        TracedChannel(channel, lambda: desk.token(caller), timeout=10, peer="delivery")
    )
    return stub.ReadEvents(pb.ReadEventsRequest())


def test_a_service_with_its_own_certificate_is_answered(served, desk, authority, tmp_path):
    files = authority.files(tmp_path / "client", "metrics")
    with connect(f"127.0.0.1:{served.port}", files) as channel:
        read_events(channel, desk)


def test_who_shows_no_certificate_is_refused(served, desk, authority):
    credentials = grpc.ssl_channel_credentials(root_certificates=authority.pem)
    with (
        grpc.secure_channel(f"127.0.0.1:{served.port}", credentials) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        read_events(channel, desk)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_who_speaks_plain_text_is_refused(served, desk):
    with (
        connect(f"127.0.0.1:{served.port}") as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        read_events(channel, desk)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_a_certificate_of_a_foreign_authority_is_refused(served, desk, authority, tmp_path):
    foreign = Authority("foreign").files(tmp_path / "client", "metrics", trusted=authority.pem)
    with (
        connect(f"127.0.0.1:{served.port}", foreign) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        read_events(channel, desk)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_a_client_does_not_trust_a_server_of_a_foreign_authority(served, desk, authority, tmp_path):
    files = authority.files(tmp_path / "client", "metrics", trusted=Authority("foreign").pem)
    with (
        connect(f"127.0.0.1:{served.port}", files) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        read_events(channel, desk)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert desk.servicer.calls == 0


def test_a_services_token_with_the_certificate_of_another_service_is_refused(
    served, desk, authority, tmp_path
):
    files = authority.files(tmp_path / "client", "intake")
    with (
        connect(f"127.0.0.1:{served.port}", files) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        read_events(channel, desk)
    refusal = refusal_of(caught.value)
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "TOKEN_OF_ANOTHER")


def test_a_person_is_known_by_the_token_whatever_certificate_the_front_end_shows(
    served, desk, authority, tmp_path
):
    files = authority.files(tmp_path / "client", "front-end")
    with connect(f"127.0.0.1:{served.port}", files) as channel:
        stub = pb_grpc.DeliveryServiceStub(
            TracedChannel(channel, lambda: desk.token(CLERK), timeout=10, peer="delivery")
        )
        stub.GetCourierOffer(pb.GetCourierOfferRequest(case_number="A1"))


def test_health_is_asked_in_plain_text(served):
    with grpc.insecure_channel(f"127.0.0.1:{served.health_port}") as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=10
        )
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_new_authority_and_new_certificates_under_load_fail_no_call(
    served, desk, authority, tmp_path
):
    """First both authorities are trusted, then every certificate is new, then the old goes."""
    server, client = tmp_path / "server", tmp_path / "client"
    fresh = Authority("fresh")
    both = authority.pem + fresh.pem
    address = f"127.0.0.1:{served.port}"
    answered, stop = threading.Semaphore(0), threading.Event()

    def ask(channel):
        while not stop.is_set():
            read_events(channel, desk)
            answered.release()

    def some_calls_later():
        for _ in range(40):
            assert answered.acquire(timeout=30)

    old = authority.files(tmp_path / "stays-old", "metrics", trusted=both)
    with (
        connect(address, authority.files(client, "metrics")) as channel,
        ThreadPoolExecutor(3) as pool,
    ):
        asking = [pool.submit(ask, channel) for _ in range(3)]
        try:
            some_calls_later()
            for sign, trusted in ((authority, both), (fresh, both), (fresh, fresh.pem)):
                sign.files(server, "delivery", trusted=trusted)
                sign.files(client, "metrics", trusted=trusted)
                some_calls_later()
        finally:
            stop.set()
        for each in asking:
            each.result(30)
        assert channel._line.material.authorities == fresh.pem
    with connect(address, old) as channel, pytest.raises(grpc.RpcError):
        read_events(channel, desk)


def test_a_certificate_without_its_key_is_left_alone_until_the_key_is_there(
    authority, tmp_path, caplog
):
    files = authority.files(tmp_path, "delivery")
    certificates = Certificates(files)
    before = certificates.current()
    chain, key = authority.sign("delivery")
    files.cert.write_bytes(chain)
    assert certificates.current() == before
    assert "certificate_unusable" in caplog.text
    files.key.write_bytes(key)
    assert certificates.current().chain == chain


def test_a_process_does_not_start_with_a_key_of_another_certificate(authority, tmp_path):
    files = authority.files(tmp_path, "delivery")
    files.key.write_bytes(authority.sign("delivery")[1])
    with pytest.raises(ValueError, match="belong together"):
        Certificates(files)
    with pytest.raises(OSError, match="No such file"):
        Certificates(TlsFiles(tmp_path / "missing", files.key))


def test_the_files_are_looked_at_once_a_second(authority, tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "LOOK_AGAIN_S", 1.0)
    now = [0.0]
    certificates = Certificates(authority.files(tmp_path, "a"), monotonic=lambda: now[0])
    before = certificates.current()
    authority.files(tmp_path, "b")
    assert certificates.current() == before
    now[0] = 1.0
    assert certificates.current() != before


def test_a_call_under_way_is_answered_on_the_channel_it_began_on(served, desk, authority, tmp_path):
    files = authority.files(tmp_path / "client", "front-end")
    with connect(f"127.0.0.1:{served.port}", files) as channel, ThreadPoolExecutor(1) as pool:
        traced = TracedChannel(channel, lambda: desk.token(CLERK), timeout=30, peer="delivery")
        stub = pb_grpc.DeliveryServiceStub(traced)
        slow = pool.submit(stub.GetCourierOffer, pb.GetCourierOfferRequest(case_number="SLOW"))
        assert desk.servicer.began.acquire(timeout=20)
        old = channel._line
        authority.files(tmp_path / "client", "front-end")
        stub.GetCourierOffer(pb.GetCourierOfferRequest(case_number="A1"))
        assert channel._line is not old
        desk.servicer.go.set()
        assert slow.result(20).HasField("offer")
        deadline = time.monotonic() + 10
        while old.under_way:
            assert time.monotonic() < deadline
