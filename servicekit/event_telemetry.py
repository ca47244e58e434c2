"""What is shown of events that are taken in: counts, times, ages, and a span in their trace."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

from liandong.common.v1.envelope_pb2 import Envelope
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from servicekit.clock import SystemClock

__all__ = [
    "EVENT_AGE",
    "FAILURES",
    "HANDLER_SECONDS",
    "TAKEN",
    "UNIT_SEEN",
    "UNKNOWN_EVENTS",
    "applied",
    "span",
    "tell_batch",
    "tell_published",
]

_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_AGES: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86400)

UNKNOWN_EVENTS = Counter(
    "liandong_unknown_events_total",
    "Events of a type that this consumer does not know; their streams went on.",
    ["consumer", "type_family"],
)
TAKEN = Counter(
    "liandong_events_taken_total",
    "Delivered events by what became of them.",
    ["consumer", "outcome"],
)
FAILURES = Counter(
    "liandong_event_failures_total",
    "Events whose handler failed, so that their stream stopped.",
    ["consumer", "type"],
)
HANDLER_SECONDS = Histogram(
    "liandong_event_handler_duration_seconds",
    "Time in the handler of an event, whether it failed or not; of a batch, an equal share.",
    ["consumer", "type"],
    buckets=_SECONDS,
)
EVENT_AGE = Histogram(
    "liandong_event_age_seconds",
    "Age of an event when it was applied, from its recording at the source.",
    ["consumer", "source"],
    buckets=_AGES,
)
UNIT_SEEN = Gauge(
    "liandong_unit_last_event_timestamp_seconds",
    "When metrics took in an event of a unit last (Unix time), since this process began.",
    ["unit"],
)

tracer = trace.get_tracer("servicekit.stream")
_trace_context = TraceContextTextMapPropagator()
_machine = SystemClock()


def applied(consumer: str, event: Envelope) -> None:
    """Note the age of an event that was applied."""
    if event.HasField("recorded_at"):
        age = _machine.now().timestamp() - event.recorded_at.ToNanoseconds() / 1e9
        EVENT_AGE.labels(consumer, event.source).observe(max(age, 0.0))


def span(consumer: str, event: Envelope) -> AbstractContextManager[object]:
    """A span around the handler that continues the trace of the command."""
    return tracer.start_as_current_span(
        _name(event),
        context=_trace_context.extract({"traceparent": event.traceparent}),
        kind=trace.SpanKind.CONSUMER,
        attributes=_attributes(consumer, event),
    )


def tell_batch(
    consumer: str, due: Iterable[tuple[Envelope, bool]], began_ns: int, ended_ns: int
) -> None:
    """Show the events of a batch as if each had been taken by itself, in its own trace.

    `due` says of each whether the consumer knows its type. A batch belongs to
    a hundred traces, so it cannot be the current span of any.
    """
    events = list(due)
    share = (ended_ns - began_ns) / 1e9 / max(len(events), 1)
    for event, known in events:
        if event.unit:
            UNIT_SEEN.labels(event.unit).set(ended_ns / 1e9)
        if not known:
            continue
        applied(consumer, event)
        HANDLER_SECONDS.labels(consumer, event.type).observe(share)
        if event.traceparent:
            tracer.start_span(
                _name(event),
                context=_trace_context.extract({"traceparent": event.traceparent}),
                kind=trace.SpanKind.CONSUMER,
                attributes={**_attributes(consumer, event), "liandong.batch": len(events)},
                start_time=began_ns,
            ).end(ended_ns)


def tell_published(service: str, bodies: Iterable[bytes], began_ns: int, ended_ns: int) -> None:
    """Show in the trace of each event that a relay published it, and when the broker had it."""
    for body in bodies:
        event = Envelope.FromString(body)
        if event.traceparent:
            tracer.start_span(
                f"{event.type} publish",
                context=_trace_context.extract({"traceparent": event.traceparent}),
                kind=trace.SpanKind.PRODUCER,
                attributes={
                    "messaging.destination.name": service,
                    "messaging.message.id": event.event_id,
                    "liandong.stream_id": event.stream_id,
                },
                start_time=began_ns,
            ).end(ended_ns)


def _name(event: Envelope) -> str:
    return f"{event.type} apply"


def _attributes(consumer: str, event: Envelope) -> dict[str, Any]:
    return {
        "messaging.consumer.group.name": consumer,
        "messaging.message.id": event.event_id,
        "liandong.stream_id": event.stream_id,
        "liandong.seq": event.seq,
    }
