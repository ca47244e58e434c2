"""Publishes bodies to three quorum queues without waiting for a word of the broker.

Reads the address and how many bodies of what size on the command line; prints the seconds until all
of them stand in the queues. What the relay does with confirms is compared with it.
"""

from __future__ import annotations

import sys
import time
from typing import Final

from kombu import Exchange, Queue

from servicekit.messaging import QUEUE_ARGUMENTS, queue_depths
from servicekit.publishing import connect

_EXCHANGE: Final = Exchange("bench.events", "topic", durable=True)
_QUEUES: Final = 3
_PATIENCE_S: Final = 120.0


def main() -> None:
    """Publish, wait until all are there, tell how long it took."""
    url, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names = [f"bench.{number}" for number in range(_QUEUES)]
    with connect(url) as connection:
        for name in names:
            queue = Queue(name, _EXCHANGE, "#", durable=True, queue_arguments=dict(QUEUE_ARGUMENTS))
            queue(connection.channel()).declare()
        producer = connection.Producer()
        body = bytes(size)
        began = time.monotonic()
        for _ in range(count):
            producer.publish(body, exchange=_EXCHANGE, routing_key="bench.event.v1",
                             content_type="application/x-protobuf", delivery_mode=2)  # fmt: skip
        while any(depth.messages < count for depth in queue_depths(url, names).values()):
            if time.monotonic() - began > _PATIENCE_S:
                raise SystemExit("the broker did not take everything in time")
            time.sleep(0.01)  # between two looks
        sys.stdout.write(f"{time.monotonic() - began:.6f}\n")
        for name in names:
            Queue(name)(connection.channel()).delete()


if __name__ == "__main__":
    main()
