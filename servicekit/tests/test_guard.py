"""What stands before every method, over the wire and in one process alike."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from servicekit import grpc_server
from servicekit.client import LocalChannel
from servicekit.database import make_engine
from servicekit.grpc_errors import refusal_of
from servicekit.grpc_server import MAX_MESSAGE_BYTES, WIRE_MESSAGE_BYTES, Registrar
from servicekit.identity import Caller
from servicekit.tests.toy import CLERK, FOREIGN, Parcel, request
from servicekit.tests.toy_server import SECRET, SERVICE, Desk

ROOT = Path(__file__).parents[2]
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def desk(toy):
    return Desk(toy.runner)


@pytest.fixture(params=["wire", "local"])
def stub(request, desk):
    """The same methods over the network and within the process."""
    if request.param == "local":
        yield pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
        return
    server = desk.server()
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield pb_grpc.DeliveryServiceStub(channel)
    server.stop()


def get(case="A1"):
    return pb.GetCourierOfferRequest(case_number=case)


def refused(method, message, metadata=(), **more):
    with pytest.raises(grpc.RpcError) as caught:
        method(message, metadata=metadata, timeout=more.pop("timeout", 10))
    return refusal_of(caught.value), caught.value


@pytest.mark.parametrize("case", ["BUG", "OF-NO-KIND", "WORDLESS"])
def test_a_bug_shows_none_of_its_text_and_all_of_it_in_the_log(stub, desk, caplog, case):
    refusal, error = refused(stub.GetCourierOffer, get(case), desk.metadata())
    assert refusal.code == "INTERNAL"
    assert error.details() == "internal error"
    assert SECRET not in f"{error!r}{refusal}"
    assert "call_failed" in caplog.text
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.exc_info


def test_a_refusal_has_code_reason_rule_facts_and_words(stub, desk, toy):
    toy.add(Parcel("A3", state="TAKEN"))
    refusal, error = refused(stub.AnswerCourierOffer, request("A3"), desk.metadata())
    assert (refusal.code, refusal.reason, refusal.rule) == (
        "FAILED_PRECONDITION",
        "ROLE_DENIED",
        "R9.9",
    )
    assert refusal.text == "（ROLE_DENIED）"
    assert refusal.facts == {"case": "A3", "rule": "R9.9"}
    assert error.details() == "It was answered"
    again, _ = refused(stub.AnswerCourierOffer, request("A3"), desk.metadata())
    assert again == refusal, "the stored refusal is the same word for word"


def test_a_malformed_request_names_its_fields_and_reaches_no_handler(stub, desk):
    refusal, _ = refused(stub.GetCourierOffer, get("x" * 51), desk.metadata())
    assert (refusal.code, refusal.reason, refusal.fields) == (
        "INVALID_ARGUMENT",
        "MALFORMED_REQUEST",
        ("case_number",),
    )
    assert desk.servicer.calls == 0


def test_a_request_with_very_many_faults_still_gets_its_answer(stub, desk):
    message = pb.AnswerCourierOfferRequest(request_id="x" * 100_000, case_number="\x00" * 60)
    refusal, _ = refused(stub.AnswerCourierOffer, message, desk.metadata())
    assert set(refusal.fields) == {"request_id", "case_number", "revision"}


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        pytest.param([], "TOKEN_MISSING", id="none"),
        pytest.param([("authorization", "Basic x")], "TOKEN_MISSING", id="another-scheme"),
        pytest.param([("authorization", "Bearer x.y.z")], "TOKEN_INVALID", id="rubbish"),
    ],
)
def test_a_call_without_a_good_token_is_refused(stub, desk, metadata, reason):
    refusal, _ = refused(stub.GetCourierOffer, get(), metadata)
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", reason)


def test_an_expired_token_says_so(stub, desk):
    desk.issuer._wall = lambda: time.time() - 7200
    token = desk.token(lifetime=timedelta(hours=1))
    refusal, _ = refused(stub.GetCourierOffer, get(), [("authorization", f"Bearer {token}")])
    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")


def test_who_may_not_call_is_refused_before_the_request_is_looked_at(stub, desk):
    nobody = replace(CLERK, roles=frozenset({"REVIEWER"}))
    refusal, _ = refused(stub.GetCourierOffer, get("x" * 51), desk.metadata(nobody))
    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "ROLE_DENIED")


def test_a_public_method_needs_no_token_and_knows_nobody(stub):
    answer = stub.ListCourierOffers(pb.ListCourierOffersRequest(), timeout=10)
    assert answer.next_page_token == "nobody"


def test_a_foreign_window_is_refused_and_a_service_with_a_purpose_is_not(stub, desk):
    refusal, _ = refused(stub.AnswerCourierOffer, request(), desk.metadata(FOREIGN))
    assert refusal.reason == "OUT_OF_SCOPE"
    service = desk.metadata(Caller(service="metrics", purpose="rebuild"))
    stub.ReadEvents(pb.ReadEventsRequest(), metadata=service, timeout=10)


def test_an_expired_deadline_is_not_begun(desk):
    metadata = dict(desk.metadata())
    status = desk.registrar.answer(
        f"/{SERVICE}/GetCourierOffer", get().SerializeToString(), metadata, 0.0
    )
    assert status.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert desk.servicer.calls == 0


def test_a_call_that_waited_past_its_deadline_is_not_begun(desk):
    server = desk.server(threads=1, queued=8)
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = pb_grpc.DeliveryServiceStub(channel)
        slow = stub.GetCourierOffer.future(get("SLOW"), metadata=desk.metadata(), timeout=20)
        desk.servicer.began.acquire(timeout=10)
        late = stub.GetCourierOffer.future(get(), metadata=desk.metadata(), timeout=0.3)
        assert late.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        desk.servicer.go.set()
        slow.result()
        stub.ListCourierOffers(pb.ListCourierOffersRequest(), timeout=10)  # behind the late one
    server.stop()
    assert desk.servicer.calls == 1


def test_beyond_capacity_a_call_is_refused_at_once_and_health_answers(desk):
    server = desk.server(threads=1, queued=1)
    server.start()
    with (
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        grpc.insecure_channel(f"127.0.0.1:{server.health_port}") as health_channel,
    ):
        stub = pb_grpc.DeliveryServiceStub(channel)
        waiting = [
            stub.GetCourierOffer.future(get("SLOW"), metadata=desk.metadata(), timeout=20)
            for _ in range(2)
        ]
        desk.servicer.began.acquire(timeout=10)
        began = time.monotonic()
        refusals = {refused(stub.GetCourierOffer, get(), desk.metadata())[0].code for _ in range(5)}
        health = health_pb2_grpc.HealthStub(health_channel)
        state = health.Check(health_pb2.HealthCheckRequest(service=SERVICE), timeout=5).status
        assert refusals == {"RESOURCE_EXHAUSTED"}
        assert time.monotonic() - began < 3
        assert state == health_pb2.HealthCheckResponse.SERVING
        desk.servicer.go.set()
        for call in waiting:
            call.result()
    server.stop()


def test_within_one_process_there_is_a_bound_too(toy):
    desk = Desk(toy.runner, room=1)
    stub = pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(stub.GetCourierOffer, get("SLOW"), metadata=desk.metadata())
        desk.servicer.began.acquire(timeout=10)
        refusal, _ = refused(stub.GetCourierOffer, get(), desk.metadata())
        desk.servicer.go.set()
        slow.result()
    assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "AT_CAPACITY")
    stub.GetCourierOffer(get(), metadata=desk.metadata())  # the room is given back


def test_a_database_that_is_away_is_unavailable_and_no_bug(toy):
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", pool_size=1)
    desk = Desk(replace(toy.runner, engine=away))
    stub = pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
    refusal, error = refused(stub.AnswerCourierOffer, request(), desk.metadata())
    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "DEPENDENCY_AWAY")
    assert "127.0.0.1" not in str(error.details())


def test_bytes_that_are_no_message_are_malformed_and_no_bug(desk):
    server = desk.server()
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary(f"/{SERVICE}/GetCourierOffer")
        refusal, _ = refused(call, b"\xff\xff\xff", desk.metadata())
        unknown, _ = refused(channel.unary_unary(f"/{SERVICE}/Invented"), b"")
    server.stop()
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "MALFORMED_REQUEST")
    assert unknown.code == "UNIMPLEMENTED"


def test_the_traceparent_of_the_caller_is_the_parent_of_the_span(stub, desk, toy, monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(grpc_server, "tracer", provider.get_tracer("test"))
    metadata = [*desk.metadata(), ("traceparent", PARENT)]
    stub.AnswerCourierOffer(request(), metadata=metadata, timeout=10)
    [span] = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == PARENT[3:35]
    assert f"{span.parent.span_id:016x}" == PARENT[36:52]
    assert span.attributes["rpc.grpc.status_code"] == 0
    [envelope] = toy.envelopes()
    assert envelope.traceparent == f"{PARENT[:35]}-{span.context.span_id:016x}-01"


def test_reflection_lists_the_services(desk):
    server = desk.server()
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=10
        )
        names = {each.name for each in next(answers).list_services_response.service}
    server.stop()
    assert SERVICE in names


def test_a_method_that_streams_cannot_be_registered(desk):
    handlers = {"Watch": grpc.unary_stream_rpc_method_handler(lambda *_: iter(()))}
    with pytest.raises(TypeError, match="streams"):
        Registrar(desk.registrar.guard).add_registered_method_handlers(SERVICE, handlers)


def wait_for(path, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not come"
        time.sleep(0.02)
    return path


def first_refusal(call, seconds=10.0):
    """Health is red before the door is shut, so a call or two may still be answered."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            call()
        except grpc.RpcError as error:
            return refusal_of(error)
    return None


@pytest.fixture
def process(tmp_path):
    path = os.pathsep.join([str(ROOT), str(ROOT / "protos/gen/python")])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("toy_server.py"), tmp_path],
            env=os.environ | {"PYTHONPATH": path},
            stdout=log,
            stderr=log,
        )
    yield process
    process.kill()
    process.wait()


def test_sigterm_turns_health_red_finishes_what_is_in_flight_and_ends(process, tmp_path):
    port, health_port = wait_for(tmp_path / "ports").read_text().split()
    metadata = [("authorization", f"Bearer {(tmp_path / 'token').read_text()}")]
    states: list[int] = []
    red = threading.Event()
    with (
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
        grpc.insecure_channel(f"127.0.0.1:{health_port}") as health_channel,
    ):
        stub = pb_grpc.DeliveryServiceStub(channel)
        health = health_pb2_grpc.HealthStub(health_channel)
        watch = health.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=20)

        def listen():
            for each in watch:
                states.append(each.status)
                if each.status == health_pb2.HealthCheckResponse.NOT_SERVING:
                    red.set()
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        slow = stub.GetCourierOffer.future(
            get("SLOW"), metadata=metadata, timeout=20, wait_for_ready=True
        )
        wait_for(tmp_path / "began")
        process.send_signal(signal.SIGTERM)
        assert red.wait(10), "health did not turn red while a call was in flight"
        assert not slow.done()
        refusal = first_refusal(lambda: stub.GetCourierOffer(get(), metadata=metadata, timeout=5))
        assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "CLOSING")
        (tmp_path / "go").touch()
        assert slow.result().HasField("offer")
        listener.join()
    assert process.wait(15) == 0


def test_a_process_that_ends_under_load_tells_nobody_anything_but_to_try_again(process, tmp_path):
    """CANCELLED, which grpcio says of its own, is nothing that clients repeat."""
    port, _ = wait_for(tmp_path / "ports").read_text().split()
    metadata = [("authorization", f"Bearer {(tmp_path / 'token').read_text()}")]
    answered = threading.Semaphore(0)

    def hammer(_):
        codes = []
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = pb_grpc.DeliveryServiceStub(channel)
            while process.poll() is None:
                try:
                    stub.GetCourierOffer(get(), metadata=metadata, timeout=20)
                    codes.append("OK")
                    answered.release()
                except grpc.RpcError as error:
                    codes.append(error.code().name)
        return codes

    with ThreadPoolExecutor(6) as pool:
        hammering = pool.map(hammer, range(6))
        for _ in range(60):
            assert answered.acquire(timeout=20)
        process.send_signal(signal.SIGTERM)
        codes = {code for each in hammering for code in each}
    assert codes <= {"OK", "UNAVAILABLE"}
    assert "UNAVAILABLE" in codes


def test_a_message_above_the_maximum_is_refused_with_its_limit(desk):
    server = desk.server()
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary(f"/{SERVICE}/GetCourierOffer")
        refusal, _ = refused(call, b"x" * (MAX_MESSAGE_BYTES + 1), desk.metadata())
        beyond, error = refused(call, b"x" * (WIRE_MESSAGE_BYTES + 1), desk.metadata())
    server.stop()
    assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert refusal.facts == {"size": "4194305", "limit": "4194304"}
    assert (beyond.code, beyond.reason) == ("RESOURCE_EXHAUSTED", "")
    assert str(WIRE_MESSAGE_BYTES) in error.details(), "grpcio names a limit, and no reason"


def _varint(number):
    low = bytearray()
    while number > 0x7F:
        low.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*low, number])


def test_a_message_of_the_stated_maximum_is_taken(stub, desk):
    request = get()
    room = MAX_MESSAGE_BYTES - request.ByteSize()
    padded = pb.GetCourierOfferRequest.FromString(
        request.SerializeToString() + b"\xfa\x7f" + _varint(room - 6) + b"\x00" * (room - 6)
    )
    assert padded.ByteSize() == MAX_MESSAGE_BYTES
    assert stub.GetCourierOffer(padded, metadata=desk.metadata(), timeout=20).HasField("offer")


def test_a_flood_of_one_window_is_told_so_while_another_window_and_queries_are_answered(desk):
    server = desk.server(threads=16, queued=16, patience=0.05)
    server.start()
    another = replace(CLERK, unit="another-window")
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = pb_grpc.DeliveryServiceStub(channel)
        slow = [
            stub.GetCourierOffer.future(get("SLOW"), metadata=desk.metadata(), timeout=60)
            for _ in range(8)
        ]
        for _ in slow:
            assert desk.servicer.began.acquire(timeout=20)
        refusal, _ = refused(stub.GetCourierOffer, get(), desk.metadata())
        assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "UNIT_AT_CAPACITY")
        assert refusal.facts == {"limit": "8"}
        for _ in range(20):
            stub.GetCourierOffer(get(), metadata=desk.metadata(another), timeout=20)
            stub.ReadEvents(
                pb.ReadEventsRequest(),
                metadata=desk.metadata(Caller(service="metrics", purpose="rebuild")),
                timeout=20,
            )
        desk.servicer.go.set()
        for call in slow:
            call.result()
    server.stop()
