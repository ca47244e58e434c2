"""Traces leave the process behind its back: nobody waits for a collector, and logs name them."""

from __future__ import annotations

import json
import logging

import pytest
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from devstack.otlp import OtlpSink
from servicekit import grpc_server
from servicekit.client import LocalChannel
from servicekit.telemetry import JsonFormatter, tracer_provider
from servicekit.tests.toy import request
from servicekit.tests.toy_server import Desk

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LEFT_OUT = SAMPLED[:-1] + "0"
MORE_THAN_FITS = 5000  # spans; the queue of the exporter holds 2048


@pytest.fixture
def sink():
    with OtlpSink() as found:
        yield found


@pytest.fixture
def provider_of():
    made = []

    def make(endpoint, ratio=1.0):
        made.append(tracer_provider("intake", "api", endpoint, ratio))
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


def test_spans_reach_the_collector_with_service_and_role(sink, provider_of):
    provider = provider_of(sink.endpoint)
    with provider.get_tracer("test").start_as_current_span("a command"):
        pass
    assert provider.force_flush()
    [span] = sink.spans
    assert (span.service, span.role, span.name) == ("intake", "api", "a command")


def test_no_command_waits_for_a_collector_that_hangs(sink, provider_of, toy, monkeypatch):
    """The collector answers nobody until all commands are done: whoever waited would wait on."""
    sink.hang()
    provider = provider_of(sink.endpoint)
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(grpc_server, "tracer", tracer)
    desk = Desk(toy.runner)
    stub = pb_grpc.DeliveryServiceStub(LocalChannel([desk.registrar]))
    for _ in range(MORE_THAN_FITS):
        tracer.start_span("what fills the queue").end()
    assert sink.asked.wait(60), "the exporter has not even begun"
    answer = stub.AnswerCourierOffer(request(), metadata=desk.metadata(), timeout=30)
    assert answer is not None
    assert sink.spans == []  # the collector still hangs
    sink.release()


@pytest.mark.parametrize(
    ("ratio", "parent", "recorded"),
    [(1.0, "", True), (0.0, "", False), (0.0, SAMPLED, True), (1.0, LEFT_OUT, False)],
    ids=["all", "none", "begun elsewhere", "left out elsewhere"],
)
def test_the_share_of_traces_is_decided_where_they_begin(provider_of, ratio, parent, recorded):
    context = TraceContextTextMapPropagator().extract({"traceparent": parent})
    span = provider_of(None, ratio).get_tracer("test").start_span("a command", context=context)
    assert span.is_recording() is recorded
    span.end()


def test_a_line_of_the_log_names_its_trace(provider_of):
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "case_received", (), None)
    formatter = JsonFormatter("intake", "api")
    assert "trace_id" not in json.loads(formatter.format(record))
    with provider_of(None).get_tracer("test").start_as_current_span("a command") as span:
        line = json.loads(formatter.format(record))
    context = span.get_span_context()
    assert line["trace_id"] == trace.format_trace_id(context.trace_id)
    assert line["span_id"] == trace.format_span_id(context.span_id)
