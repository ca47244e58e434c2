"""The published log of a service, as its ReadEvents answers."""

from __future__ import annotations

from liandong.common.v1.common_pb2 import PublishedEvent
from sqlalchemy import Engine

from servicekit.outbox import OutboxTables
from servicekit.relay import read_events

__all__ = ["LARGEST_PAGE", "published_events"]

LARGEST_PAGE = 500


def published_events(
    engine: Engine, tables: OutboxTables, after_position: int, page_size: int
) -> list[PublishedEvent]:
    """Return published events after a position, in the order of the log."""
    answer = []
    for event in read_events(engine, tables, after_position, page_size or LARGEST_PAGE):
        message = PublishedEvent(position=event.position, envelope=event.envelope)
        message.publish_time.FromDatetime(event.published_at)
        answer.append(message)
    return answer
