"""Channels carry token, deadline and trace; a local one shares nothing with the service."""

from __future__ import annotations

import threading

import grpc
import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from servicekit import client
from servicekit.client import LocalChannel, TracedChannel, bearer, connect
from servicekit.identity import Caller
from servicekit.tests.toy_server import Desk

METRICS = Caller(service="metrics", purpose="rebuild")


@pytest.fixture
def desk(toy):
    return Desk(toy.runner)


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(client, "tracer", provider.get_tracer("test"))
    return exporter


def traced(desk, channel, timeout=5.0):
    return TracedChannel(channel, lambda: desk.token(METRICS), timeout=timeout, peer="delivery")


def test_a_traced_channel_sends_its_token_and_names_its_peer(desk, spans):
    stub = pb_grpc.DeliveryServiceStub(traced(desk, LocalChannel([desk.registrar])))
    stub.ReadEvents(pb.ReadEventsRequest())
    [span] = spans.get_finished_spans()
    assert span.attributes["peer.service"] == "delivery"


def test_the_service_sees_the_span_of_its_caller(desk, spans):
    class Listening(LocalChannel):
        seen = None

        def unary_unary(self, *args, **options):
            inner = super().unary_unary(*args, **options)

            def call(request, *, timeout, metadata):
                self.seen = (timeout, dict(metadata))
                return inner(request, timeout=timeout, metadata=metadata)

            return call

    channel = Listening([desk.registrar])
    pb_grpc.DeliveryServiceStub(traced(desk, channel, 1.5)).ReadEvents(pb.ReadEventsRequest())
    [span] = spans.get_finished_spans()
    timeout, metadata = channel.seen
    assert timeout == 1.5
    assert metadata["traceparent"][3:52] == (
        f"{span.context.trace_id:032x}-{span.context.span_id:016x}"
    )


def test_the_deadline_of_a_traced_channel_ends_a_slow_call(desk, spans):
    server = desk.server()
    server.start()
    with connect(f"127.0.0.1:{server.port}") as channel:
        slow = TracedChannel(channel, desk.token, timeout=0.2, peer="delivery")
        with pytest.raises(grpc.RpcError) as caught:
            pb_grpc.DeliveryServiceStub(slow).GetCourierOffer(
                pb.GetCourierOfferRequest(case_number="SLOW")
            )
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        desk.servicer.go.set()
    server.stop()


def test_without_a_trace_only_the_token_travels():
    assert bearer("t") == [("authorization", "Bearer t")]


def test_a_local_channel_knows_only_the_methods_it_was_given(desk):
    with pytest.raises(KeyError):
        LocalChannel([]).unary_unary("/s/Get", bytes, bytes)
    with pytest.raises(KeyError):
        pb_grpc.DeliveryServiceStub(LocalChannel([]))


def test_request_and_answer_are_copies(desk):
    """What a caller changes afterwards is not what the service has."""
    kept = []
    desk.servicer.ListCourierOffers = lambda request, context: kept.append(request)
    stub = pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
    request = pb.ListCourierOffersRequest(page_token="a")
    desk.registrar.methods["/liandong.delivery.v1.DeliveryService/ListCourierOffers"] = (
        grpc.unary_unary_rpc_method_handler(
            lambda received, context: kept.append(received) or pb.ListCourierOffersResponse(),
            request_deserializer=pb.ListCourierOffersRequest.FromString,
            response_serializer=pb.ListCourierOffersResponse.SerializeToString,
        )
    )
    stub.ListCourierOffers(request)
    request.page_token = "b"
    assert [each.page_token for each in kept] == ["a"]


def test_a_question_that_meets_a_process_which_ends_is_answered_by_the_next(desk, spans):
    """Between two processes on one address: UNAVAILABLE is repeated, and nobody notices."""
    first = desk.server()
    first.start()
    with connect(f"127.0.0.1:{first.port}") as channel:
        stub = pb_grpc.DeliveryServiceStub(
            TracedChannel(channel, desk.token, timeout=30, peer="delivery")
        )
        stub.GetCourierOffer(pb.GetCourierOfferRequest(case_number="A1"))
        first._door.close(0)  # as at SIGTERM: whoever comes now is told to try again
        opened = threading.Timer(0.1, lambda: setattr(first._door, "_is_closing", False))
        opened.start()
        assert stub.GetCourierOffer(pb.GetCourierOfferRequest(case_number="A1")).HasField("offer")
        opened.join()
    first.stop()
