"""The logs of the other services, read by gRPC."""

from __future__ import annotations

import pytest
from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.common.v1.common_pb2 import PublishedEvent
from liandong.delivery.v1 import delivery_service_pb2 as delivery
from liandong.intake.v1 import intake_service_pb2 as intake
from liandong.review.v1 import review_service_pb2 as review

from services.metrics.adapters.clients import event_logs

PROTOS = {"catalog": catalog, "intake": intake, "review": review, "delivery": delivery}


class OneLog:
    """A channel behind which a service answers one method with one event."""

    def __init__(self, source):
        self._method = f"/liandong.{source}.v1.{source.capitalize()}Service/ReadEvents"
        self._proto = PROTOS[source]

    def unary_unary(self, method, request_serializer, response_deserializer, **options):
        def call(request):
            assert method == self._method
            after = self._proto.ReadEventsRequest.FromString(
                request_serializer(request)
            ).after_position
            event = PublishedEvent(position=after + 1, envelope=self._method.encode())
            answer = self._proto.ReadEventsResponse(events=[event])
            return response_deserializer(answer.SerializeToString())

        return call


@pytest.mark.parametrize("source", PROTOS)
def test_each_log_is_read_after_the_position_at_hand(source):
    read = event_logs({name: OneLog(name) for name in PROTOS})

    [event] = read(source, 7)

    assert event.position == 8
    assert source.encode() in event.envelope
