"""Takes in the events of delivery with plain kombu, with as many at a time as nameko does.

The same handlers, the same streams, the same driver and green threads; only
nameko is missing. What it costs is the difference.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402 -- nothing may be imported before the patch
from typing import Any  # noqa: E402

from kombu import Consumer  # noqa: E402

from servicekit.doorbell import DatabaseRinger  # noqa: E402
from servicekit.messaging import listen, raw, stream_queue  # noqa: E402
from servicekit.publishing import connect  # noqa: E402
from servicekit.roles.worker import RingingStreams  # noqa: E402
from servicekit.service import open_resources  # noqa: E402
from services.delivery.bootstrap import DEFINITION, event_handlers  # noqa: E402
from services.delivery.config import DeliverySettings  # noqa: E402

_SOURCE = "intake"
_LOOK_S = 1.0


def main() -> None:
    """Take events until SIGTERM."""
    settings = DeliverySettings.load(DEFINITION.name)
    if settings.amqp_url is None:
        raise SystemExit("a worker needs a broker: AMQP_URL")
    ringer = DatabaseRinger(settings.database("psycopg2"))
    resources = open_resources(
        DEFINITION, settings, driver="psycopg2", pool_size=settings.max_workers, ring=ringer.ring
    )
    streams = RingingStreams(
        resources.engine, DEFINITION.name, event_handlers(resources), ring=ringer.ring
    )
    pool = eventlet.GreenPool(settings.max_workers)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))

    def take(message: Any) -> None:
        streams.take(raw(message))
        message.ack()

    with connect(settings.amqp_url.get_secret_value()) as connection:
        consumer = Consumer(
            connection.channel(), [stream_queue(DEFINITION.name, _SOURCE)], auto_declare=False
        )
        consumer.qos(prefetch_count=settings.max_workers)
        listen(consumer, lambda message: pool.spawn(take, message))
        with consumer:
            while not asked:
                try:
                    connection.drain_events(timeout=_LOOK_S)
                except TimeoutError:
                    connection.heartbeat_check()
        pool.waitall()


if __name__ == "__main__":
    main()
