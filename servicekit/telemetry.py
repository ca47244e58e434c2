"""Logs, traces and metrics of every process, set up once at its start.

Logs are JSON lines with English keys and trace ids. Metrics are Prometheus:
rate, errors and duration of every RPC and handler. Traces go to an OTLP/HTTP
collector where one is configured; its failure never slows a command, since
spans are exported from a background thread with a bounded queue.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from servicekit.clock import SystemClock
from servicekit.masking import redact, scrub

__all__ = [
    "AUDIT_BROKEN",
    "AUDIT_UNSEALED",
    "JOBS",
    "REFUSALS",
    "RPCS",
    "RPCS_CAPACITY",
    "RPC_SECONDS",
    "VIOLATIONS",
    "current_traceparent",
    "propagator",
    "set_up_logging",
    "set_up_tracing",
    "tracer",
    "tracer_provider",
]

RPCS = Counter("liandong_rpcs_total", "Answered calls.", ["method", "code"])
RPC_SECONDS = Histogram(
    "liandong_rpc_duration_seconds",
    "Time from a call's entry to its answer.",
    ["method"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RPCS_IN_FLIGHT = Gauge("liandong_rpcs_in_flight", "Calls being answered now.")
RPCS_CAPACITY = Gauge("liandong_rpcs_capacity", "Calls that may be answered or wait at once.")
REFUSALS = Counter(
    "liandong_refusals_total", "Refused commands by reason and rule.", ["service", "reason", "rule"]
)
VIOLATIONS = Counter("liandong_violations_total", "Kept violations by rule.", ["service", "rule"])
AUDIT_UNSEALED = Gauge(
    "liandong_audit_unsealed_seconds", "Age of the oldest audit row not yet sealed.", ["service"]
)
AUDIT_BROKEN = Gauge(
    "liandong_audit_chain_broken",
    "Places at which the audit chain does not hold; 0 while it is whole.",
    ["service"],
)
JOBS = Counter("liandong_jobs_total", "Attempts of jobs by result.", ["service", "kind", "result"])

EXPORT_TIMEOUT_S = 5

tracer = trace.get_tracer("liandong")
propagator = TraceContextTextMapPropagator()
_machine = SystemClock()

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, extra fields, trace ids.

    Numbers of citizens and telephones are masked, wherever they came from.
    """

    def __init__(self, service: str, role: str) -> None:
        super().__init__()
        self._process = {"service": service, "role": role}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _machine.now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": scrub(record.getMessage()),
            **self._process,
        }
        line.update(redact({k: v for k, v in vars(record).items() if k not in _STANDARD}))
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = f"{context.trace_id:032x}"
            line["span_id"] = f"{context.span_id:016x}"
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(service: str, role: str, level: str = "INFO") -> None:
    """Log JSON lines to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service, role))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def tracer_provider(service: str, role: str, endpoint: str | None, ratio: float) -> TracerProvider:
    """Return what records spans and sends them to `endpoint` where there is one.

    A command never waits for it: finished spans go into a bounded queue that a
    thread empties, and what finds it full is lost. `ratio` is the share of
    commands that begin a trace; what continues one does as its beginning did.
    """
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.role": role}),
        sampler=ParentBased(TraceIdRatioBased(ratio)),
    )
    if endpoint:
        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_TIMEOUT_S))
        )
    return provider


def set_up_tracing(service: str, role: str, endpoint: str | None, ratio: float) -> None:
    """Record spans of this process from now on."""
    trace.set_tracer_provider(tracer_provider(service, role, endpoint, ratio))


def current_traceparent() -> str:
    """Return the W3C trace context of the span that is current, empty if there is none."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return carrier.get("traceparent", "")
