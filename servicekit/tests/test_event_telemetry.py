"""A batch and a relay show each event in its own trace, and nothing of what nobody traced."""

from __future__ import annotations

import pytest
from liandong.common.v1.envelope_pb2 import Envelope
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from servicekit import event_telemetry
from servicekit.testing import MONDAY

TRACES = ("0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736")
BEGAN, ENDED = 10**18, 10**18 + 4 * 10**9


def event(number, *, unit="W01", traced=True):
    found = Envelope(source="intake", event_id=f"e-{number}", type="intake.case_received.v1",
                     stream_id=f"A{number}", seq=1, unit=unit)  # fmt: skip
    if traced:
        found.traceparent = f"00-{TRACES[number]}-b7ad6b7169203331-01"
    found.recorded_at.FromDatetime(MONDAY)
    return found


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(event_telemetry, "tracer", provider.get_tracer("test"))
    return exporter


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


def test_each_event_of_a_batch_has_a_span_in_its_own_trace(spans):
    event_telemetry.tell_batch("metrics", [(event(0), True), (event(1), True)], BEGAN, ENDED)
    found = spans.get_finished_spans()
    assert {f"{each.context.trace_id:032x}" for each in found} == set(TRACES)
    assert {each.attributes["liandong.batch"] for each in found} == {2}
    assert {each.end_time - each.start_time for each in found} == {ENDED - BEGAN}


def test_a_batchs_time_is_shared_equally(spans):
    name, labels = "liandong_event_handler_duration_seconds", {
        "consumer": "shared", "type": "intake.case_received.v1"}  # fmt: skip
    event_telemetry.tell_batch("shared", [(event(0), True), (event(1), True)], BEGAN, ENDED)
    assert sample(f"{name}_count", **labels) == 2
    assert sample(f"{name}_sum", **labels) == pytest.approx(4)


def test_a_type_that_nobody_knows_is_no_label_but_its_unit_was_heard(spans):
    told = event(0, unit="W-UNKNOWN")
    told.type = "intake.invented.v1"
    event_telemetry.tell_batch("metrics", [(told, False)], BEGAN, ENDED)
    assert spans.get_finished_spans() == ()
    assert sample("liandong_unit_last_event_timestamp_seconds", unit="W-UNKNOWN") == ENDED / 1e9
    labels = {"consumer": "metrics", "type": told.type}
    assert sample("liandong_event_handler_duration_seconds_count", **labels) is None


def test_a_relay_shows_what_it_published_and_leaves_untraced_events_alone(spans):
    bodies = [event(0).SerializeToString(), event(1, traced=False).SerializeToString()]
    event_telemetry.tell_published("intake", bodies, BEGAN, ENDED)
    [span] = spans.get_finished_spans()
    assert span.name == "intake.case_received.v1 publish"
    assert f"{span.context.trace_id:032x}" == TRACES[0]
