"""Processes that die, and all of them restarted in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from random import Random
from typing import Final

from chaos.faults.base import Fault, again_and_again
from chaos.ground import Ground
from chaos.supervisor import Key
from cli.processes import ROLES
from devstack.errors import DevstackError
from devstack.identity import Ending
from services import graph

__all__ = ["killed", "rolling_restart"]

BETWEEN_KILLS_S: Final = (1.0, 3.0)


def killed(role: str) -> Fault:
    """Return the fault that kills processes of that role with SIGKILL, one after the other."""
    return partial(_killed, role=role)


def _killed(ground: Ground, random: Random, *, role: str) -> AbstractContextManager[None]:
    def kill_one() -> None:
        service = random.choice(graph.SERVICES)
        if ground.supervisor.kill((service, role)):
            ground.counts[f"{role} killed"] += 1

    return again_and_again(ground, random, kill_one, BETWEEN_KILLS_S)


@contextmanager
def rolling_restart(ground: Ground, random: Random) -> Iterator[None]:
    """Ask every process to end, a service at a time, and start it again when it has."""
    services = list(graph.SERVICES)
    random.shuffle(services)
    with ThreadPoolExecutor(len(ROLES)) as pool:
        for service in services:
            list(pool.map(partial(_restart, ground), [(service, role) for role in ROLES]))
    yield


def _restart(ground: Ground, key: Key) -> None:
    ground.supervisor.rest(key)
    try:
        process = ground.district.running()[key]
        began = time.monotonic()
        ending = process.stop()
        if ending is Ending.KILLED:
            took = time.monotonic() - began
            ground.findings.append(f"DRAIN {process.name} did not end within {took:.0f} s")
        if ending is Ending.ENDED and process.exit_code:
            ground.counts[f"{process.name} ended with {process.exit_code}"] += 1
        ground.district.start_one(*key)
        ground.counts["restarted in order"] += 1
    finally:
        ground.supervisor.resume(key)
    try:
        ground.district.wait_ready(*key)
    except DevstackError:  # another fault has it; the supervisor starts it again
        ground.counts["struck while starting"] += 1
