from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devstack import ports
from devstack.errors import DevstackError
from devstack.port_register import PortRegister
from devstack.ports import LOOPBACK, free_port, is_listening

# A process that asks for ports and starts nothing on them before its input ends.
ASKS_AND_WAITS = """
import sys
from devstack import ports
first, count, wanted = map(int, sys.argv[1:])
ports.LOWEST, ports._ephemeral_start = first, lambda: first + count
print(*(ports.free_port() for _ in range(wanted)), flush=True)
sys.stdin.read()
"""
FIRST, COUNT = 21_000, 60


@contextmanager
def another_district_starting(wanted: int) -> Iterator[set[int]]:
    """Another process was given these ports and has not started its servers yet."""
    with subprocess.Popen(
        [sys.executable, "-c", ASKS_AND_WAITS, str(FIRST), str(COUNT), str(wanted)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield set(map(int, process.stdout.readline().split()))
        finally:
            process.kill()


@pytest.fixture
def few_ports(monkeypatch):
    monkeypatch.setattr(ports, "LOWEST", FIRST)
    monkeypatch.setattr(ports, "_ephemeral_start", lambda: FIRST + COUNT)


def test_a_port_is_never_handed_out_twice():
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == len(ports)


def test_a_free_port_can_be_bound_and_is_then_seen_listening():
    port = free_port()
    assert not is_listening(port)

    with socket.create_server((LOOPBACK, port)):
        assert is_listening(port)

    assert not is_listening(port)


@pytest.mark.usefixtures("few_ports")
def test_two_districts_that_start_beside_each_other_are_given_different_ports():
    with another_district_starting(wanted=20) as theirs:
        ours = {free_port() for _ in range(20)}

    assert len(theirs) == len(ours) == 20
    assert not ours & theirs


def test_a_port_is_promised_until_the_process_ends_however_that_ends():
    with another_district_starting(wanted=1) as theirs:
        [port] = theirs
        assert not ports._register.claim(port)

    assert ports._register.claim(port)


def test_a_port_on_which_somebody_listens_is_not_kept_from_others(monkeypatch):
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "LOWEST", port)
        monkeypatch.setattr(ports, "_ephemeral_start", lambda: port + 1)
        with pytest.raises(DevstackError, match="no free port found"):
            free_port()

    asks = "import sys; from devstack import ports; print(ports._register.claim(int(sys.argv[1])))"
    told = subprocess.run(
        [sys.executable, "-c", asks, str(port)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "True"


def test_the_register_is_open_to_every_user_and_follows_no_link(tmp_path):
    path = tmp_path / "ports"
    assert PortRegister(path).claim(15_000)
    assert path.stat().st_mode & 0o777 == 0o666

    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(DevstackError, match=r"register of ports .*link cannot be used"):
        PortRegister(link).claim(15_001)
