"""Takes in the events metrics counts, in batches: plain kombu and threads, no eventlet.

What counts only what others report may lag and must keep up; one transaction
for a hundred events costs a tenth of a transaction for each.
"""

from __future__ import annotations

import signal
import threading

from servicekit.batch_consumer import BatchConsumer
from servicekit.batch_streams import BatchStreams
from servicekit.doorbell import DatabaseRinger
from servicekit.health import serve_health
from servicekit.service import open_resources
from servicekit.stream import Streams
from servicekit.telemetry import set_up_logging, set_up_tracing
from services.metrics.bootstrap import DEFINITION, batch_handler, event_handlers
from services.metrics.config import MetricsSettings

__all__ = ["main"]


def main() -> None:
    """Take events until SIGTERM; the batch at hand is finished first."""
    settings = MetricsSettings.load(DEFINITION.name)
    set_up_logging(DEFINITION.name, "worker", settings.log_level)
    set_up_tracing(DEFINITION.name, "worker", settings.otlp_endpoint, settings.trace_ratio)
    if settings.amqp_url is None:
        raise SystemExit("a worker needs a broker: AMQP_URL")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ringer = DatabaseRinger(settings.database("psycopg"))
    resources = open_resources(DEFINITION, settings, pool_size=2, ring=ringer.ring)
    streams = Streams(resources.engine, DEFINITION.name, event_handlers(resources))
    consumer = BatchConsumer(
        BatchStreams(streams, batch_handler(resources), ring=ringer.ring),
        DEFINITION.name,
        DEFINITION.sources,
        settings.amqp_url.get_secret_value(),
    )
    if settings.metrics_port:
        serve_health(
            settings.metrics_port,
            lambda: not stop.is_set(),
            is_ready=lambda: consumer.is_consuming and not stop.is_set(),
        )
    consumer.run(stop)
    ringer.close()
    resources.close()
