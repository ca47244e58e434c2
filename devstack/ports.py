from __future__ import annotations

import random
import socket
import threading
from pathlib import Path
from typing import Final

from devstack.errors import DevstackError
from devstack.port_register import PortRegister

LOOPBACK: Final = "127.0.0.1"
LOWEST: Final = 15_000
TRIES: Final = 500
EPHEMERAL_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")

_handed_out: set[int] = set()
_lock = threading.Lock()
_register = PortRegister()
_random = random.SystemRandom()  # a forked child must not try its parent's ports over again


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens, never the same one twice.

    It is promised to this process until it ends: no other that asks here is given it, while
    its server starts or restarts. And it lies below the range from which the kernel takes the
    ports of outgoing connections, which ask nobody.
    """
    highest = _ephemeral_start() - 1
    for _ in range(TRIES):
        port = _random.randint(LOWEST, highest)
        with _lock:
            if port not in _handed_out and _claim(port):
                _handed_out.add(port)
                return port
    raise DevstackError(f"no free port found between {LOWEST} and {highest} on {LOOPBACK}")


def is_listening(port: int) -> bool:
    """Say whether somebody accepts connections on this port of 127.0.0.1."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False


def _claim(port: int) -> bool:
    if not _register.claim(port):
        return False
    if _can_bind(port):
        return True
    _register.release(port)
    return False


def _can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _ephemeral_start() -> int:
    try:
        start = int(EPHEMERAL_RANGE.read_text(encoding="ascii").split()[0])
    except FileNotFoundError:
        start = 32_768
    # A machine that gives nearly all ports to outgoing connections leaves no quiet range.
    return start if start > LOWEST + TRIES else 32_768
