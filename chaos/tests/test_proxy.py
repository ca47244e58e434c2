"""The proxy: what passes is unchanged, and the faults of a line are those that were asked for."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from chaos.proxy import LOOPBACK, Network

PIECE = bytes(range(256)) * 64


@pytest.fixture
def network():
    found = Network()
    yield found
    found.close()


@pytest.fixture
def echo():
    """A server that answers with what it heard; returns its port."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(20)

        def serve(talking):
            with talking, contextlib.suppress(OSError):
                while heard := talking.recv(65536):
                    talking.sendall(heard)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    talking, _ = listening.accept()
                    threading.Thread(target=serve, args=(talking,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(20)


def connected(line):
    return socket.create_connection((LOOPBACK, line.port), timeout=20)


def hear(talking, size):
    found = b""
    while len(found) < size and (more := talking.recv(65536)):
        found += more
    return found


def test_what_passes_comes_back_unchanged(network, echo):
    line = network.add("client>server", echo)
    with connected(line) as talking:
        for _ in range(20):
            talking.sendall(PIECE)
            assert hear(talking, len(PIECE)) == PIECE
    assert line.connections == 1


def test_a_connection_is_cut_in_the_middle_of_what_is_said(network, echo):
    line = network.add("client>server", echo)
    with connected(line) as talking:
        talking.sendall(b"hello")
        assert hear(talking, 5) == b"hello"
        assert network.cut(line, lambda: 100) == 1
        with contextlib.suppress(OSError):
            talking.sendall(PIECE)
            assert len(hear(talking, len(PIECE))) <= 100
    assert line.cuts == 1
    assert not line.pairs


def test_after_a_cut_a_new_connection_is_as_good_as_any(network, echo):
    line = network.add("client>server", echo)
    with connected(line) as talking:
        talking.sendall(b"a")
        hear(talking, 1)
        assert network.break_off(line) == 1
        with contextlib.suppress(ConnectionError):
            assert talking.recv(1) == b""
    with connected(line) as talking:
        talking.sendall(PIECE)
        assert hear(talking, len(PIECE)) == PIECE


def test_what_is_held_comes_later_and_in_its_order(network, echo):
    line = network.add("client>server", echo)
    with connected(line) as talking, network.held(line):
        talking.sendall(b"one ")
        talking.settimeout(0.3)
        with pytest.raises(TimeoutError):
            talking.recv(1)
        talking.sendall(b"two")
        talking.settimeout(20)
        line.held = False
        assert hear(talking, 7) == b"one two"


def test_a_slow_line_takes_its_time_in_both_directions(network, echo):
    line = network.add("client>server", echo)
    with connected(line) as talking:
        talking.sendall(b"a")
        hear(talking, 1)
        with network.slow(line, 0.2):
            began = time.monotonic()
            talking.sendall(PIECE)
            assert hear(talking, len(PIECE)) == PIECE
        assert time.monotonic() - began >= 0.4


def test_where_nobody_listens_the_connection_is_closed(network):
    with socket.create_server((LOOPBACK, 0)) as nobody:
        port = nobody.getsockname()[1]
    line = network.add("client>nobody", port)
    with connected(line) as talking:
        assert talking.recv(1) == b""
