"""What counts as published, what is declared, and what happens to parked bodies."""

from __future__ import annotations

import pytest
from kombu import Queue

from devstack.ports import free_port
from devstack.rabbitmq import RabbitMQ
from servicekit.messaging import (
    BrokerUnavailableError,
    ParkingError,
    Topology,
    TopologyError,
    check,
    declare,
    exchange_name,
    park,
    peek_dead,
    queue_depths,
    requeue_dead,
    wait_for_broker,
)
from servicekit.publishing import ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage, PublisherUnavailableError
from servicekit.tests.broker.conftest import Site, wait_until


def messages(count: int, key: str = "intake.case_noted.v1") -> list[OutgoingMessage]:
    return [OutgoingMessage(f"{key}-{n}", key, b"body", {"n": str(n)}) for n in range(count)]


class TestPublishing:
    def test_all_of_several_windows_are_confirmed(self, site: Site) -> None:
        batch = messages(250)

        with site.publisher() as publisher:
            assert publisher.publish(batch) == {message.event_id for message in batch}
        assert site.depth() == 250

    def test_a_message_that_reaches_no_queue_is_not_confirmed(self, site: Site) -> None:
        lost = f"{site.source}.events"
        with connect(site.amqp_url) as connection, connection.channel() as channel:
            channel.queue_unbind(site.queue, lost, "#")
            channel.queue_bind(site.queue, lost, "routed.#")
        batch = [*messages(3, "routed.a"), *messages(2, "unroutable"), *messages(3, "routed.b")]

        with site.publisher() as publisher:
            confirmed = publisher.publish(batch)

        assert confirmed == {m.event_id for m in batch if m.routing_key != "unroutable"}

    def test_what_a_full_queue_refuses_is_not_confirmed(self, site: Site) -> None:
        limits = {"x-max-length": 5, "x-overflow": "reject-publish"}
        full = Queue(f"{site.source}.full", durable=True, queue_arguments=limits)
        with connect(site.amqp_url) as connection, connection.channel() as channel:
            full(channel).declare()
        publisher = ConfirmingPublisher(site.amqp_url, "")

        confirmed = publisher.publish(messages(40, full.name))
        publisher.close()

        depth = queue_depths(site.amqp_url, [full.name])[full.name].messages
        assert 5 <= len(confirmed) < 40
        assert depth == 5 or len(confirmed) == depth

    def test_a_missing_exchange_is_an_error_and_the_publisher_recovers(self, site: Site) -> None:
        late = f"{site.source}_late"
        publisher = ConfirmingPublisher(site.amqp_url, exchange_name(late))
        with pytest.raises(PublisherUnavailableError):
            publisher.publish(messages(2))

        declare(site.amqp_url, Topology({late: [site.consumer]}))

        assert len(publisher.publish(messages(2))) == 2
        publisher.close()

    def test_a_cut_connection_is_replaced(self, site: Site) -> None:
        with site.publisher() as publisher:
            publisher.publish(messages(1))
            assert publisher._line is not None
            publisher._line._connection.connection.transport.sock.close()
            publisher.keep_alive()

            assert len(publisher.publish(messages(3))) == 3

    def test_a_broker_that_does_not_confirm_in_time_is_an_error(
        self, site: Site, rabbitmq: RabbitMQ
    ) -> None:
        """An alarm makes the broker stop reading from publishers."""
        publisher = ConfirmingPublisher(site.amqp_url, exchange_name(site.source), timeout=0.5)
        publisher.publish(messages(1))
        rabbitmq.ctl("set_vm_memory_high_watermark", "0.0001")
        try:
            with pytest.raises(PublisherUnavailableError):
                publisher.publish(messages(3))
        finally:
            rabbitmq.ctl("set_vm_memory_high_watermark", "0.4")
        wait_until(lambda: _publishes(publisher))
        publisher.close()

    def test_an_absent_broker_is_an_error(self) -> None:
        publisher = ConfirmingPublisher(f"amqp://guest@127.0.0.1:{free_port()}//", "x")

        with pytest.raises(PublisherUnavailableError):
            publisher.publish(messages(1))


def _publishes(publisher: ConfirmingPublisher) -> bool:
    try:
        return len(publisher.publish(messages(1))) == 1
    except PublisherUnavailableError:
        return False


class TestTopology:
    def test_queues_are_quorum_and_do_not_count_returns(
        self, site: Site, rabbitmq: RabbitMQ
    ) -> None:
        lines = rabbitmq.ctl("list_queues", "name", "type", "durable", "arguments").splitlines()

        for name in (site.queue, f"{site.queue}.dead"):
            [line] = [line for line in lines if line.split("\t")[0] == name]
            assert "quorum\ttrue" in line
            assert '{"x-delivery-limit",2147483647}' in line
            assert "reject-publish" not in line

    def test_a_queue_takes_everything_of_its_source(self, site: Site) -> None:
        with site.publisher() as publisher:
            assert len(publisher.publish(messages(1, "any.thing.at.all"))) == 1

    def test_to_declare_again_changes_nothing(self, site: Site) -> None:
        site.publish(b"x")

        declare(site.amqp_url, site.topology)
        check(site.amqp_url, site.topology)

        assert site.depth() == 1

    def test_a_missing_queue_is_named(self, site: Site) -> None:
        with pytest.raises(TopologyError, match="nobody"):
            check(site.amqp_url, Topology({site.source: [site.consumer, "nobody"]}))

    def test_a_missing_exchange_is_named(self, site: Site) -> None:
        with pytest.raises(TopologyError, match=r"nowhere\.events"):
            check(site.amqp_url, Topology({"nowhere": []}))

    def test_a_queue_with_other_arguments_is_named(self, site: Site) -> None:
        other = f"{site.source}_other"
        with connect(site.amqp_url) as connection, connection.channel() as channel:
            Queue(f"{site.consumer}.{other}", durable=True)(channel).declare()

        with pytest.raises(TopologyError, match="not as declared"):
            declare(site.amqp_url, Topology({other: [site.consumer]}))

    def test_an_absent_broker_is_named(self) -> None:
        with pytest.raises(BrokerUnavailableError):
            wait_for_broker(f"amqp://guest@127.0.0.1:{free_port()}//", timeout=0.6)


class TestParking:
    def test_a_parked_body_can_be_looked_at_and_stays(self, site: Site) -> None:
        park(site.amqp_url, site.queue, b"\x00\xff", "no envelope")

        for _ in range(2):
            [parked] = peek_dead(site.amqp_url, site.queue)
            assert (parked.body, parked.reason) == (b"\x00\xff", "no envelope")

    def test_it_goes_back_to_the_queue_it_came_from(self, site: Site) -> None:
        for body in (b"one", b"two"):
            park(site.amqp_url, site.queue, body, "no envelope")

        assert requeue_dead(site.amqp_url, site.queue, limit=1) == 1
        assert requeue_dead(site.amqp_url, site.queue) == 1
        assert (site.depth(), site.depth(".dead")) == (2, 0)

    def test_parking_where_nothing_takes_it_is_an_error(self, site: Site) -> None:
        with pytest.raises(ParkingError):
            park(site.amqp_url, "nowhere", b"body", "no envelope")
