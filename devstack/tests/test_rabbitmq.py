from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import kombu
import pytest
from amqp.exceptions import AccessRefused

from devstack.errors import DevstackError
from devstack.pytest_plugin import FreshVhost
from devstack.rabbitmq import RabbitMQ

PERSISTENT = 2


def publish(url: str, queue: kombu.Queue, body: str) -> None:
    with kombu.Connection(url, transport_options={"confirm_publish": True}) as connection:
        connection.Producer().publish(
            body, routing_key=queue.name, declare=[queue], delivery_mode=PERSISTENT
        )


def take(url: str, queue: kombu.Queue) -> str | None:
    with kombu.Connection(url) as connection:
        message = queue.bind(connection.default_channel).get()
        if message is None:
            return None
        message.ack()
        return message.payload


def test_a_message_comes_back(amqp_url: str, unique_name: Callable[[], str]):
    queue = kombu.Queue(unique_name(), durable=True)

    publish(amqp_url, queue, "受理")

    assert take(amqp_url, queue) == "受理"
    assert take(amqp_url, queue) is None


def test_durable_messages_survive_a_kill_of_the_broker(
    rabbitmq: RabbitMQ, unique_name: Callable[[], str]
):
    url, port = rabbitmq.url(), rabbitmq.port
    queues = {
        kind: kombu.Queue(unique_name(), durable=True, queue_arguments={"x-queue-type": kind})
        for kind in ("classic", "quorum")
    }
    for kind, queue in queues.items():
        publish(url, queue, kind)
    rabbitmq.wait_recoverable(queues["quorum"].name)

    rabbitmq.kill()
    assert not rabbitmq.alive()
    rabbitmq.restart()

    assert rabbitmq.port == port
    assert {kind: take(url, queue) for kind, queue in queues.items()} == {
        "classic": "classic",
        "quorum": "quorum",
    }


def test_a_queue_that_is_not_on_disk_is_named(rabbitmq: RabbitMQ):
    with pytest.raises(DevstackError, match="not on disk: no_such_queue"):
        rabbitmq.wait_recoverable("no_such_queue", deadline=0.1)


def test_a_virtual_host_of_its_own_shares_nothing(
    fresh_vhost: FreshVhost, amqp_url: str, unique_name: Callable[[], str]
):
    own = fresh_vhost()
    queue = kombu.Queue(unique_name(), durable=True)
    publish(own, queue, "here")
    publish(amqp_url, queue, "there")

    assert take(own, queue) == "here"


def test_nobody_gets_in_without_the_password(rabbitmq: RabbitMQ):
    url = f"amqp://guest:guest@127.0.0.1:{rabbitmq.port}//"

    with kombu.Connection(url) as connection, pytest.raises(AccessRefused):
        connection.connect()


def test_a_failed_command_says_why(rabbitmq: RabbitMQ):
    with pytest.raises(DevstackError, match=r"delete_vhost failed(?s:.*)no-such-vhost"):
        rabbitmq.delete_vhost("no-such-vhost")


def test_node_and_epmd_are_ours_alone_and_never_run_as_root(rabbitmq: RabbitMQ):
    records = rabbitmq.records()

    assert [record.name for record in records] == ["epmd", "rabbitmq"]
    for record in records:
        owner = Path(f"/proc/{record.identity.pid}").stat().st_uid
        assert owner != 0
        if os.geteuid() == 0:
            assert pwd.getpwuid(owner).pw_name == "rabbitmq"


def test_no_port_of_the_broker_is_open_to_other_machines(rabbitmq: RabbitMQ):
    inodes = set()
    for record in rabbitmq.records():
        for pid in (record.identity.pid, *(c.pid for c in record.identity.descendants())):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                target = str(link.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])

    assert {address for address, inode in listening() if inode in inodes} == {"127.0.0.1", "::1"}


def listening() -> list[tuple[str, str]]:
    """Return address and inode of all listening TCP sockets of this machine."""
    known = {"0100007F": "127.0.0.1", "0" * 24 + "01000000": "::1"}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                address = fields[1].split(":")[0]
                found.append((known.get(address, address), fields[9]))
    return found
