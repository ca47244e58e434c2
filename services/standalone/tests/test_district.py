"""The embedded district: opened again it is the same one, and what fails is delivered again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from liandong.catalog.v1 import catalog_service_pb2 as pb
from liandong.catalog.v1 import catalog_service_pb2_grpc as pb_grpc
from sqlalchemy import func, select

from servicekit.client import bearer
from servicekit.clock import FixedClock
from servicekit.identity import Caller, TokenIssuer
from servicekit.jobs import enqueue
from servicekit.leases import Lease
from servicekit.relay import OutgoingMessage
from servicekit.testing import MONDAY
from services import graph
from services.standalone import dispatcher
from services.standalone import district as module
from services.standalone.dispatcher import LocalPublisher
from services.standalone.district import District
from services.standalone.seed import seed_catalogue


def opened(folder):
    return District.open(folder, clock=FixedClock(MONDAY))


def name_of_item(district):
    reader = Caller(service="intake", purpose="test")
    token = TokenIssuer(district.keyring).issue(reader, lifetime=timedelta(minutes=5))
    stub = pb_grpc.CatalogServiceStub(district.channel)
    request = pb.GetServiceItemRequest(item_code="370306-01-001")
    return stub.GetServiceItem(request, metadata=bearer(token), timeout=10).version.name


def rows(district, service):
    outbox = district.resources[service].kit.tables.outbox.outbox
    with district.resources[service].read_engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def test_a_district_that_is_opened_again_is_the_same_and_is_not_seeded_twice(tmp_path):
    first = opened(tmp_path)
    seed_catalogue(first.resources["catalog"])
    seeded = rows(first, "catalog")
    name = name_of_item(first)
    first.close()
    again = opened(tmp_path)
    seed_catalogue(again.resources["catalog"])
    assert (rows(again, "catalog"), name_of_item(again)) == (seeded, name)
    again.close()


def test_what_was_not_delivered_before_a_stop_is_delivered_after_the_next_start(tmp_path):
    first = opened(tmp_path)
    seed_catalogue(first.resources["catalog"])
    waiting = rows(first, "catalog")
    first.close()
    again = opened(tmp_path)
    assert again.dispatcher.publish_all() >= waiting
    assert again.dispatcher.publish_all() == 0
    again.close()


class Consumer:
    """Stands for the streams of a consumer whose database fails for one event."""

    def __init__(self, fails=b""):
        self.fails = fails
        self.taken = []

    def take(self, body):
        if body == self.fails:
            raise RuntimeError("database away")
        self.taken.append(body)


def test_an_event_is_confirmed_only_when_every_consumer_has_it():
    steady, troubled = Consumer(), Consumer(fails=b"two")
    publisher = LocalPublisher({"steady": steady, "troubled": troubled})
    batch = [OutgoingMessage("1", "a.b.v1", b"one"), OutgoingMessage("2", "a.b.v1", b"two")]
    assert publisher.publish(batch) == {"1"}
    assert troubled.taken == [b"one"]


def test_after_a_batch_the_jobs_of_the_consumers_are_woken():
    wake = threading.Event()
    LocalPublisher({"steady": Consumer()}, [wake]).publish([OutgoingMessage("1", "a.b.v1", b"")])
    assert wake.is_set()


def test_a_commit_wakes_the_jobs_of_its_own_service_and_no_others(tmp_path):
    district = opened(tmp_path)
    district.resources["intake"].kit.ring()
    assert [name for name, wake in district.wakes.items() if wake.is_set()] == ["intake"]
    district.close()


class SlowConsumer(Consumer):
    """Takes two seconds for each event."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def take(self, body):
        self.clock.append(self.clock[-1] + 2.0)
        super().take(body)


def test_a_batch_ends_before_the_lease_of_the_relay_does(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(dispatcher.time, "monotonic", lambda: clock[-1])
    batch = [OutgoingMessage(str(n), "a.b.v1", b"%d" % n) for n in range(20)]
    slow = SlowConsumer(clock)
    assert LocalPublisher({"slow": slow}).publish(batch) == {"0", "1", "2"}
    assert slow.taken == [b"0", b"1", b"2"]
    assert clock[-1] < Lease(None, "relay", "embedded").ttl


def test_the_relays_of_a_district_work_in_small_batches(tmp_path):
    district = opened(tmp_path)
    assert {relay._batch for relay in district.dispatcher._relays} == {dispatcher.BATCH}
    district.close()


def test_a_district_with_work_left_does_not_count_as_settled(tmp_path):
    district = opened(tmp_path)
    resources = district.resources["intake"]
    with resources.engine.begin() as connection:
        enqueue(connection, resources.kit.tables.job, key="k", kind="render", payload={})
    with pytest.raises(TimeoutError, match="intake"):
        district.settle(patience=0.1)
    district.close()


def test_services_that_ask_each_other_in_a_circle_are_refused(monkeypatch):
    circle = {("intake", "api"): ("catalog",), ("catalog", "api"): ("intake",)}
    monkeypatch.setattr(graph, "ASKS", circle)
    with pytest.raises(RuntimeError, match="circle"):
        module._in_order_of_asking()
