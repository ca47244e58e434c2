from __future__ import annotations

import socket

from devstack.ports import LOOPBACK, free_port, is_listening


def test_a_port_is_never_handed_out_twice():
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == len(ports)


def test_a_free_port_can_be_bound_and_is_then_seen_listening():
    port = free_port()
    assert not is_listening(port)

    with socket.create_server((LOOPBACK, port)):
        assert is_listening(port)

    assert not is_listening(port)
